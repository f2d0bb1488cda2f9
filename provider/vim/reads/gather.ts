import { GATHER } from "../tuning.ts";

/** Makes operations that work at the same time ask their hosts together. */
export class Gathering {
  #milliseconds = 0;
  #next: Promise<void> | undefined;

  /** To be told for each resource that is about to be made, changed or deleted. */
  addChange(kind: keyof typeof GATHER.msPerChange): void {
    this.#milliseconds += GATHER.msPerChange[kind];
  }

  /** Resolves when what has been gathered is to go to the host: at the same moment for all who ask before it. */
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

/** Of all resources of a run, whatever their hosts. */
export const gathering = new Gathering();
