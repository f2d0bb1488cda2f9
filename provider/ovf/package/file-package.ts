import type { StoredPart } from "./stored-file.ts";

/** What holds the files of an OVF: a tar archive, a local folder, or a folder on a web server. */
export interface FilePackage {
  readonly descriptor: StoredPart;
  /** The folder of an archive in which the descriptor lies; names count from it. Empty for its root. */
  readonly folder: string;
  readonly manifest: StoredPart | undefined;
  /** Manifests that lie beside the descriptor and are not its own, as far as their names tell. */
  readonly unused?: readonly string[];
  /** All names, where they are known; undefined for a folder, where one must ask for each. */
  readonly names: readonly string[] | undefined;
  /**
   * The file of that name; undefined if there is none.
   * @throws UnsafeNameError if the name points outside the package
   * @throws OvaSourceError if it leaves the folder through a symbolic link, or is no regular file
   */
  find(name: string, signal?: AbortSignal): Promise<StoredPart | undefined>;
  close(): Promise<void>;
}
