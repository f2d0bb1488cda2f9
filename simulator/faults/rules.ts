/** Faults by rule: what a test wants to go wrong, when, and how. @public */
export type FaultAction =
  | {
      readonly fault: string;
      readonly message?: string;
      readonly properties?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly taskFault: string;
      readonly message?: string;
      readonly properties?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly status: number;
      /** Of a command over SSH, what it prints instead of what it does. */
      readonly stdout?: string;
      readonly stderr?: string;
    }
  /** Cuts the connection instead of working on the request. */
  | "disconnect"
  /** Does the work, then cuts the connection. */
  | "loseReply"
  /** Ends the caller's session, then goes on with the request. */
  | "expireSession"
  /** Never answers. */
  | "hang"
  /** Goes on with the request, after `delayMs`. */
  | "continue";

export interface FaultRule {
  /** SOAP method, or `nfc` or `folder` for those requests; default: every one. */
  readonly method?: string | RegExp | undefined;
  /** Part of the name of the VM or other entity that the request is about. */
  readonly entity?: string | undefined;
  /** The first so many matching requests go unharmed; default 0. */
  readonly after?: number | undefined;
  /** The rule holds for so many requests; default: for all. */
  readonly count?: number | undefined;
  /** Chance of each matching request, 0 to 1; default 1. */
  readonly probability?: number | undefined;
  /** Wait before the action, in milliseconds; default 0. */
  readonly delayMs?: number | undefined;
  /** For uploads: the action comes after this many bytes of the body. Of a command over SSH: `disconnect`, of its input. */
  readonly atByte?: number | undefined;
  /** Called when the host begins to work on a request for which the rule holds, and when it has, before it answers. */
  readonly onWork?: ((moment: "before" | "after") => void | Promise<void>) | undefined;
  /** Called when the task that the request has begun is to do its work, which it does when this has resolved. */
  readonly onTask?: (() => void | Promise<void>) | undefined;
  readonly action: FaultAction;
}

interface Counted {
  readonly rule: FaultRule;
  seen: number;
  applied: number;
}

export class FaultRules {
  #rules: Counted[];
  #dice: number;

  constructor(rules: readonly FaultRule[], seed: number) {
    this.#rules = rules.map((rule) => ({ rule, seen: 0, applied: 0 }));
    this.#dice = seed;
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0, applied: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The first rule that holds for a request; it counts as applied. */
  match(method: string, entity: string): FaultRule | undefined {
    for (const counted of this.#rules) {
      const { rule } = counted;
      if (!matches(rule, method, entity)) continue;
      counted.seen += 1;
      if (counted.seen <= (rule.after ?? 0) || counted.applied >= (rule.count ?? Number.POSITIVE_INFINITY))
        continue;
      if (rule.probability !== undefined && this.#roll() >= rule.probability) continue;
      counted.applied += 1;
      return rule;
    }
    return undefined;
  }

  /** The next number of a fixed sequence (mulberry32), so that a run can be repeated. */
  #roll(): number {
    this.#dice = (this.#dice + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#dice ^ (this.#dice >>> 15), 1 | this.#dice);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

function matches(rule: FaultRule, method: string, entity: string): boolean {
  if (rule.entity !== undefined && !entity.includes(rule.entity)) return false;
  if (rule.method === undefined) return true;
  return typeof rule.method === "string" ? rule.method === method : rule.method.test(method);
}
