/** How many bytes each file of a datastore takes, and their sum. It is a counter, so reading it costs nothing. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

const FLAT_SUFFIX = "-flat.vmdk";
const DELTA_SUFFIX = "-sesparse.vmdk";
const THIN_MARK = /^ddb\.thinProvisioned = "1"$/m;

export class Usage {
  readonly #files = new Map<string, number>();
  #total = 0;

  get totalBytes(): number {
    return this.#total;
  }

  bytesOf(path: string): number {
    return this.#files.get(path) ?? 0;
  }

  set(path: string, bytes: number): void {
    this.#total += bytes - this.bytesOf(path);
    this.#files.set(path, bytes);
  }

  /** Forgets a file, or a folder with all that is in it. */
  drop(path: string): void {
    for (const [file, bytes] of this.#below(path)) {
      this.#total -= bytes;
      this.#files.delete(file);
    }
  }

  /** Renames a file, or a folder with all that is in it. */
  move(from: string, to: string): void {
    this.drop(to);
    for (const [file, bytes] of this.#below(from)) {
      this.#files.delete(file);
      this.#files.set(to + file.slice(from.length), bytes);
    }
  }

  #below(path: string): [string, number][] {
    if (this.#files.has(path)) return [[path, this.bytesOf(path)]];
    return [...this.#files].filter(([file]) => file.startsWith(`${path}/`));
  }
}

/** Measures everything below a folder of the local disk. */
export async function measureUsage(root: string): Promise<Usage> {
  const usage = new Usage();
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
      const child = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) await visit(child);
      else if (entry.isFile()) usage.set(child, await allocatedBytes(join(root, child)));
    }
  };
  await visit("");
  return usage;
}

/**
 * A thin or delta disk takes the bytes that were written to it. A thick disk takes its whole size, although it is a
 * sparse file here.
 */
export async function allocatedBytes(file: string): Promise<number> {
  const { size, blocks } = await stat(file);
  if (file.endsWith(DELTA_SUFFIX)) return Math.min(size, blocks * 512);
  if (!file.endsWith(FLAT_SUFFIX)) return size;
  const descriptor = await readFile(`${file.slice(0, -FLAT_SUFFIX.length)}.vmdk`, "utf8").catch(() => "");
  return THIN_MARK.test(descriptor) ? Math.min(size, blocks * 512) : size;
}
