/** One mistake, and its place: `path` is the path of the resource's argument. */
export interface OvaProblem {
  readonly path: string;
  /** What is wrong and what to do. Never the value of a property. */
  readonly reason: string;
}
