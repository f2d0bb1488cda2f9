import type { StoredPart } from "./stored-file.ts";

/** The container of an OVF's files: a tar archive, a local folder, or a folder on a web server. */
export interface FilePackage {
  readonly descriptor: StoredPart;
  /** The folder in the archive that has the descriptor. Names are relative to it. Empty for the archive's root. */
  readonly folder: string;
  readonly manifest: StoredPart | undefined;
  /** Manifests beside the descriptor whose names do not belong to it. */
  readonly unused?: readonly string[];
  /** All names, if they are known. Undefined for a folder, where one must ask for each name. */
  readonly names: readonly string[] | undefined;
  /**
   * The file of that name. Undefined if there is none.
   * @throws UnsafeNameError if the name points outside the package
   * @throws OvaSourceError if it leaves the folder through a symbolic link, or is no regular file
   */
  find(name: string, signal?: AbortSignal): Promise<StoredPart | undefined>;
  close(): Promise<void>;
}
