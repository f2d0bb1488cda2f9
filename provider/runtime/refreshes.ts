/**
 * Tells whether Pulumi compares for a refresh or for a program. Pulumi does not say it, and the arguments are alike.
 * But a program's inputs are checked before they are compared, and a refresh reads.
 */
export class Refreshes {
  readonly #read = new Set<string>();

  /** Must be called for each call of Pulumi, in order. */
  saw(method: string, urn: string): void {
    if (method === "read") this.#read.add(urn);
    else if (method !== "diff") this.#read.delete(urn);
  }

  /** Whether that resource's next diff belongs to a refresh. */
  isRefresh(urn: string): boolean {
    return this.#read.has(urn);
  }
}
