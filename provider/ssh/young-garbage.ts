import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How many bytes are sent between two collections. */
const EVERY_BYTES = 8 * 1024 * 1024;

type Collect = (options: { readonly type: "minor"; readonly execution: "sync" }) => void;

let collect: Collect | undefined;

/**
 * Collects the buffers that sent bytes leave behind. An SSH connection copies each packet, and enciphers it into a buffer of its own: a
 * gigabyte leaves two gigabytes of garbage. Buffers lie outside of V8's heap, and V8 begins for them a collection of the whole heap,
 * which on a busy machine ends when 50 MB and more have come together. A collection of what is young takes a millisecond.
 */
export class YoungGarbage {
  #bytes = 0;

  /** So many bytes more were sent. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < EVERY_BYTES) return;
    this.#bytes = 0;
    collect ??= collector();
    collect({ type: "minor", execution: "sync" });
  }
}

/** V8's own collector. Only contexts that are made while it is exposed have it, so nothing else in the process sees it. */
function collector(): Collect {
  try {
    setFlagsFromString("--expose-gc");
    const gc: unknown = runInNewContext("globalThis.gc");
    setFlagsFromString("--no-expose-gc");
    if (typeof gc === "function") return gc as Collect;
  } catch {
    // Another engine than V8: more memory is all that it costs.
  }
  return () => {};
}
