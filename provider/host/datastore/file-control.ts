import type { DatastorePath } from "./datastore-path.ts";

/** Bytes on their way to a datastore. */
export interface FileToSend {
  /** For messages, as `a.iso to esxi1`. */
  readonly what: string;
  /** Overwritten if it is there. Its folder must exist. */
  readonly target: DatastorePath;
  readonly body: AsyncIterable<Uint8Array>;
  /** Exact length of the body. */
  readonly bytes: number;
  /** Gets the number of bytes of each chunk once it is on its way. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** The way to change files of a host: its API or its shell. Reading always uses the API. */
export interface FileControl {
  /** Makes a folder, and the folders above it. Nothing happens if it is there. @returns Whether it was made. */
  makeFolder(folder: DatastorePath, signal: AbortSignal): Promise<boolean>;
  /** Deletes a file, or a folder with all that is in it. Nothing happens if it is not there. */
  deleteFile(file: DatastorePath, signal: AbortSignal): Promise<void>;
  copyFile(from: DatastorePath, to: DatastorePath, signal: AbortSignal): Promise<void>;
  /**
   * Gives a file or folder another name or place.
   * @param force Whether a file with the new name is overwritten. If not, `isTaken` recognizes the error.
   */
  moveFile(from: DatastorePath, to: DatastorePath, force: boolean, signal: AbortSignal): Promise<void>;
  /** Deletes a disk with its extents. A file that is no disk is deleted as a plain file. */
  deleteDisk(file: DatastorePath, signal: AbortSignal): Promise<void>;
  /** Sends a stream into a file in one pass, with a few mebibytes in memory. @throws Errors of the stream, too */
  send(file: FileToSend): Promise<void>;
}
