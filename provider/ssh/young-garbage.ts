import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How many bytes are sent between two collections. */
const EVERY_BYTES = 8 * 1024 * 1024;

type Collect = (options: { readonly type: "minor"; readonly execution: "sync" }) => void;

let collect: Collect | undefined;

/**
 * Collects the buffers that sent bytes leave behind. An SSH connection copies each packet, and encrypts it into another
 * buffer, so a gigabyte leaves two gigabytes of garbage. Buffers are outside of V8's heap. V8 frees them by a collection
 * of the whole heap, which on a busy machine ends after 50 MB and more have gathered. A collection of young objects
 * takes a millisecond.
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

/** V8's own collector. Only contexts that are made while the flag is set have it, so no other code sees it. */
function collector(): Collect {
  try {
    setFlagsFromString("--expose-gc");
    const gc: unknown = runInNewContext("globalThis.gc");
    setFlagsFromString("--no-expose-gc");
    if (typeof gc === "function") return gc as Collect;
  } catch {
    // This engine is not V8. Then more memory is used, and nothing else changes.
  }
  return () => {};
}
