import { HostError } from "../host-error.ts";
import type { DatastorePath } from "./datastore-path.ts";

/** Bytes on their way to a datastore. */
export interface FileToSend {
  /** For messages, as `a.iso to esxi1`. */
  readonly what: string;
  /** Overwritten if it is there; its folder must exist. */
  readonly target: DatastorePath;
  readonly body: AsyncIterable<Uint8Array>;
  /** Exact length of the body. */
  readonly bytes: number;
  /** Gets the number of bytes of each chunk once it is on its way. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** How files of a host are made to change: by its API, or by its shell. What is read is always read by the API. */
export interface FileControl {
  /** Makes a folder, and those above it. Nothing happens if it is there. @returns Whether it was made. */
  makeFolder(folder: DatastorePath, signal: AbortSignal): Promise<boolean>;
  /** Deletes a file, or a folder with all that is in it. Nothing happens if it is not there. */
  deleteFile(file: DatastorePath, signal: AbortSignal): Promise<void>;
  copyFile(from: DatastorePath, to: DatastorePath, signal: AbortSignal): Promise<void>;
  /**
   * Gives a file or folder another name or place.
   * @param force Whether a file that is there already is overwritten; else {@link isThereAlready} tells of what is thrown.
   */
  moveFile(from: DatastorePath, to: DatastorePath, force: boolean, signal: AbortSignal): Promise<void>;
  /** Deletes a disk with its extents; what is no disk goes as the file that it is. */
  deleteDisk(file: DatastorePath, signal: AbortSignal): Promise<void>;
  /** Sends a stream into a file in one pass, a few mebibytes of it in memory. @throws What the stream fails with, too */
  send(file: FileToSend): Promise<void>;
}

/** There is something of that name already. */
export class FileThereError extends HostError {
  override name = "FileThereError";
}
