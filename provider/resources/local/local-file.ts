import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, link, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

/** A file of the machine on which Pulumi runs could not be read or written. The message says which, and what to do. */
export class LocalFileError extends Error {
  override name = "LocalFileError";
}

/** The file at a path. */
export interface LocalFile {
  /** SHA-256 of its content in lower-case hex. Empty if it is no plain file. */
  readonly sha256: string;
  /** Permission bits. */
  readonly mode: number;
}

/** The desired state of a file. */
export interface WantedFile {
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  /** Tells this file's unfinished copy from those of others in the same folder. */
  readonly owner: string;
}

export const digestOf = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/**
 * The file at that path. Undefined if there is none. A folder, a symbolic link and the like count as a file without
 * content.
 * @throws LocalFileError if it cannot be read: that is not the same as gone.
 */
export async function lookAt(file: string): Promise<LocalFile | undefined> {
  try {
    const seen = await lstat(file);
    const mode = seen.mode & 0o777;
    return { sha256: seen.isFile() ? digestOf(await readFile(file)) : "", mode };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failed("read", file, error);
  }
}

/**
 * Writes a file as a whole. Every reader sees the old content or the new one, at any moment and also after this process
 * was killed. Folders above it are made.
 * @param replaces False if there must be no file yet.
 * @throws LocalFileError
 */
export async function writeWhole(file: string, wanted: WantedFile, replaces: boolean): Promise<void> {
  const unfinished = unfinishedOf(file, wanted.owner);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // A killed run may have left it, with another mode.
    await rm(unfinished, { force: true });
    await writeNew(unfinished, wanted);
    if (replaces) await rename(unfinished, file);
    else await placeNew(unfinished, file);
  } catch (error) {
    throw failed("write", file, error);
  } finally {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

/** @throws LocalFileError */
export async function setMode(file: string, mode: number): Promise<void> {
  try {
    await chmod(file, mode);
  } catch (error) {
    throw failed("change who may read", file, error);
  }
}

/**
 * Removes the unfinished copy that a killed run left beside a file.
 * @throws LocalFileError
 */
export async function clearUnfinished(file: string, owner: string): Promise<void> {
  try {
    await rm(unfinishedOf(file, owner), { force: true });
  } catch (error) {
    throw failed("clear up beside", file, error);
  }
}

/** @throws LocalFileError */
export async function removeFile(file: string, owner: string): Promise<void> {
  await clearUnfinished(file, owner);
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw failed("delete", file, error);
  }
}

/** It is beside the file, because a rename is one step only within one file system. */
function unfinishedOf(file: string, owner: string): string {
  return path.join(
    path.dirname(file),
    `.pulumi-esxi-direct-${digestOf(`${owner}\n${path.basename(file)}`).slice(0, 16)}`,
  );
}

async function writeNew(file: string, { content, mode }: WantedFile): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  // Nobody else can read it before it has its mode.
  const handle = await open(file, flags, 0o600);
  try {
    await handle.writeFile(content);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a file its name, unless something has that name. */
async function placeNew(unfinished: string, file: string): Promise<void> {
  try {
    await link(unfinished, file);
  } catch (error) {
    // Some file systems do not support links.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error))) throw error;
    if ((await lookAt(file)) !== undefined)
      throw Object.assign(new Error("EEXIST: file already exists"), { code: "EEXIST" });
    await rename(unfinished, file);
  }
}

function failed(doing: string, file: string, error: unknown): LocalFileError {
  if (error instanceof LocalFileError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new LocalFileError(`Cannot ${doing} the file ${file} of this machine: ${reason}`, { cause: error });
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** There is nothing at a path if one of its folders is missing, or is a file. */
const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error));
