/** A request that does not fit the vim25 schema, or the API version of the host. Nothing was sent. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  /** Where, as `ReconfigVM_Task.spec.deviceChange[0].device`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.path = path;
  }
}
