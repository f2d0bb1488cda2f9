/** One thing that is wrong, and where: `path` is that of the resource's argument. */
export interface OvaProblem {
  readonly path: string;
  /** What is wrong and what to do; never the value of a property. */
  readonly reason: string;
}
