import type { Properties } from "../resources/frame/lifecycle.ts";

const NOTE =
  "Pulumi now remembers what is on the host, and looks there again only with --refresh: `pulumi preview --refresh` shows what " +
  "was changed by other hands.";

/**
 * The message after the first run of a stack. People who know other tools do not expect that a preview does not ask the
 * host.
 */
export class FirstRun {
  #isFirst = true;

  /** Must be called with the inputs of each resource in the last run. Undefined or empty for a new one. */
  hadInputs(olds: Properties | null | undefined): void {
    if (olds && Object.keys(olds).length > 0) this.#isFirst = false;
  }

  /** Must be called when something was made on a host. Returns the message for the stack, once. */
  made(): string | undefined {
    if (!this.#isFirst) return undefined;
    this.#isFirst = false;
    return NOTE;
  }
}
