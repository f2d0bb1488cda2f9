import type { ManagedObjectReference } from "../../../schema/index.ts";
import { pauseFor } from "../../pause.ts";
import { Semaphore } from "../../vim/soap/semaphore.ts";
import type { WaitLoop } from "../../vim/watch/wait-loop.ts";

/** How many guests of a host may boot at the same time, and how long a guest counts as booting. */
export interface BootLimits {
  readonly maxBoots: number;
  /**
   * The longest time that a guest counts as booting, in seconds. A guest without VMware Tools never says that it is up.
   */
  readonly bootSeconds: number;
}

/**
 * Limits how many guests boot on a host at the same time. Hundreds that boot together read everything from one
 * datastore, and that takes longer than one after the other. A guest boots from its power-on until its Tools run, it is
 * off again, or its time is over.
 */
export class BootGate {
  readonly #limits: BootLimits;
  readonly #places: Semaphore;
  readonly #updates: Pick<WaitLoop, "watch">;
  readonly #closed = new AbortController();

  constructor(limits: BootLimits, updates: Pick<WaitLoop, "watch">) {
    this.#limits = limits;
    this.#places = new Semaphore(limits.maxBoots);
    this.#updates = updates;
  }

  /**
   * Powers a machine on when its guest may boot. Resolves when it is powered on, not when it has booted.
   * @param onWait Called if it has to wait.
   */
  powerOn(
    vm: ManagedObjectReference,
    powerOn: () => Promise<void>,
    options: { readonly signal: AbortSignal; readonly onWait: (text: string) => void },
  ): Promise<void> {
    const { maxBoots } = this.#limits;
    if (this.#places.isFull) options.onWait(`${maxBoots} of ${maxBoots} guests`);
    return new Promise((resolve, reject) => {
      const boot = async () => {
        try {
          await powerOn();
        } catch (error) {
          reject(error);
          return;
        }
        resolve();
        await this.#booted(vm);
      };
      this.#places.run(boot, options.signal).catch(reject);
    });
  }

  /** Ends all watches. */
  close(): void {
    this.#closed.abort();
  }

  /** Never rejects. A machine that runs must not fail because its host does not answer any more. */
  async #booted(vm: ManagedObjectReference): Promise<void> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#closed.signal]);
    const isUp = this.#updates.watch(
      vm,
      "VirtualMachine",
      ["guest.toolsRunningStatus", "runtime.powerState"],
      (values) =>
        values["guest.toolsRunningStatus"] === "guestToolsRunning" ||
        values["runtime.powerState"] === "poweredOff" ||
        undefined,
      signal,
    );
    const isOver = pauseFor(this.#limits.bootSeconds * 1000, signal);
    // If it cannot be watched, only the time counts.
    await Promise.race([isUp.catch(() => isOver), isOver]).catch(() => {});
    done.abort();
    await Promise.allSettled([isUp, isOver]);
  }
}
