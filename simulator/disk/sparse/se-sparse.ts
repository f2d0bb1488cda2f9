/**
 * The file with the changes of a delta disk on VMFS 6: a directory of tables of 4 KiB grains. Each grain is in the
 * file, or it is the parent's.
 */
import { type FileHandle, open } from "node:fs/promises";
import { DiskFormatError } from "../disk-format-error.ts";
import { SECTOR_BYTES } from "../sectors.ts";

export const GRAIN_BYTES = 4096;

const CONST_MAGIC = 0xcafe_baben;
const VOLATILE_MAGIC = 0xcafe_cafen;
const VERSION = 0x2_0000_0001n;
const TABLE_SECTORS = 64;
const TABLE_BYTES = TABLE_SECTORS * SECTOR_BYTES;
const TABLE_ENTRIES = TABLE_BYTES / 8;
/** How much of the disk one table covers. */
const TABLE_COVERS = TABLE_ENTRIES * GRAIN_BYTES;
const ALIGN_SECTORS = 2048;

const PRESENT_TABLE = 0x1000_0000_0000_0000n;
const PRESENT_GRAIN = 0x3000_0000_0000_0000n;
const ZERO_GRAIN = 0x2000_0000_0000_0000n;
const KIND = 0xf000_0000_0000_0000n;

/** Places in sectors. */
interface Layout {
  readonly directory: number;
  readonly directorySize: number;
  readonly tables: number;
  readonly tablesSize: number;
  readonly grains: number;
}

/** The place of a grain: at this offset of the file, all zeros, or in the parent. */
export type GrainPlace = number | "zero" | "parent";

export class SeSparse {
  readonly #file: FileHandle;
  readonly #layout: Layout;
  readonly #directory: Buffer;
  readonly #tables = new Map<number, Buffer>();
  #nextTable: number;
  #nextGrain: number;

  private constructor(file: FileHandle, layout: Layout, directory: Buffer, sizeBytes: number) {
    this.#file = file;
    this.#layout = layout;
    this.#directory = directory;
    this.#nextTable = 0;
    for (let at = 0; at < directory.length; at += 8) {
      const entry = directory.readBigUInt64LE(at);
      if (entry !== 0n) this.#nextTable = Math.max(this.#nextTable, Number(entry & 0xffff_ffffn) + 1);
    }
    this.#nextGrain = Math.max(0, Math.ceil((sizeBytes - layout.grains * SECTOR_BYTES) / GRAIN_BYTES));
  }

  /** Writes a file without changes, for a disk of this capacity in bytes. */
  static async create(path: string, capacityBytes: number): Promise<void> {
    const layout = layoutFor(capacityBytes);
    const header = Buffer.alloc(2 * SECTOR_BYTES);
    const sectors = Math.ceil(capacityBytes / SECTOR_BYTES);
    const grains = Math.ceil(capacityBytes / GRAIN_BYTES);
    const fields = [
      CONST_MAGIC,
      VERSION,
      sectors,
      GRAIN_BYTES / SECTOR_BYTES,
      TABLE_SECTORS,
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      2,
      2,
      ALIGN_SECTORS,
      ALIGN_SECTORS,
      layout.directory,
      layout.directorySize,
      layout.tables,
      layout.tablesSize,
      layout.grains - 2,
      1,
      layout.grains - 1,
      1,
      layout.grains,
      grains * (GRAIN_BYTES / SECTOR_BYTES),
    ];
    fields.forEach((value, index) => {
      header.writeBigUInt64LE(BigInt(value), index * 8);
    });
    header.writeBigUInt64LE(VOLATILE_MAGIC, SECTOR_BYTES);
    const file = await open(path, "wx");
    try {
      await file.write(header, 0, header.length, 0);
      await file.truncate(layout.grains * SECTOR_BYTES);
    } finally {
      await file.close();
    }
  }

  /** @throws DiskFormatError if it is no file of this kind */
  static async open(path: string, flags: "r" | "r+"): Promise<SeSparse> {
    const file = await open(path, flags);
    try {
      const header = await readAt(file, 0, 2 * SECTOR_BYTES);
      const field = (index: number): number => Number(header.readBigUInt64LE(index * 8));
      if (
        header.readBigUInt64LE(0) !== CONST_MAGIC ||
        header.readBigUInt64LE(SECTOR_BYTES) !== VOLATILE_MAGIC
      )
        throw new DiskFormatError("invalid sparse VMDK header");
      const layout: Layout = {
        directory: field(16),
        directorySize: field(17),
        tables: field(18),
        tablesSize: field(19),
        grains: field(24),
      };
      const directory = await readAt(
        file,
        layout.directory * SECTOR_BYTES,
        layout.directorySize * SECTOR_BYTES,
      );
      return new SeSparse(file, layout, directory, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The place of each of these grains. Their numbers count from the disk's start, in order. */
  async places(grains: readonly number[]): Promise<GrainPlace[]> {
    const places: GrainPlace[] = [];
    let number = -1;
    let table: Buffer | undefined;
    for (const grain of grains) {
      if (Math.floor(grain / TABLE_ENTRIES) !== number) {
        number = Math.floor(grain / TABLE_ENTRIES);
        table = await this.#table(number);
      }
      places.push(table === undefined ? "parent" : this.#place(table, grain));
    }
    return places;
  }

  /** Reads the bytes at an offset of the file. */
  async readInto(buffer: Buffer, offset: number): Promise<void> {
    await this.#file.read(buffer, 0, buffer.length, offset);
  }

  /** Writes whole grains in a row, beginning with this one. */
  async write(first: number, data: Buffer): Promise<void> {
    const grains = Array.from({ length: data.length / GRAIN_BYTES }, (_, index) => first + index);
    const known = await this.places(grains);
    const places = known.map((place) =>
      typeof place === "number" ? place : this.#offset(this.#nextGrain++),
    );
    for (let from = 0, to = 1; from < places.length; from = to++) {
      const start = places[from] ?? 0;
      while (to < places.length && places[to] === start + (to - from) * GRAIN_BYTES) to++;
      await this.#file.write(data, from * GRAIN_BYTES, (to - from) * GRAIN_BYTES, start);
    }
    const added = grains.filter((_, index) => typeof known[index] !== "number");
    for (let at = 0; at < added.length; ) {
      const number = Math.floor((added[at] ?? 0) / TABLE_ENTRIES);
      const table = await this.#writableTable(number);
      for (; Math.floor((added[at] ?? -1) / TABLE_ENTRIES) === number; at++) {
        const grain = added[at] ?? 0;
        const place = places[grain - first] ?? 0;
        const index = BigInt((place - this.#offset(0)) / GRAIN_BYTES);
        const entry = PRESENT_GRAIN | ((index & 0xfffn) << 48n) | (index >> 12n);
        table.writeBigUInt64LE(entry, (grain % TABLE_ENTRIES) * 8);
      }
      const index = Number(this.#directory.readBigUInt64LE(number * 8) & 0xffff_ffffn);
      await this.#file.write(table, 0, TABLE_BYTES, this.#tableOffset(index));
    }
  }

  /** Numbers of the grains that are not the parent's, in order. */
  async *changed(): AsyncGenerator<number> {
    for (let number = 0; number < this.#directory.length / 8; number++) {
      const table = await this.#table(number);
      if (table === undefined) continue;
      for (let entry = 0; entry < TABLE_ENTRIES; entry++) {
        const grain = number * TABLE_ENTRIES + entry;
        if (this.#place(table, grain) !== "parent") yield grain;
      }
    }
  }

  #place(table: Buffer, grain: number): GrainPlace {
    const entry = table.readBigUInt64LE((grain % TABLE_ENTRIES) * 8);
    if (entry === 0n) return "parent";
    if ((entry & KIND) === ZERO_GRAIN) return "zero";
    if ((entry & KIND) !== PRESENT_GRAIN) return "parent";
    const index = Number(((entry >> 48n) & 0xfffn) | ((entry & 0xffff_ffff_ffffn) << 12n));
    return this.#offset(index);
  }

  async #table(number: number): Promise<Buffer | undefined> {
    const known = this.#tables.get(number);
    if (known) return known;
    const at = number * 8;
    const entry = at < this.#directory.length ? this.#directory.readBigUInt64LE(at) : 0n;
    if (entry === 0n) return undefined;
    const table = await readAt(this.#file, this.#tableOffset(Number(entry & 0xffff_ffffn)), TABLE_BYTES);
    this.#tables.set(number, table);
    return table;
  }

  async #writableTable(number: number): Promise<Buffer> {
    const known = await this.#table(number);
    if (known) return known;
    const table = Buffer.alloc(TABLE_BYTES);
    this.#tables.set(number, table);
    const at = number * 8;
    this.#directory.writeBigUInt64LE(PRESENT_TABLE | BigInt(this.#nextTable++), at);
    await this.#file.write(this.#directory, at, 8, this.#layout.directory * SECTOR_BYTES + at);
    return table;
  }

  #offset(index: number): number {
    return this.#layout.grains * SECTOR_BYTES + index * GRAIN_BYTES;
  }

  #tableOffset(index: number): number {
    return this.#layout.tables * SECTOR_BYTES + index * TABLE_BYTES;
  }
}

function layoutFor(capacityBytes: number): Layout {
  const tables = Math.max(1, Math.ceil(capacityBytes / TABLE_COVERS));
  const directory = 2 * ALIGN_SECTORS;
  const directorySize = Math.ceil((tables * 8) / SECTOR_BYTES);
  const tablesAt = aligned(directory + directorySize);
  const tablesSize = tables * TABLE_SECTORS;
  return {
    directory,
    directorySize,
    tables: tablesAt,
    tablesSize,
    grains: aligned(tablesAt + tablesSize + 2),
  };
}

function aligned(sectors: number): number {
  return Math.ceil(sectors / ALIGN_SECTORS) * ALIGN_SECTORS;
}

/** Reads this number of bytes. Bytes behind the file's end read as zeros. */
async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  await file.read(buffer, 0, bytes, offset);
  return buffer;
}
