/** A request does not fit the vim25 schema, or the host's API version. Nothing was sent. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  /** The place, such as `ReconfigVM_Task.spec.deviceChange[0].device`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.path = path;
  }
}
