import { inSectors, putBoth16, putBoth32, SECTOR_BYTES, sectorsOf, ucs2 } from "./fields.ts";
import { type Extent, folderBytes, folderSectors, rootRecord } from "./folder.ts";
import { checkLabel, namesOf } from "./names.ts";

/** Readers find the descriptors here. The sectors before are for boot code. */
const FIRST_DESCRIPTOR = 16;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;
/** Says that the names are UCS-2: Joliet, level 3. */
const JOLIET = Buffer.from("%/E", "latin1");
const PATH_TABLE_BYTES = 10;
const CREATED = "1970010100000000";
const NO_DATE = "0".repeat(16);

/** One of the two lists of the files: plain names, or Joliet's. */
interface NameList extends Extent {
  readonly isJoliet: boolean;
  /** Sector of the path table. The table in the other byte order is in the next sector. */
  readonly pathTable: number;
}

/**
 * An ISO 9660 image with Joliet: one folder with a few small files, for guests that look for their settings there. The
 * same content gives the same bytes.
 *
 * @param label The volume's label, by which guests recognize it: `OVF ENV`, `cidata`.
 * @throws Error for a label or a name that such an image cannot have.
 */
export function isoImage(label: string, files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  checkLabel(label);
  const names = namesOf(Object.keys(files));
  const contents = Object.values(files).map((content) => Buffer.from(content));
  const tables = FIRST_DESCRIPTOR + 3;
  const plainSectors = folderSectors(names.map(({ plain }) => ({ name: plain })));
  const jolietSectors = folderSectors(names.map(({ joliet }) => ({ name: joliet })));
  const plainFolder = { at: tables + 4, bytes: plainSectors * SECTOR_BYTES };
  const jolietFolder = { at: plainFolder.at + plainSectors, bytes: jolietSectors * SECTOR_BYTES };
  let next = jolietFolder.at + jolietSectors;
  const extents = contents.map(({ length: bytes }): Extent => {
    const at = next;
    next += sectorsOf(bytes);
    return { at, bytes };
  });
  const plainList = { ...plainFolder, isJoliet: false, pathTable: tables };
  const jolietList = { ...jolietFolder, isJoliet: true, pathTable: tables + 2 };
  const entries = (kind: "plain" | "joliet") =>
    names.flatMap((name, index) => {
      const extent = extents[index];
      return extent === undefined ? [] : [{ ...extent, name: name[kind] }];
    });
  return Buffer.concat([
    Buffer.alloc(FIRST_DESCRIPTOR * SECTOR_BYTES),
    descriptor(label, next, plainList),
    descriptor(label, next, jolietList),
    terminator(),
    ...pathTables(plainFolder.at),
    ...pathTables(jolietFolder.at),
    folderBytes(plainFolder.at, entries("plain")),
    folderBytes(jolietFolder.at, entries("joliet")),
    ...contents.map(inSectors),
  ]);
}

function descriptor(label: string, sectors: number, list: NameList): Buffer {
  const made = started(list.isJoliet ? SUPPLEMENTARY : PRIMARY);
  const text = (at: number, bytes: number, value = "") => {
    const blank = list.isJoliet ? ucs2(" ".repeat(bytes / 2)) : Buffer.alloc(bytes, " ");
    made.set(blank, at);
    made.set(list.isJoliet ? ucs2(value) : Buffer.from(value, "latin1"), at);
  };
  text(8, 32);
  text(40, 32, label);
  putBoth32(made, 80, sectors);
  if (list.isJoliet) made.set(JOLIET, 88);
  putBoth16(made, 120, 1);
  putBoth16(made, 124, 1);
  putBoth16(made, 128, SECTOR_BYTES);
  putBoth32(made, 132, PATH_TABLE_BYTES);
  made.writeUInt32LE(list.pathTable, 140);
  made.writeUInt32BE(list.pathTable + 1, 148);
  made.set(rootRecord(list), 156);
  // Volume set, publisher, preparer, application.
  for (const at of [190, 318, 446, 574]) text(at, 128);
  // Files with copyright, abstract and bibliography.
  for (const at of [702, 739, 776]) text(at, list.isJoliet ? 36 : 37);
  // Dates: created, modified, expires, effective.
  for (const [at, date] of [
    [813, CREATED],
    [830, CREATED],
    [847, NO_DATE],
    [864, NO_DATE],
  ] as const) {
    made.write(date, at, "latin1");
  }
  made[881] = 1;
  return made;
}

const terminator = (): Buffer => started(TERMINATOR);

function started(kind: number): Buffer {
  const made = Buffer.alloc(SECTOR_BYTES);
  made[0] = kind;
  made.write("CD001", 1, "latin1");
  made[6] = 1;
  return made;
}

/** The list of all folders, which has only the root: little-endian and big-endian. */
function pathTables(folder: number): [Buffer, Buffer] {
  const [little, big] = [Buffer.alloc(SECTOR_BYTES), Buffer.alloc(SECTOR_BYTES)];
  for (const table of [little, big]) table[0] = 1;
  little.writeUInt32LE(folder, 2);
  little.writeUInt16LE(1, 6);
  big.writeUInt32BE(folder, 2);
  big.writeUInt16BE(1, 6);
  return [little, big];
}
