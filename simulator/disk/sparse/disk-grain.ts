/** A piece of a sparse disk. */
export interface DiskGrain {
  /** Where it belongs in the disk. */
  readonly offsetBytes: number;
  /** As long as a grain, or what the disk has left at its end. */
  readonly data: Buffer;
}
