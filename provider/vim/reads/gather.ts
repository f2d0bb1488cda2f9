/** What is asked within so many milliseconds goes to the host together, as long as little has been changed. */
const SOON_MS = 2;
/**
 * So much longer for each resource that is made, changed or deleted: Pulumi writes down the state of all of them after
 * each, so the more there are the longer it takes to come to the next, and the less it costs to wait. Of those that are
 * deleted there are ever fewer.
 */
const MS_PER_CHANGE = { create: 0.2, update: 0.2, delete: 0.06 };
/** What is more than the shortest wait is at least as long as two or three operations need to join. */
const WORTH_IT_MS = 8;
const LONGEST_MS = 100;

/** Makes operations that work at the same time ask their hosts together. */
export class Gathering {
  #milliseconds = 0;
  #next: Promise<void> | undefined;

  /** To be told for each resource that is about to be made, changed or deleted. */
  addChange(kind: keyof typeof MS_PER_CHANGE): void {
    this.#milliseconds += MS_PER_CHANGE[kind];
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
    if (milliseconds <= SOON_MS) return SOON_MS;
    return Math.min(LONGEST_MS, Math.max(WORTH_IT_MS, milliseconds));
  }
}

/** Of all resources of a run, whatever their hosts. */
export const gathering = new Gathering();
