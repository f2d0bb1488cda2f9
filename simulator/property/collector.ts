/** One PropertyCollector: its filters, its version, and the calls that wait for updates. */
import type {
  ManagedObjectReference,
  PropertyFilterSpec,
  PropertyFilterUpdate,
  UpdateSet,
} from "../../schema/index.ts";
import { PROPERTY_COLLECTOR } from "../core/ids.ts";
import { notAuthenticated, VimFault } from "../soap/fault.ts";
import { Filter } from "./filter.ts";
import { Pages } from "./retrieve.ts";
import type { Scope } from "./select.ts";

export interface WaitLimits {
  /** Seconds to wait for a change. 0 answers at once, undefined waits without a limit. */
  readonly maxWaitSeconds?: number | undefined;
  readonly maxObjectUpdates?: number | undefined;
}

interface Waiter {
  wake(): void;
  cancel(fault: VimFault): void;
}

export class Collector {
  readonly ref: ManagedObjectReference;
  readonly filters = new Map<string, Filter>();
  readonly pages = new Pages();
  readonly #scope: Scope;
  readonly #unsubscribe: () => void;
  readonly #waiters = new Set<Waiter>();
  #version = 0;
  #nextFilter = 0;

  constructor(ref: ManagedObjectReference, scope: Scope) {
    this.ref = ref;
    this.#scope = scope;
    this.#unsubscribe = scope.registry.subscribe((changed, properties) => {
      let concerned = false;
      for (const filter of this.filters.values()) concerned = filter.note(changed, properties) || concerned;
      if (concerned) for (const waiter of [...this.#waiters]) waiter.wake();
    });
  }

  createFilter(spec: PropertyFilterSpec, partialUpdates: boolean, scope: Scope): Filter {
    const id = `${this.ref.value}-filter-${this.#nextFilter++}`;
    const filter = new Filter({ type: "PropertyFilter", value: id }, spec, partialUpdates, scope);
    this.filters.set(id, filter);
    this.#scope.registry.add({
      ref: filter.ref,
      session: this.#scope.session,
      readers: { spec: () => filter.spec, partialUpdates: () => filter.partialUpdates },
    });
    for (const waiter of [...this.#waiters]) waiter.wake();
    return filter;
  }

  destroyFilter(id: string): boolean {
    const filter = this.filters.get(id);
    if (filter === undefined) return false;
    this.filters.delete(id);
    this.#scope.registry.remove(filter.ref);
    return true;
  }

  destroy(): void {
    this.cancelWait();
    for (const id of [...this.filters.keys()]) this.destroyFilter(id);
    this.#unsubscribe();
    // The well-known collector outlives every session.
    if (this.ref.value !== PROPERTY_COLLECTOR.value) this.#scope.registry.remove(this.ref);
  }

  /** Called when the session has ended: waits end with NotAuthenticated. */
  end(): void {
    for (const waiter of [...this.#waiters]) waiter.cancel(notAuthenticated(this.ref));
    this.destroy();
  }

  /** Ends every wait of this collector with RequestCanceled. */
  cancelWait(): void {
    for (const waiter of [...this.#waiters])
      waiter.cancel(new VimFault("RequestCanceled", "The task was canceled by a user."));
  }

  /**
   * The changes since `version`, at once or when there are some. Undefined when the time is over.
   *
   * @throws VimFault InvalidCollectorVersion, RequestCanceled
   */
  async wait(version: string, limits: WaitLimits, signal: AbortSignal): Promise<UpdateSet | undefined> {
    if (version === "") for (const filter of this.filters.values()) filter.restart();
    else if (version !== String(this.#version)) {
      throw new VimFault("InvalidCollectorVersion", "The data version is not known.");
    }
    const deadline =
      limits.maxWaitSeconds === undefined ? undefined : Date.now() + limits.maxWaitSeconds * 1000;
    for (;;) {
      const update = this.#take(limits.maxObjectUpdates ?? Number.POSITIVE_INFINITY);
      if (update !== undefined) return update;
      const left = deadline === undefined ? undefined : deadline - Date.now();
      if (left !== undefined && left <= 0) return undefined;
      if ((await this.#sleep(left, signal)) === "gone") return undefined;
    }
  }

  /** Waits for a change, the time limit, or the client's end. Changes at the same moment are reported together. */
  #sleep(ms: number | undefined, signal: AbortSignal): Promise<"woken" | "gone"> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", gone);
      };
      const waiter: Waiter = {
        wake: () => {
          done();
          setImmediate(() => resolve("woken"));
        },
        cancel: (fault) => {
          done();
          reject(fault);
        },
      };
      const gone = (): void => {
        done();
        resolve("gone");
      };
      const timer = ms === undefined ? undefined : setTimeout(waiter.wake, ms);
      signal.addEventListener("abort", gone, { once: true });
      this.#waiters.add(waiter);
      if (signal.aborted) gone();
    });
  }

  #take(limit: number): UpdateSet | undefined {
    const filterSet: PropertyFilterUpdate[] = [];
    let left = limit;
    for (const filter of this.filters.values()) {
      if (left <= 0) break;
      const objectSet = filter.take(left);
      left -= objectSet.length;
      if (objectSet.length > 0) filterSet.push({ filter: filter.ref, objectSet });
    }
    if (filterSet.length === 0) return undefined;
    this.#version += 1;
    const truncated = left <= 0 && [...this.filters.values()].some((filter) => filter.pending);
    return { version: String(this.#version), filterSet, ...(truncated ? { truncated } : {}) };
  }
}
