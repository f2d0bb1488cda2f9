import { NfcError } from "./nfc-error.ts";

export interface UploadSourceOptions {
  readonly what: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly contentLength: number;
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly inactivityTimeoutMs?: number | undefined;
}

/**
 * The bytes of one upload. They are counted and compared with the announced length, and a receiver that stops reading
 * is noticed.
 */
export class UploadSource {
  readonly #options: UploadSourceOptions;
  readonly #stalled = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** To be read once, by the request. */
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
  #offered = 0;
  #taken = 0;
  /** How long the receiver has had the last chunk. Undefined while it waits for the source. */
  #idleMs: number | undefined = 0;
  #failure: unknown;

  constructor(options: UploadSourceOptions) {
    this.#options = options;
    const limit = options.inactivityTimeoutMs ?? 300_000;
    const intervalMs = Math.min(limit / 4, 5_000);
    this.#timer = setInterval(() => this.#check(intervalMs, limit), intervalMs);
    this.#timer.unref();
    this.chunks = this.#watched();
  }

  /** Aborts when the receiver has taken nothing for too long. */
  get stalled(): AbortSignal {
    return this.#stalled.signal;
  }

  /** The source's own error, if there was one. */
  get failure(): unknown {
    return this.#failure;
  }

  /** As `3.5 of 12.0 MB`. */
  get progress(): string {
    return `${megabytes(this.#taken)} of ${megabytes(this.#options.contentLength)} MB`;
  }

  /**
   * Resolves when the receiver has everything and the source has ended without an error. A receiver may answer as soon
   * as it has all bytes. A source that compares a digest at its end has not ended then.
   * @throws NfcError if the receiver answered before it had everything, or the source's error.
   */
  async requireSent(): Promise<void> {
    if (this.#taken !== this.#options.contentLength) {
      throw new NfcError(
        `The host took only ${this.progress} of ${this.#options.what} and called it complete.`,
      );
    }
    // A generator answers one call after the other. So this waits for what the request has asked for, even if the
    // request has ended meanwhile.
    await this.chunks.next();
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async *#watched(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* this.#counted();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#idleMs = 0;
  }

  async *#counted(): AsyncGenerator<Uint8Array, void, void> {
    const { body, contentLength, onBytes } = this.#options;
    this.#idleMs = undefined;
    for await (const chunk of body) {
      if (chunk.length === 0) continue;
      this.#offered += chunk.length;
      if (this.#offered > contentLength) throw this.#wrongLength("more");
      this.#idleMs = 0;
      yield chunk;
      this.#idleMs = undefined;
      this.#taken += chunk.length;
      onBytes?.(chunk.length);
    }
    if (this.#offered < contentLength) throw this.#wrongLength(`only ${this.#offered}`);
  }

  #wrongLength(found: string): NfcError {
    const { what, contentLength } = this.#options;
    return new NfcError(
      `Sending ${what}: ${contentLength} bytes were announced, but the source holds ${found}.`,
    );
  }

  /** Adds up intervals: the time in which this machine sleeps does not count. */
  #check(intervalMs: number, limitMs: number): void {
    if (this.#idleMs === undefined) return;
    this.#idleMs += intervalMs;
    if (this.#idleMs <= limitMs) return;
    const { what } = this.#options;
    const state =
      this.#taken < this.#options.contentLength
        ? `stopped taking data after ${this.progress}`
        : "has not answered";
    this.#stalled.abort(new NfcError(`Sending ${what}: the host ${state} for ${limitMs / 1_000} s.`));
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
