/**
 * Whether Pulumi compares for a refresh or for a program. It does not say which: the arguments of both are alike. But a
 * program's inputs are checked before they are compared, and a refresh reads.
 */
export class Refreshes {
  readonly #read = new Set<string>();

  /** To be told of each call, in order. */
  saw(method: string, urn: string): void {
    if (method === "read") this.#read.add(urn);
    else if (method !== "diff") this.#read.delete(urn);
  }

  /** Whether that resource's next diff is a refresh's. */
  isRefresh(urn: string): boolean {
    return this.#read.has(urn);
  }
}
