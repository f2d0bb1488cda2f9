import { pauseFor } from "../pause.ts";

/** A host that has just closed its only channel may need a moment before it opens the next one. */
const PAUSE_MS = 50;
const ATTEMPTS_ALONE = 10;

/** Thrown when the host refuses a further channel. */
export class ChannelRefusedError extends Error {
  override name = "ChannelRefusedError";
}

/**
 * Keeps the number of channels of one connection within the host's limit. Nobody knows that limit in advance. A refused
 * channel waits until another one closes, and the limit is lower from then on.
 */
export class ChannelGate {
  #limit: number;
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  /**
   * Opens a channel when there is room, and uses it.
   * @throws The error of `open` or `use`, or the signal's reason.
   */
  async run<C, T>(
    open: () => Promise<C>,
    use: (channel: C) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let alone = 0; ; ) {
      await this.#enter(signal);
      try {
        return await use(await open());
      } catch (error) {
        if (!(error instanceof ChannelRefusedError)) throw error;
        const others = this.#open - 1;
        this.#limit = Math.max(1, Math.min(this.#limit, others));
        if (others === 0) {
          alone++;
          if (alone === ATTEMPTS_ALONE) throw error;
          await pauseFor(PAUSE_MS * alone, signal);
        }
      } finally {
        this.#leave();
      }
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted) {
        // Its turn may have come, and nobody else would be told.
        if (this.#open < this.#limit) this.#waiting.shift()?.();
        throw signal.reason;
      }
      if (this.#open < this.#limit) {
        this.#open++;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const go = () => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          this.#waiting.splice(this.#waiting.indexOf(go), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", leave, { once: true });
        this.#waiting.push(go);
      });
    }
  }

  #leave(): void {
    this.#open--;
    this.#waiting.shift()?.();
  }
}
