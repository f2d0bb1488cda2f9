import type { EsxiHost } from "./esxi-host.ts";

/** A read of one host that all who want it at the same moment share. */
export class SharedRead<T> {
  readonly #retrieve: (host: EsxiHost) => Promise<T>;
  readonly #waiting = new WeakMap<EsxiHost, Promise<T>>();

  constructor(retrieve: (host: EsxiHost) => Promise<T>) {
    this.#retrieve = retrieve;
  }

  /** What the host says now. Only who asks before the read is sent shares it: what it says is never older than the question. */
  read(host: EsxiHost): Promise<T> {
    const shared = this.#waiting.get(host);
    if (shared) return shared;
    const read = nextTurn().then(() => {
      this.#waiting.delete(host);
      return this.#retrieve(host);
    });
    this.#waiting.set(host, read);
    return read;
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
