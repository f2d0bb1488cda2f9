import type { Properties } from "../resources/frame/lifecycle.ts";

const NOTE =
  "Pulumi now remembers what is on the host, and looks there again only with --refresh: `pulumi preview --refresh` shows what " +
  "was changed by other hands.";

/** What the first run of a stack says once: nobody who knows other tools expects that a preview asks no host. */
export class FirstRun {
  #isFirst = true;

  /** To be told of the inputs that each resource had in the last run; undefined or empty for a new one. */
  hadInputs(olds: Properties | null | undefined): void {
    if (olds && Object.keys(olds).length > 0) this.#isFirst = false;
  }

  /** To be told when something was made on a host; says what the stack is to be told, once. */
  made(): string | undefined {
    if (!this.#isFirst) return undefined;
    this.#isFirst = false;
    return NOTE;
  }
}
