/** The text cannot be written so that its reader understands it correctly. */
export class HandOverError extends Error {
  override readonly name = "HandOverError";
  /** Pulumi prints the message of such an error, without the stack of the program that it ends. @internal */
  readonly __pulumiRunError = true;
  /** One sentence for each mistake. */
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly string[]) {
    super(`${what} cannot be written:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}
