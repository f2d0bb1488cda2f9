/**
 * The file system of the shell. `/vmfs/volumes/<UUID>` are the datastores, each with a link of its name beside it.
 * Everything else is a small disk in memory, whose files are stored in a folder of the host's state.
 */
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { DatastoreFullError } from "../datastore/datastore-full-error.ts";
import { DatastorePathError } from "../datastore/datastore-path-error.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import { datastoresChanged, type HostContext } from "../host-context.ts";
import { holdsBelow } from "../vm/files/locks.ts";
import type { Vms } from "../vm/vms.ts";
import { FileOutput, WriteError } from "./file-output.ts";
import { FilesError } from "./files-error.ts";

/** A path of the file system, whether it exists or not. */
export type Place =
  | { readonly kind: "fixed"; readonly path: string; readonly names: readonly string[] }
  | { readonly kind: "datastore"; readonly path: string; readonly file: DatastoreFile }
  | { readonly kind: "memory"; readonly path: string; readonly local: string };

export interface FileStatus {
  readonly kind: "file" | "directory" | "link";
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly modified: Date;
}

const VOLUMES = "/vmfs/volumes";
const FOLDERS = ["tmp", "etc/ssh/keys-root", "var/log", "scratch"];

export class HostFiles {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #memory: string;

  constructor(host: HostContext, vms: Vms) {
    this.#host = host;
    this.#vms = vms;
    this.#memory = join(host.options.stateDir, "ramdisk");
  }

  async prepare(): Promise<void> {
    for (const folder of FOLDERS) await mkdir(join(this.#memory, folder), { recursive: true });
  }

  /** The absolute path, with links resolved. */
  real(cwd: string, path: string): string {
    const segments: string[] = [];
    for (const segment of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
      if (segment === "..") segments.pop();
      else if (segment !== "" && segment !== ".") segments.push(segment);
      const target = segments.length === 3 ? this.linkTarget(`/${segments.join("/")}`) : undefined;
      if (target !== undefined) segments[2] = target;
    }
    return `/${segments.join("/")}`;
  }

  /** The target of a link, if the absolute path is one. */
  linkTarget(path: string): string | undefined {
    if (!path.startsWith(`${VOLUMES}/`)) return undefined;
    return this.#host.datastores.get(path.slice(VOLUMES.length + 1))?.uuid;
  }

  /** @throws FilesError if a part of the path does not exist */
  place(cwd: string, path: string): Place {
    const real = this.real(cwd, path);
    if (real === "/vmfs") return { kind: "fixed", path: real, names: ["volumes"] };
    if (real === VOLUMES) {
      const volumes = [...this.#host.datastores.values()];
      const names = volumes.flatMap(({ uuid, name }) => [uuid, name]).sort();
      return { kind: "fixed", path: real, names };
    }
    if (real.startsWith(`${VOLUMES}/`)) {
      const [uuid, ...rest] = real.slice(VOLUMES.length + 1).split("/");
      const datastore = [...this.#host.datastores.values()].find((one) => one.uuid === uuid);
      if (!datastore?.accessible) throw new FilesError("ENOENT");
      return { kind: "datastore", path: real, file: { datastore, path: rest.join("/") } };
    }
    return { kind: "memory", path: real, local: join(this.#memory, real) };
  }

  async status(place: Place): Promise<FileStatus | undefined> {
    if (place.kind === "fixed")
      return { kind: "directory", sizeBytes: 512, allocatedBytes: 0, modified: this.#host.bootTime };
    if (place.kind === "memory") {
      const found = await stat(place.local).catch(() => undefined);
      if (found === undefined) return undefined;
      const sizeBytes = found.isDirectory() ? 512 : found.size;
      return {
        kind: found.isDirectory() ? "directory" : "file",
        sizeBytes,
        allocatedBytes: sizeBytes,
        modified: found.mtime,
      };
    }
    const { datastore, path } = place.file;
    const found = await translated(() => datastore.find(path));
    if (found === undefined) return undefined;
    const sizeBytes = found.kind === "directory" ? 73_728 : found.sizeBytes;
    return { kind: found.kind, sizeBytes, allocatedBytes: found.allocatedBytes, modified: found.modified };
  }

  /** Names in a folder. @throws FilesError */
  async list(place: Place): Promise<string[]> {
    if (place.kind === "fixed") return [...place.names];
    if ((await this.#need(place)).kind !== "directory") throw new FilesError("ENOTDIR");
    if (place.kind === "memory") {
      const names = await readdir(place.local);
      return [...names, ...(place.path === "/" ? ["vmfs"] : [])].sort();
    }
    const { datastore, path } = place.file;
    return (await translated(() => datastore.list(path))).map(({ name }) => name);
  }

  /** @throws FilesError, EBUSY for the disk of a running VM */
  async read(place: Place): Promise<AsyncIterable<Uint8Array>> {
    if ((await this.#need(place)).kind === "directory") throw new FilesError("EISDIR");
    if (place.kind === "fixed") throw new FilesError("EISDIR");
    if (place.kind === "memory") return createReadStream(place.local);
    if (this.#vms.lockOf(place.file) === "exclusive") throw new FilesError("EBUSY");
    return createReadStream(place.file.datastore.localPath(place.file.path));
  }

  /** Writes everything that arrives. The part before an error stays. @throws FilesError */
  async write(place: Place, source: AsyncIterable<Uint8Array>, append: boolean): Promise<void> {
    const output = await this.open(place, append);
    try {
      for await (const chunk of source) await output.write(chunk);
    } catch (error) {
      throw error instanceof WriteError ? new FilesError("ENOSPC") : error;
    } finally {
      await output.close();
    }
  }

  /** Makes a file, or opens it again, for writing. @throws FilesError */
  async open(place: Place, append: boolean): Promise<FileOutput> {
    if (place.kind === "fixed" || (await this.status(place))?.kind === "directory")
      throw new FilesError("EISDIR");
    await this.#needParent(place);
    this.#needFree(place);
    const file = place.kind === "datastore" ? place.file : undefined;
    if (file && !append) file.datastore.setAllocated(file.path, 0);
    const local = place.kind === "memory" ? place.local : place.file.datastore.localPath(place.file.path);
    const room = (bytes: number): number => {
      if (file === undefined) return bytes;
      const fits = Math.min(bytes, file.datastore.freeBytes());
      file.datastore.allocate(file.path, fits);
      return fits;
    };
    const full = () => new FilesError("ENOSPC");
    return new FileOutput(await open(local, append ? "a" : "w"), { room, full }, () => this.#changed(place));
  }

  /** @throws FilesError */
  async makeDirectory(place: Place): Promise<void> {
    if (place.kind === "fixed" || (await this.status(place))) throw new FilesError("EEXIST");
    await this.#needParent(place);
    if (place.kind === "memory") await mkdir(place.local);
    else await translated(() => place.file.datastore.makeDirectory(place.file.path));
    this.#changed(place);
  }

  /** @throws FilesError, ENOTEMPTY for a folder with something in it unless `recursive` */
  async remove(place: Place, recursive: boolean): Promise<void> {
    const found = await this.#need(place);
    if (place.kind === "fixed" || (place.kind === "datastore" && place.file.path === ""))
      throw new FilesError("EBUSY");
    this.#needFree(place);
    if (found.kind === "directory" && !recursive && (await this.list(place)).length > 0)
      throw new FilesError("ENOTEMPTY");
    if (place.kind === "memory") await rm(place.local, { recursive: true });
    else await translated(() => place.file.datastore.remove(place.file.path, recursive));
    this.#changed(place);
  }

  /** Renames, and replaces a file with the new name. @returns false if the places are on different volumes */
  async rename(from: Place, to: Place): Promise<boolean> {
    const found = await this.#need(from);
    const there = await this.status(to);
    if (there?.kind === "directory")
      throw new FilesError(found.kind === "directory" ? "ENOTEMPTY" : "EISDIR");
    await this.#needParent(to);
    this.#needFree(from);
    this.#needFree(to);
    if (from.path === to.path) return true;
    if (from.kind === "memory" && to.kind === "memory") await rename(from.local, to.local);
    else if (
      from.kind === "datastore" &&
      to.kind === "datastore" &&
      from.file.datastore === to.file.datastore
    )
      await translated(() => from.file.datastore.move(from.file.path, to.file.path, true));
    else return false;
    this.#changed(from);
    this.#changed(to);
    return true;
  }

  async #need(place: Place): Promise<FileStatus> {
    const found = await this.status(place);
    if (found === undefined) throw new FilesError("ENOENT");
    return found;
  }

  async #needParent(place: Place): Promise<void> {
    const parent = await this.status(this.place("/", place.path.replace(/\/[^/]*$/, "") || "/"));
    if (parent === undefined) throw new FilesError("ENOENT");
    if (parent.kind !== "directory") throw new FilesError("ENOTDIR");
  }

  #needFree(place: Place): void {
    if (place.kind === "datastore" && holdsBelow(this.#vms.list(), place.file)) throw new FilesError("EBUSY");
  }

  #changed(place: Place): void {
    if (place.kind === "datastore") datastoresChanged(this.#host);
  }
}

const CODES = {
  FileNotFound: "ENOENT",
  FileAlreadyExists: "EEXIST",
  CannotDeleteFile: "ENOTEMPTY",
  CannotAccessFile: "EISDIR",
  CannotCreateFile: "EPERM",
} as const;

async function translated<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatastoreFileError) throw new FilesError(CODES[error.fault]);
    if (error instanceof DatastoreFullError) throw new FilesError("ENOSPC");
    if (error instanceof DatastorePathError) throw new FilesError("EINVAL");
    throw error;
  }
}
