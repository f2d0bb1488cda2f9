import { deflateSync } from "node:zlib";

const SECTOR = 512;
const GRAIN_SECTORS = 128;
const GRAIN_BYTES = GRAIN_SECTORS * SECTOR;
const GTES_PER_TABLE = 512;
const DESCRIPTOR_SECTORS = 20;
const OVERHEAD_SECTORS = 128;
const GD_AT_END = 0xffff_ffff_ffff_ffffn;

const MARKER = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 };

/** What a test may bend in the header of a VMDK. */
export interface StreamVmdkOptions {
  /** Default 3, as ovftool and qemu write. */
  readonly version?: number;
  /** Capacity in sectors. Default: that of the raw disk. */
  readonly capacitySectors?: number;
  /** Default: compressed with markers. */
  readonly flags?: number;
}

/**
 * Writes a raw disk as a streamOptimized VMDK. Grains of zeros are left out.
 * @param raw a whole number of 512-byte sectors
 */
export function streamVmdk(raw: Uint8Array, options: StreamVmdkOptions = {}): Buffer {
  if (raw.byteLength % SECTOR !== 0) throw new RangeError("a disk is made of whole sectors");
  const compressed = (index: number): Buffer | undefined => {
    const start = index * GRAIN_BYTES;
    const grain = Buffer.alloc(GRAIN_BYTES);
    grain.set(raw.subarray(start, start + GRAIN_BYTES));
    return grain.every((byte) => byte === 0) ? undefined : deflateSync(grain);
  };
  return Buffer.concat([...streamVmdkPieces(raw.byteLength / SECTOR, compressed, options)]);
}

/**
 * The pieces of a streamOptimized VMDK one after the other, as VMware's "Virtual Disk Format 5.0" describes it: header,
 * descriptor, compressed grains and tables with markers, grain directory, footer, end of stream.
 * @param sectors the disk's size in 512-byte sectors
 * @param compressed the zlib stream of the grain with that number (64 KiB each); undefined for one that is left out
 */
export function* streamVmdkPieces(
  sectors: number,
  compressed: (index: number) => Buffer | undefined,
  options: StreamVmdkOptions = {},
): Generator<Buffer, void, void> {
  const capacity = options.capacitySectors ?? sectors;
  let sector = 0;
  const placed = (bytes: Buffer): Buffer => {
    const padded = Buffer.alloc(Math.ceil(bytes.length / SECTOR) * SECTOR);
    bytes.copy(padded);
    sector += padded.length / SECTOR;
    return padded;
  };

  yield placed(header(capacity, GD_AT_END, options));
  yield placed(descriptorOf(capacity));
  yield placed(Buffer.alloc((OVERHEAD_SECTORS - sector) * SECTOR));

  const directory: number[] = [];
  const grains = Math.ceil(sectors / GRAIN_SECTORS);
  for (let first = 0; first < grains; first += GTES_PER_TABLE) {
    const table = Buffer.alloc(GTES_PER_TABLE * 4);
    let filled = false;
    for (let index = 0; index < GTES_PER_TABLE && first + index < grains; index++) {
      const data = compressed(first + index);
      if (data === undefined) continue;
      const marker = Buffer.alloc(12);
      marker.writeBigUInt64LE(BigInt((first + index) * GRAIN_SECTORS), 0);
      marker.writeUInt32LE(data.length, 8);
      table.writeUInt32LE(sector, index * 4);
      filled = true;
      yield placed(Buffer.concat([marker, data]));
    }
    if (filled) {
      yield placed(metadataMarker(table.length / SECTOR, MARKER.grainTable));
      directory.push(sector);
      yield placed(table);
    } else {
      directory.push(0);
    }
  }
  const gd = Buffer.alloc(Math.max(directory.length, 1) * 4);
  directory.forEach((at, index) => {
    gd.writeUInt32LE(at, index * 4);
  });
  yield placed(metadataMarker(Math.ceil(gd.length / SECTOR), MARKER.grainDirectory));
  const gdOffset = sector;
  yield placed(gd);
  yield placed(metadataMarker(1, MARKER.footer));
  yield placed(header(capacity, BigInt(gdOffset), options));
  yield placed(metadataMarker(0, MARKER.endOfStream));
}

/** A raw disk with recognizable content in some of its grains, the same for the same seed. */
export function rawDisk(sizeBytes: number, seed = 1): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < sizeBytes; at += 4) {
    // Every third grain stays empty, so that sparse ranges are covered.
    if (Math.floor(at / GRAIN_BYTES) % 3 === 2) continue;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    disk.writeUInt32LE(state, at);
  }
  return disk;
}

function header(capacitySectors: number, gdOffset: bigint, options: StreamVmdkOptions): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.write("KDMV", 0, "latin1");
  bytes.writeUInt32LE(options.version ?? 3, 4);
  bytes.writeUInt32LE(options.flags ?? 0x30001, 8);
  bytes.writeBigUInt64LE(BigInt(capacitySectors), 12);
  bytes.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(BigInt(DESCRIPTOR_SECTORS), 36);
  bytes.writeUInt32LE(GTES_PER_TABLE, 44);
  bytes.writeBigUInt64LE(0n, 48);
  bytes.writeBigUInt64LE(gdOffset, 56);
  bytes.writeBigUInt64LE(BigInt(OVERHEAD_SECTORS), 64);
  bytes.write("\n \r\n", 73, "latin1");
  bytes.writeUInt16LE(1, 77);
  return bytes;
}

function descriptorOf(capacitySectors: number): Buffer {
  const text = [
    "# Disk DescriptorFile",
    "version=1",
    "CID=7e57d15c",
    "parentCID=ffffffff",
    'createType="streamOptimized"',
    "",
    "# Extent description",
    `RDONLY ${capacitySectors} SPARSE "generated-stream.vmdk"`,
    "",
    "# The Disk Data Base",
    'ddb.virtualHWVersion = "13"',
    'ddb.adapterType = "lsilogic"',
    "",
  ].join("\n");
  const bytes = Buffer.alloc(DESCRIPTOR_SECTORS * SECTOR);
  bytes.write(text, "latin1");
  return bytes;
}

function metadataMarker(sectors: number, type: number): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.writeBigUInt64LE(BigInt(sectors), 0);
  bytes.writeUInt32LE(type, 12);
  return bytes;
}
