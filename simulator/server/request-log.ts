/** The requests to the host: one entry for each, never with a secret. */
export interface RequestEntry {
  /** SOAP method, `nfc`, `folder`, or the path of another GET. */
  readonly method: string;
  /** Id of the object on which the method was called. The path for other requests. */
  readonly target: string;
  /** Name of the VM or other entity of the request. Empty if it has none. */
  readonly entity: string;
  readonly startedAt: Date;
  /** Undefined while it is handled. 0 if the connection was cut. */
  status: number | undefined;
  /** Fault of the answer. */
  fault: string | undefined;
  durationMs: number | undefined;
  /** True if a fault rule was applied to it. */
  faultRule: boolean;
}

const KEEP = 100_000;

export class RequestLog {
  #entries: RequestEntry[] = [];
  readonly #running = new Map<string, number>();
  readonly #peak = new Map<string, number>();
  #runningTotal = 0;
  #peakTotal = 0;

  start(method: string, target: string, entity: string): RequestEntry {
    const entry: RequestEntry = {
      method,
      target,
      entity,
      startedAt: new Date(),
      status: undefined,
      fault: undefined,
      durationMs: undefined,
      faultRule: false,
    };
    this.#entries.push(entry);
    if (this.#entries.length > KEEP) this.#entries.shift();
    const running = (this.#running.get(method) ?? 0) + 1;
    this.#running.set(method, running);
    this.#peak.set(method, Math.max(running, this.#peak.get(method) ?? 0));
    this.#runningTotal += 1;
    this.#peakTotal = Math.max(this.#peakTotal, this.#runningTotal);
    return entry;
  }

  end(entry: RequestEntry, status: number, fault?: string): void {
    if (entry.status !== undefined) return;
    entry.status = status;
    entry.fault = fault;
    entry.durationMs = Date.now() - entry.startedAt.getTime();
    this.#running.set(entry.method, (this.#running.get(entry.method) ?? 1) - 1);
    this.#runningTotal -= 1;
  }

  entries(): readonly RequestEntry[] {
    return this.#entries;
  }

  /** The number of requests, of one method or of all. */
  count(method?: string): number {
    return method === undefined
      ? this.#entries.length
      : this.#entries.filter((one) => one.method === method).length;
  }

  /** The most requests that were handled at the same time, of one method or of all. */
  maxConcurrent(method?: string): number {
    return method === undefined ? this.#peakTotal : (this.#peak.get(method) ?? 0);
  }

  clear(): void {
    this.#entries = [];
    this.#peak.clear();
    this.#peakTotal = this.#runningTotal;
  }
}
