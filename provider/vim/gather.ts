/** What begins within so many milliseconds goes to the host together. */
const SOON_MS = 2;
/** The same in a run of many resources, where fewer calls are worth more than the moment. */
const PATIENT_MS = 100;
/** More than so many operations are a run of many resources. */
const MANY_OPERATIONS = 12;
/** When all who are at work wait, there is so long for those who are about to begin. */
const LAST_CALL_MS = 8;
/** The longer a run, the more have to wait for that: a call saved for each machine counts more there. */
const OPERATIONS_PER_WAITING = 100;

/** Makes operations that work at the same time ask their hosts together. */
export class Gathering {
  #operations = 0;
  #underWay = 0;
  #next: Moment | undefined;

  /** Runs an operation of a resource that asks a host. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    this.#operations += 1;
    this.#underWay += 1;
    this.#plan();
    try {
      return await operation();
    } finally {
      this.#underWay -= 1;
      this.#plan();
    }
  }

  /** Resolves when what has been gathered is to go to the host: at the same moment for all who ask. */
  moment(): Promise<void> {
    return this.#upcoming().come;
  }

  /** To be told for each operation that can do nothing before that moment. */
  addWaiting(): void {
    this.#upcoming().waiting += 1;
    this.#plan();
  }

  #upcoming(): Moment {
    if (this.#next) return this.#next;
    const moment = new Moment(this.#operations > MANY_OPERATIONS ? PATIENT_MS : SOON_MS);
    void moment.come.then(() => {
      this.#next = undefined;
    });
    this.#next = moment;
    this.#plan();
    return moment;
  }

  #plan(): void {
    const waiting = this.#next?.waiting ?? 0;
    const isLastCall = waiting >= this.#underWay && waiting >= this.#operations / OPERATIONS_PER_WAITING;
    this.#next?.endWithin(isLastCall ? LAST_CALL_MS : Number.POSITIVE_INFINITY);
  }
}

class Moment {
  readonly come: Promise<void>;
  waiting = 0;
  readonly #latest: number;
  #timer: NodeJS.Timeout | undefined;
  #begin: () => void = () => {};

  constructor(latestMs: number) {
    this.#latest = performance.now() + latestMs;
    this.come = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** Comes after so many milliseconds from now, or at its latest. */
  endWithin(milliseconds: number): void {
    const left = Math.min(milliseconds, this.#latest - performance.now());
    clearTimeout(this.#timer);
    // A busy process is late; Node.js warns of a negative time, and Pulumi would show that to people.
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, left));
  }
}

/** Of all resources of a run, whatever their hosts. */
export const gathering = new Gathering();
