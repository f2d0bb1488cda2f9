/** The error in a chain of a delta disk and its parents. */
export type ChainFault = "parentModified" | "parentMissing" | "parentUnreadable";

const SENTENCES: Record<ChainFault, string> = {
  parentModified:
    "The parent virtual disk has been modified since the child was created. " +
    "The content ID of the parent virtual disk does not match the corresponding parent content ID in the child",
  parentMissing: "The system cannot find the file specified",
  parentUnreadable: "The file specified is not a virtual disk",
};

/** Thrown when a delta disk cannot be opened because of one of its parents. */
export class DiskChainError extends Error {
  readonly fault: ChainFault;
  /** Datastore path of the disk that cannot be opened. */
  readonly disk: string;
  /** Datastore path of the parent that causes the error. */
  readonly parent: string;

  constructor(fault: ChainFault, disk: string, parent: string) {
    super(SENTENCES[fault]);
    this.name = "DiskChainError";
    this.fault = fault;
    this.disk = disk;
    this.parent = parent;
  }
}
