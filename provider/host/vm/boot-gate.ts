import type { ManagedObjectReference } from "../../../schema/index.ts";
import { pauseFor } from "../../pause.ts";
import { Semaphore } from "../../vim/soap/semaphore.ts";
import type { WaitLoop } from "../../vim/watch/wait-loop.ts";

/** How many guests of a host may boot at once, and how long one counts as booting. */
export interface BootLimits {
  readonly maxBoots: number;
  /** The longest that a guest counts as booting, in seconds: one without VMware Tools never says that it is up. */
  readonly bootSeconds: number;
}

/**
 * Keeps a host from booting more guests at once than it can bear: hundreds that boot together read all they need from one
 * datastore, and each takes longer than one after the other. A guest boots from its power-on until its Tools run, it is
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

  /** Lets go of what is watched. */
  close(): void {
    this.#closed.abort();
  }

  /** Never rejects: a host that does not answer any more is no reason to fail a machine that runs. */
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
    // Where it cannot be watched, time alone counts.
    await Promise.race([isUp.catch(() => isOver), isOver]).catch(() => {});
    done.abort();
    await Promise.allSettled([isUp, isOver]);
  }
}
