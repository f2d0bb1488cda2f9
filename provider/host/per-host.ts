import { ageClock } from "../clock.ts";

/** Something that belongs to a host. It is made at the first call, and kept as long as the process uses the host. */
export function perHost<H extends object, V>(make: (host: H) => V): (host: H) => V {
  const kept = new WeakMap<H, V>();
  return (host) => {
    const known = kept.get(host);
    if (known !== undefined) return known;
    const made = make(host);
    kept.set(host, made);
    return made;
  };
}

/**
 * Answers that serve everybody who asks the same again. An answer that fails serves only those who wait for it
 * already.
 */
export class Answers<V> {
  readonly #servesMs: number;
  readonly #known = new Map<string, { readonly answer: Promise<V>; readonly at: number }>();

  /** @param servesMs How long an answer serves, in milliseconds from the question. Default: for ever. */
  constructor(servesMs = Number.POSITIVE_INFINITY) {
    this.#servesMs = servesMs;
  }

  /** @param read Asks the host. It gets the answer that is too old, if there is one. */
  get(key: string, read: (before: Promise<V> | undefined) => Promise<V>): Promise<V> {
    const before = this.#known.get(key);
    if (before && ageClock.now() - before.at < this.#servesMs) return before.answer;
    const entry = { answer: read(before?.answer), at: ageClock.now() };
    this.#known.set(key, entry);
    entry.answer.catch(() => {
      if (this.#known.get(key) === entry) this.#known.delete(key);
    });
    return entry.answer;
  }

  forget(): void {
    this.#known.clear();
  }
}

/** A read of a host whose answer serves for ever. */
export function readOnce<H extends object, T>(read: (host: H) => Promise<T>): (host: H) => Promise<T> {
  const answers = perHost((_host: H) => new Answers<T>());
  return (host) => answers(host).get("", () => read(host));
}

/**
 * A read of a host that all who ask at the same time share. Somebody who asks while a read is under way gets the next
 * one, so an answer is never older than its question.
 */
export function sharedRead<H extends object, T>(read: (host: H) => Promise<T>): (host: H) => Promise<T> {
  const running = new WeakMap<H, Promise<unknown>>();
  const next = new WeakMap<H, Promise<T>>();
  return (host) => {
    const planned =
      next.get(host) ??
      (running.get(host) ?? Promise.resolve()).then(() => {
        next.delete(host);
        const begun = read(host);
        running.set(
          host,
          begun.catch(() => {}),
        );
        return begun;
      });
    next.set(host, planned);
    return planned;
  };
}
