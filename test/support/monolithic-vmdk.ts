const SECTOR = 512;
const GRAIN_SECTORS = 128;
const GRAIN_BYTES = GRAIN_SECTORS * SECTOR;
const TABLE_ENTRIES = 512;
const DESCRIPTOR_SECTORS = 20;

/** A raw disk of at most 32 MiB as a monolithicSparse VMDK of version 1, as qemu-img and VirtualBox write it. */
export function monolithicVmdk(raw: Uint8Array): Buffer {
  const sectors = raw.byteLength / SECTOR;
  const descriptor = Buffer.alloc(DESCRIPTOR_SECTORS * SECTOR);
  descriptor.write(
    `# Disk DescriptorFile\nversion=1\nCID=7e57d15c\nparentCID=ffffffff\ncreateType="monolithicSparse"\n\n` +
      `RW ${sectors} SPARSE "other.vmdk"\n`,
  );
  const directorySector = 1 + DESCRIPTOR_SECTORS;
  const directory = Buffer.alloc(SECTOR);
  directory.writeUInt32LE(directorySector + 1);
  const table = Buffer.alloc(TABLE_ENTRIES * 4);
  const grains: Buffer[] = [];
  for (let index = 0; index * GRAIN_BYTES < raw.byteLength; index++) {
    const grain = Buffer.alloc(GRAIN_BYTES);
    grain.set(raw.subarray(index * GRAIN_BYTES, (index + 1) * GRAIN_BYTES));
    if (grain.every((byte) => byte === 0)) continue;
    table.writeUInt32LE((grains.length + 1) * GRAIN_SECTORS, index * 4);
    grains.push(grain);
  }
  const front = Buffer.concat([headerOf(sectors, directorySector), descriptor, directory, table]);
  return Buffer.concat([front, Buffer.alloc(GRAIN_BYTES - front.length), ...grains]);
}

function headerOf(sectors: number, directorySector: number): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write("KDMV", 0, "latin1");
  header.writeUInt32LE(1, 4);
  header.writeUInt32LE(3, 8);
  header.writeBigUInt64LE(BigInt(sectors), 12);
  header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
  header.writeBigUInt64LE(1n, 28);
  header.writeBigUInt64LE(BigInt(DESCRIPTOR_SECTORS), 36);
  header.writeUInt32LE(TABLE_ENTRIES, 44);
  header.writeBigUInt64LE(BigInt(directorySector), 56);
  header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 64);
  header.write("\n \r\n", 73, "latin1");
  return header;
}
