import { inSectors, putBoth16, putBoth32, SECTOR_BYTES, sectorsOf } from "./fields.ts";

/** The place of something in the image. */
export interface Extent {
  /** First sector. */
  readonly at: number;
  readonly bytes: number;
}

export interface FolderEntry extends Extent {
  readonly name: Buffer;
}

const RECORD_HEAD_BYTES = 33;
const FOLDER_FLAG = 2;
/** 1970-01-01 in UTC: years since 1900, month, day, hour, minute, second, zone. The same bytes for the same content. */
const DATE = Buffer.from([70, 1, 1, 0, 0, 0, 0]);
const SELF = Buffer.from([0]);
const PARENT = Buffer.from([1]);

/** The record by which a descriptor names the folder. */
export const rootRecord = (folder: Extent): Buffer => record({ ...folder, name: SELF }, true);

/** The one folder of an image, in whole sectors. Its entries are sorted by name, as readers expect. */
export function folderBytes(at: number, entries: readonly FolderEntry[]): Buffer {
  const folder = { at, bytes: folderSectors(entries) * SECTOR_BYTES };
  const sorted = [...entries].sort((a, b) => Buffer.compare(a.name, b.name));
  const records = [record({ ...folder, name: SELF }, true), record({ ...folder, name: PARENT }, true)];
  return inSectors(inSequence([...records, ...sorted.map((entry) => record(entry, false))]));
}

/** How many sectors the folder with these names takes. */
export function folderSectors(entries: readonly Pick<FolderEntry, "name">[]): number {
  const own = [SELF, PARENT, ...[...entries].map(({ name }) => name).sort(Buffer.compare)];
  return sectorsOf(inSequence(own.map((name) => Buffer.alloc(recordBytes(name)))).length);
}

/** No record may cross a sector border. */
function inSequence(records: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let used = 0;
  for (const one of records) {
    const room = SECTOR_BYTES - (used % SECTOR_BYTES);
    const gap = one.length > room ? room : 0;
    parts.push(Buffer.alloc(gap), one);
    used += gap + one.length;
  }
  return Buffer.concat(parts);
}

const recordBytes = (name: Buffer): number =>
  RECORD_HEAD_BYTES + name.length + (name.length % 2 === 0 ? 1 : 0);

function record({ name, at, bytes }: FolderEntry, isFolder: boolean): Buffer {
  const made = Buffer.alloc(recordBytes(name));
  made[0] = made.length;
  putBoth32(made, 2, at);
  putBoth32(made, 10, bytes);
  made.set(DATE, 18);
  made[25] = isFolder ? FOLDER_FLAG : 0;
  putBoth16(made, 28, 1);
  made[32] = name.length;
  made.set(name, RECORD_HEAD_BYTES);
  return made;
}
