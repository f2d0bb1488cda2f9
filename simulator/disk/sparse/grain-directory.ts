/** The grain directory and tables before the grains. They tell how many grains there are. */
import type { ByteSource } from "../byte-source.ts";
import { DiskFormatError } from "../disk-format-error.ts";
import { SECTOR_BYTES } from "../sectors.ts";
import type { SparseHeader } from "./sparse-header.ts";

const ENTRY_BYTES = 4;
const TABLE_ENTRIES = 512;
const TABLE_BYTES = TABLE_ENTRIES * ENTRY_BYTES;
/** An entry of 1 means a grain of zeros that is not in the file. */
const ZERO_GRAIN = 1;

/**
 * Counts the grains in the tables before them. Undefined if the directory comes after the grains.
 *
 * @throws DiskFormatError if directory or tables are not where the header says.
 */
export async function countGrains(source: ByteSource, header: SparseHeader): Promise<number | undefined> {
  if (header.directorySector === undefined || header.directorySector >= header.overheadSectors)
    return undefined;
  const grains = Math.ceil(header.capacitySectors / header.grainSectors);
  const directory = await readAt(
    source,
    header.directorySector,
    Math.ceil(grains / TABLE_ENTRIES) * ENTRY_BYTES,
  );
  const tables: number[] = [];
  for (let at = 0; at < directory.length; at += ENTRY_BYTES) {
    const sector = directory.readUInt32LE(at);
    if (sector !== 0) tables.push(sector);
  }
  let count = 0;
  for (const sector of tables.sort((a, b) => a - b)) {
    if (sector >= header.overheadSectors) throw misplaced();
    const table = await readAt(source, sector, TABLE_BYTES);
    for (let at = 0; at < TABLE_BYTES; at += ENTRY_BYTES) if (table.readUInt32LE(at) > ZERO_GRAIN) count++;
  }
  return count;
}

async function readAt(source: ByteSource, sector: number, bytes: number): Promise<Buffer> {
  const ahead = sector * SECTOR_BYTES - source.position;
  if (ahead < 0) throw misplaced();
  if (!(await source.skip(ahead)) || !(await source.fill(bytes))) {
    throw new DiskFormatError("corrupt sparse VMDK: it ends early");
  }
  return Buffer.from(source.take(bytes));
}

function misplaced(): DiskFormatError {
  return new DiskFormatError("corrupt sparse VMDK: its grain directory is misplaced");
}
