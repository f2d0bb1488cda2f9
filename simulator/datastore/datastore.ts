/** One datastore of the simulated host: a folder of the local disk with a capacity. */
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatastoreFileError, type FileFaultName } from "./datastore-file-error.ts";
import { DatastoreFullError } from "./datastore-full-error.ts";
import { VOLUME_HEADER, volumeUuid } from "./identity.ts";
import { formatDatastorePath, normalizeRelativePath, parentFolder } from "./path.ts";
import { allocatedBytes, measureUsage, type Usage } from "./usage.ts";

/** The most bytes that VMFS allows in the name of a file or folder. */
const MOST_NAME_BYTES = 255;

/** The space of a simulated foreign file. It appears in no listing. */
const BALLAST = ".ballast";

export interface DatastoreOptions {
  readonly name: string;
  /** VMFS UUID. Default: the one that the folder has, or a new one that it keeps. */
  readonly uuid?: string | undefined;
  readonly capacityBytes: number;
  /** The fault for its files while it is away. Default `InaccessibleDatastore`. */
  readonly awayFiles?: "InaccessibleDatastore" | "FileNotFound" | undefined;
}

export interface DatastoreEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
  /** Length of a file in bytes. 0 for a folder. */
  readonly sizeBytes: number;
  /** The bytes that the file takes from the datastore: less than its length for a thin disk. */
  readonly allocatedBytes: number;
  readonly modified: Date;
}

/**
 * Paths are relative to the datastore's root, with `/` between segments. Every method throws DatastorePathError for a
 * path that leaves the datastore, and DatastoreFileError for a file that is not as the method needs it.
 */
export class Datastore {
  readonly name: string;
  readonly uuid: string;
  readonly capacityBytes: number;
  /** False while the host does not have it, because it was unmounted or its device broke. */
  mounted = true;
  /** False while the host does not reach it, because an array or a share is away. */
  accessible = true;
  /** The fault for its files meanwhile. */
  readonly awayFiles: "InaccessibleDatastore" | "FileNotFound";
  readonly #root: string;
  #lastMove: Promise<void> = Promise.resolve();
  #partials = 0;
  readonly #usage: Usage;

  private constructor(root: string, uuid: string, options: DatastoreOptions, usage: Usage) {
    this.#root = root;
    this.name = options.name;
    this.uuid = uuid;
    this.capacityBytes = options.capacityBytes;
    this.awayFiles = options.awayFiles ?? "InaccessibleDatastore";
    this.#usage = usage;
  }

  /**
   * Opens the datastore in a folder of the local disk, and measures its content. The folder is made if it is not there.
   */
  static async open(dir: string, options: DatastoreOptions): Promise<Datastore> {
    await mkdir(dir, { recursive: true });
    const uuid = options.uuid ?? (await volumeUuid(dir));
    const usage = await measureUsage(dir);
    usage.drop(VOLUME_HEADER);
    return new Datastore(dir, uuid, options, usage);
  }

  /** The bytes that all files take. A thin disk takes what was written to it, a thick one its capacity. */
  usedBytes(): number {
    return this.#usage.totalBytes;
  }

  freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.#usage.totalBytes);
  }

  /** Bytes that one file takes from the datastore. */
  allocatedBytes(path: string): number {
    return this.#usage.bytesOf(normalizeRelativePath(path));
  }

  /**
   * The place of a file on the local disk. The caller must report its size with `allocate` or `setAllocated` after
   * writing there.
   */
  localPath(path: string): string {
    return join(this.#root, ...normalizeRelativePath(path).split("/"));
  }

  /** The path as the host writes it, `[datastore1] dir/file`. */
  datastorePath(path: string): string {
    return formatDatastorePath({ datastore: this.name, path: normalizeRelativePath(path) });
  }

  /**
   * Takes more space for a file, before it is written.
   *
   * @throws DatastoreFullError if there is not enough space. Nothing is taken then.
   */
  allocate(path: string, bytes: number): void {
    const file = normalizeRelativePath(path);
    if (bytes > this.freeBytes()) throw new DatastoreFullError(this.name, file, bytes, this.freeBytes());
    this.#usage.set(file, this.#usage.bytesOf(file) + bytes);
  }

  /**
   * Sets the bytes that a file takes from now on.
   *
   * @throws DatastoreFullError if there is not enough space. Nothing is changed then.
   */
  setAllocated(path: string, bytes: number): void {
    const more = bytes - this.allocatedBytes(path);
    if (more > 0) this.allocate(path, more);
    else this.#usage.set(normalizeRelativePath(path), bytes);
  }

  /** Measures again how much a file takes, after a guest or a copy has written to it. This may exceed the capacity. */
  async measure(path: string): Promise<void> {
    const file = normalizeRelativePath(path);
    this.#usage.set(file, await allocatedBytes(this.localPath(file)));
  }

  /** Returns the space of a file that was not written after all. */
  release(path: string): void {
    this.#usage.drop(normalizeRelativePath(path));
  }

  /** Takes all space that is left, as if somebody else had written there, or returns it. */
  setFull(full: boolean): void {
    this.#usage.drop(BALLAST);
    if (full) this.#usage.set(BALLAST, this.freeBytes());
  }

  async exists(path: string): Promise<boolean> {
    return (await this.find(path)) !== undefined;
  }

  /** The file or folder at that path. Undefined if there is none. */
  async find(path: string): Promise<DatastoreEntry | undefined> {
    const file = normalizeRelativePath(path);
    const found = await stat(this.localPath(file)).catch(() => undefined);
    if (found === undefined || file === VOLUME_HEADER) return undefined;
    const directory = found.isDirectory();
    return {
      name: file.slice(file.lastIndexOf("/") + 1),
      kind: directory ? "directory" : "file",
      sizeBytes: directory ? 0 : found.size,
      allocatedBytes: this.#usage.bytesOf(file),
      modified: found.mtime,
    };
  }

  /** The entries of a folder, by name. The root is "". */
  async list(path: string): Promise<DatastoreEntry[]> {
    const folder = normalizeRelativePath(path);
    const names = await readdir(this.localPath(folder)).catch(() => undefined);
    if (names === undefined) throw this.#fault("FileNotFound", folder);
    const entries = await Promise.all(
      names.sort().map((name) => this.find(folder === "" ? name : `${folder}/${name}`)),
    );
    return entries.filter((entry) => entry !== undefined);
  }

  /** As {@link list}. Undefined if there is no such folder, or none any more. */
  async listIfThere(path: string): Promise<DatastoreEntry[] | undefined> {
    return this.list(path).catch(async (error: unknown) => {
      if (await this.exists(path)) throw error;
      return undefined;
    });
  }

  /** Makes a folder. With `parents`, also the folders above it. The folder itself must not exist. */
  async makeDirectory(path: string, parents = false): Promise<void> {
    const folder = normalizeRelativePath(path);
    this.#needShortNames(folder);
    if (await this.exists(folder)) throw this.#fault("FileAlreadyExists", folder);
    if (!parents) await this.#needFolder(parentFolder(folder));
    await mkdir(this.localPath(folder), { recursive: parents });
  }

  async readFile(path: string): Promise<Buffer> {
    await this.#needFile(path);
    return await readFile(this.localPath(path));
  }

  /**
   * Writes a small file as a whole: a reader sees the old one or the new one.
   *
   * @throws DatastoreFullError if there is not enough space.
   */
  async writeFile(path: string, data: string | Uint8Array): Promise<void> {
    const file = normalizeRelativePath(path);
    this.#needShortNames(file);
    await this.#needFolder(parentFolder(file));
    const before = this.#usage.bytesOf(file);
    this.setAllocated(file, Buffer.byteLength(data));
    const partial = this.localPath(`${parentFolder(file)}/~${this.#partials++}`);
    try {
      await writeFile(partial, data);
      await rename(partial, this.localPath(file));
    } catch (cause) {
      await rm(partial, { force: true });
      this.#usage.set(file, before);
      throw cause;
    }
  }

  /** Removes a file or a folder. A folder that is not empty only with `recursive`. */
  async remove(path: string, recursive = false): Promise<void> {
    const file = normalizeRelativePath(path);
    const found = await this.find(file);
    if (found === undefined) throw this.#fault("FileNotFound", file);
    if (file === "") throw this.#fault("CannotDeleteFile", file);
    if (found.kind === "directory" && !recursive) {
      await rmdir(this.localPath(file)).catch(() => {
        throw this.#fault("CannotDeleteFile", file);
      });
    } else {
      await rm(this.localPath(file), { recursive, force: true });
    }
    this.#usage.drop(file);
  }

  /**
   * Renames a file or folder within the datastore. Without `force`, nothing may be at the new path. One rename at a
   * time, so if two want the same path, only one gets it.
   */
  move(from: string, to: string, force = false): Promise<void> {
    const turn = this.#lastMove.then(() => this.#move(from, to, force));
    this.#lastMove = turn.catch(() => {});
    return turn;
  }

  async #move(from: string, to: string, force: boolean): Promise<void> {
    const source = normalizeRelativePath(from);
    const target = normalizeRelativePath(to);
    if (source === target) throw this.#fault("FileAlreadyExists", target);
    if (!(await this.exists(source))) throw this.#fault("FileNotFound", source);
    this.#needShortNames(target);
    await this.#needFolder(parentFolder(target));
    const existing = await this.find(target);
    if (existing !== undefined) {
      if (!force) throw this.#fault("FileAlreadyExists", target);
      if (existing.kind === "directory") await this.remove(target, true);
    }
    await rename(this.localPath(source), this.localPath(target));
    this.#usage.move(source, target);
  }

  #needShortNames(path: string): void {
    const isLong = path.split("/").some((name) => Buffer.byteLength(name) > MOST_NAME_BYTES);
    if (isLong) throw this.#fault("CannotCreateFile", path);
  }

  async #needFolder(path: string): Promise<void> {
    if ((await this.find(path))?.kind !== "directory") throw this.#fault("FileNotFound", path);
  }

  async #needFile(path: string): Promise<void> {
    const found = await this.find(path);
    if (found === undefined) throw this.#fault("FileNotFound", path);
    if (found.kind !== "file") throw this.#fault("CannotAccessFile", path);
  }

  #fault(name: FileFaultName, path: string): DatastoreFileError {
    return new DatastoreFileError(name, this.datastorePath(path));
  }
}
