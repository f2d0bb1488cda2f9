/** A request does not fit the vim25 schema, or the host's API version. Nothing was sent. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  readonly #path: string;
  readonly #problem: string;

  /** @param path The place, such as `ReconfigVM_Task.spec.deviceChange[0].device`. */
  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.#path = path;
    this.#problem = problem;
  }

  /** The same, with the host that the request was for. */
  on(host: string): EncodeError {
    return new EncodeError(`${host}: ${this.#path}`, `${this.#problem}. The request was not sent.`);
  }
}
