/** A piece of a sparse disk. */
export interface DiskGrain {
  /** Its place in the disk. */
  readonly offsetBytes: number;
  /** As long as a grain, or as the rest of the disk at its end. */
  readonly data: Buffer;
}
