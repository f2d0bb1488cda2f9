/** A disk as a guest sees it: its own bytes if it has them, otherwise those of its parents. */
import { type FileHandle, open } from "node:fs/promises";
import type { DatastoreFile, Volumes } from "../datastore/file.ts";
import { type ChainLink, readChain } from "./chain.ts";
import { diskCapacity } from "./descriptor.ts";
import { besideDescriptor } from "./disk.ts";
import { DiskFormatError } from "./disk-format-error.ts";
import { GRAIN_BYTES, SeSparse } from "./sparse/se-sparse.ts";

/** How much is read at once, in bytes. */
const CHUNK_BYTES = 2 ** 20;

type Layer =
  | { readonly kind: "flat"; readonly file: FileHandle; readonly path: string }
  | { readonly kind: "delta"; readonly file: SeSparse; readonly path: string };

export class OpenDisk {
  readonly capacityBytes: number;
  readonly #link: ChainLink;
  /** The disk itself first. */
  readonly #layers: readonly Layer[];

  private constructor(link: ChainLink, layers: readonly Layer[]) {
    this.#link = link;
    this.capacityBytes = diskCapacity(link.descriptor);
    this.#layers = layers;
  }

  /** @throws DatastoreFileError, DiskFormatError, DiskChainError */
  static async open(volumes: Volumes, file: DatastoreFile, flags: "r" | "r+" = "r"): Promise<OpenDisk> {
    const chain = await readChain(volumes, file);
    const layers: Layer[] = [];
    try {
      for (const link of chain) layers.push(await openLayer(link, link === chain[0] ? flags : "r"));
    } catch (error) {
      for (const layer of layers) await layer.file.close();
      throw error;
    }
    return new OpenDisk(chain[0], layers);
  }

  async close(): Promise<void> {
    for (const layer of this.#layers) await layer.file.close();
  }

  /** The disk's bytes from its start, in chunks that must not be changed. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let offset = 0; offset < this.capacityBytes; offset += CHUNK_BYTES)
      yield await this.read(offset, Math.min(CHUNK_BYTES, this.capacityBytes - offset));
  }

  /** @param offset in bytes. Like `bytes`, a multiple of a sector */
  async read(offset: number, bytes: number): Promise<Buffer> {
    const first = Math.floor(offset / GRAIN_BYTES);
    const end = Math.ceil((offset + bytes) / GRAIN_BYTES);
    const buffer = Buffer.alloc((end - first) * GRAIN_BYTES);
    let missing = Array.from({ length: end - first }, (_, index) => index);
    for (const layer of this.#layers) {
      if (layer.kind === "flat") {
        for (const [from, to] of runs(missing)) {
          await layer.file.read(
            buffer,
            from * GRAIN_BYTES,
            (to - from) * GRAIN_BYTES,
            (first + from) * GRAIN_BYTES,
          );
        }
        break;
      }
      missing = await readDelta(layer.file, first, missing, buffer);
    }
    const skip = offset - first * GRAIN_BYTES;
    return buffer.subarray(skip, skip + bytes);
  }

  /**
   * Writes to the disk itself, never to a parent. If only a part of a grain is written, the rest of it is copied from
   * below.
   */
  async write(offset: number, data: Uint8Array): Promise<void> {
    if (offset < 0 || offset + data.byteLength > this.capacityBytes)
      throw new RangeError("behind the end of the disk");
    const [own] = this.#layers;
    const { datastore } = this.#link.file;
    if (own?.kind === "flat") await own.file.write(data, 0, data.byteLength, offset);
    if (own?.kind === "delta") {
      const first = Math.floor(offset / GRAIN_BYTES);
      const end = Math.ceil((offset + data.byteLength) / GRAIN_BYTES);
      const whole = Buffer.from(await this.read(first * GRAIN_BYTES, (end - first) * GRAIN_BYTES));
      whole.set(data, offset - first * GRAIN_BYTES);
      await own.file.write(first, whole);
    }
    if (own) await datastore.measure(own.path);
  }

  /** Copies the disk's own changes into its parent. */
  async mergeInto(parent: OpenDisk): Promise<void> {
    const [own] = this.#layers;
    if (own?.kind !== "delta") throw new DiskFormatError("not a delta disk");
    for await (const grain of own.file.changed()) {
      const offset = grain * GRAIN_BYTES;
      const bytes = Math.min(GRAIN_BYTES, this.capacityBytes - offset);
      await parent.write(offset, await this.read(offset, bytes));
    }
  }
}

async function openLayer({ file, descriptor }: ChainLink, flags: "r" | "r+"): Promise<Layer> {
  const [extent, ...others] = descriptor.extents;
  if (extent === undefined || others.length > 0) throw new DiskFormatError("disk in several files");
  const path = besideDescriptor(file.path, extent.file);
  if (!(await file.datastore.exists(path))) throw new DiskFormatError(`${extent.file} is missing`);
  const local = file.datastore.localPath(path);
  if (extent.type === "VMFS") return { kind: "flat", file: await open(local, flags), path };
  if (extent.type === "SESPARSE") return { kind: "delta", file: await SeSparse.open(local, flags), path };
  throw new DiskFormatError(`extent of type ${extent.type}`);
}

/** Reads the grains that a delta has. @returns the other grains */
async function readDelta(
  delta: SeSparse,
  first: number,
  wanted: readonly number[],
  buffer: Buffer,
): Promise<number[]> {
  const missing: number[] = [];
  const places = await delta.places(wanted.map((index) => first + index));
  for (const [at, index] of wanted.entries()) {
    const place = places[at];
    if (place === "parent") missing.push(index);
    else if (typeof place === "number")
      await delta.readInto(buffer.subarray(index * GRAIN_BYTES, (index + 1) * GRAIN_BYTES), place);
  }
  return missing;
}

/** Joins neighbours: `[1, 2, 5]` → `[1, 3)` and `[5, 6)`. */
function runs(numbers: readonly number[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number) last[1] = number + 1;
    else found.push([number, number + 1]);
  }
  return found;
}
