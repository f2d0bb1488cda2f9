export interface LeaseProgressOptions {
  /** Called for each report: the percentage that is done, 0–100. */
  readonly percent: () => number;
  /** Time between reports, in milliseconds. Default 5,000; the useful range is 2,000–10,000. */
  readonly intervalMs?: number | undefined;
  /** Gets the error of a report, usually because the host has ended the lease. Reports go on. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** Sends reports at fixed intervals, one at a time, so that a slow source or a slow host does not end the lease. */
export class LeaseProgress {
  readonly #report: (percent: number, signal: AbortSignal) => Promise<void>;
  readonly #options: LeaseProgressOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    report: (percent: number, signal: AbortSignal) => Promise<void>,
    options: LeaseProgressOptions,
  ) {
    this.#report = report;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs ?? 5_000);
    this.#timer.unref();
  }

  /** No report begins after this, and none is in progress when it resolves. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#running;
  }

  #tick(): void {
    const percent = Math.max(0, Math.min(100, Math.floor(this.#options.percent())));
    this.#running ??= this.#report(percent, this.#stopped.signal)
      .catch((error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#options.onFailure?.(error);
      })
      .finally(() => {
        this.#running = undefined;
      });
  }
}
