import { GATHER } from "../tuning.ts";

/** Lets operations that run at the same time ask their hosts together. */
export class Gathering {
  #milliseconds = 0;
  #next: Promise<void> | undefined;

  /** Must be called for each resource that is about to be made, changed or deleted. */
  addChange(kind: keyof typeof GATHER.msPerChange): void {
    this.#milliseconds += GATHER.msPerChange[kind];
  }

  /** Resolves when the gathered questions must go to the host: at the same moment for all callers before it. */
  moment(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      const begin = () => {
        this.#next = undefined;
        resolve();
      };
      setTimeout(begin, this.#patience());
    });
    return this.#next;
  }

  #patience(): number {
    const milliseconds = Math.round(this.#milliseconds);
    if (milliseconds <= GATHER.soonMs) return GATHER.soonMs;
    return Math.min(GATHER.longestMs, Math.max(GATHER.worthItMs, milliseconds));
  }
}

/** For all resources of a run, on all hosts. */
export const gathering = new Gathering();
