/** Builds streamOptimized images, sound ones and damaged ones. */
import { deflateSync } from "node:zlib";

export const GRAIN_BYTES = 65_536;
const SECTOR = 512;
const GRAIN_SECTORS = GRAIN_BYTES / SECTOR;
const TABLE_ENTRIES = 512;

/** A grain's place in the disk, in grains, and what it holds. */
type GrainAt = readonly [index: number, data: Buffer];

export interface ImageOptions {
  readonly capacitySectors: number;
  readonly grains: readonly GrainAt[];
  /** Grain directory before the grains and no end marker, as qemu-img writes it; default: after them, as VMware does. */
  readonly directoryInFront?: boolean;
  /** The header says where the directory behind the grains is, as it does after a writer could seek back. */
  readonly directoryInHeader?: boolean;
  /** Changes the header before it is written. */
  readonly header?: (sector: Buffer) => void;
  readonly createType?: string;
}

export function buildImage(options: ImageOptions): Buffer {
  const descriptor = pad(
    Buffer.from(
      `# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n` +
        `createType="${options.createType ?? "streamOptimized"}"\n\nRDONLY ${options.capacitySectors} SPARSE "x.vmdk"\n`,
    ),
  );
  return options.directoryInFront ? inFront(options, descriptor) : atEnd(options, descriptor);
}

export function grainRecord(index: number, data: Buffer, compressed = deflateSync(data)): Buffer {
  const marker = Buffer.alloc(12);
  marker.writeBigUInt64LE(BigInt(index * GRAIN_SECTORS), 0);
  marker.writeUInt32LE(compressed.length, 8);
  return pad(Buffer.concat([marker, compressed]));
}

export function metadataMarker(type: number, sectors: number): Buffer {
  const marker = Buffer.alloc(SECTOR);
  marker.writeBigUInt64LE(BigInt(sectors), 0);
  marker.writeUInt32LE(type, 12);
  return marker;
}

function atEnd(options: ImageOptions, descriptor: Buffer): Buffer {
  const overhead = 128;
  const out = new Output();
  out.add(makeHeader(options, descriptor, overhead, 0xffff_ffff_ffff_ffffn));
  out.add(descriptor);
  out.padTo(overhead);
  const directory = Buffer.alloc(tableCount(options) * 4);
  for (let table = 0; table < tableCount(options); table++) {
    const entries = Buffer.alloc(TABLE_ENTRIES * 4);
    const inTable = options.grains.filter(([index]) => Math.floor(index / TABLE_ENTRIES) === table);
    for (const [index, data] of inTable) {
      entries.writeUInt32LE(out.sectors, (index % TABLE_ENTRIES) * 4);
      out.add(grainRecord(index, data));
    }
    if (inTable.length === 0) continue;
    out.add(metadataMarker(1, 4));
    directory.writeUInt32LE(out.sectors, table * 4);
    out.add(entries);
  }
  out.add(metadataMarker(2, pad(directory).length / SECTOR));
  const directorySector = out.sectors;
  out.add(pad(directory));
  out.add(metadataMarker(3, 1));
  const footer = makeHeader(options, descriptor, overhead, BigInt(directorySector));
  out.add(footer);
  out.add(metadataMarker(0, 0));
  const bytes = out.bytes();
  if (options.directoryInHeader) footer.copy(bytes);
  return bytes;
}

function inFront(options: ImageOptions, descriptor: Buffer): Buffer {
  const tables = tableCount(options);
  const directorySector = 1 + descriptor.length / SECTOR;
  const directory = pad(Buffer.alloc(tables * 4));
  const firstTable = directorySector + directory.length / SECTOR;
  const overhead = Math.ceil((firstTable + tables * 4) / GRAIN_SECTORS) * GRAIN_SECTORS;
  const entries = Buffer.alloc(tables * TABLE_ENTRIES * 4);
  const out = new Output();
  let sector = overhead;
  const records = options.grains.map(([index, data]) => {
    const record = grainRecord(index, data);
    entries.writeUInt32LE(sector, index * 4);
    sector += record.length / SECTOR;
    return record;
  });
  for (let table = 0; table < tables; table++) directory.writeUInt32LE(firstTable + table * 4, table * 4);
  out.add(makeHeader(options, descriptor, overhead, BigInt(directorySector)));
  out.add(descriptor);
  out.add(directory);
  out.add(entries);
  out.padTo(overhead);
  for (const record of records) out.add(record);
  return out.bytes();
}

function tableCount({ capacitySectors }: ImageOptions): number {
  return Math.ceil(Math.ceil(capacitySectors / GRAIN_SECTORS) / TABLE_ENTRIES);
}

function makeHeader(options: ImageOptions, descriptor: Buffer, overhead: number, directory: bigint): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write("KDMV", 0, "latin1");
  header.writeUInt32LE(3, 4);
  header.writeUInt32LE(0x30001, 8);
  header.writeBigUInt64LE(BigInt(options.capacitySectors), 12);
  header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
  header.writeBigUInt64LE(1n, 28);
  header.writeBigUInt64LE(BigInt(descriptor.length / SECTOR), 36);
  header.writeUInt32LE(TABLE_ENTRIES, 44);
  header.writeBigUInt64LE(directory, 56);
  header.writeBigUInt64LE(BigInt(overhead), 64);
  header.write("\n \r\n", 73, "latin1");
  header.writeUInt16LE(1, 77);
  options.header?.(header);
  return header;
}

function pad(data: Buffer): Buffer {
  const rest = data.length % SECTOR;
  return rest === 0 ? data : Buffer.concat([data, Buffer.alloc(SECTOR - rest)]);
}

class Output {
  readonly #pieces: Buffer[] = [];
  sectors = 0;

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.sectors += piece.length / SECTOR;
  }

  padTo(sectors: number): void {
    this.add(Buffer.alloc((sectors - this.sectors) * SECTOR));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
