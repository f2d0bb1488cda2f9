/** Fault rules: what a test wants to go wrong, when, and how. @public */
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
      /** For a command over SSH: its output, instead of carrying it out. */
      readonly stdout?: string;
      readonly stderr?: string;
    }
  /** Cuts the connection instead of handling the request. */
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
  /** SOAP method, or `nfc` or `folder` for those requests. Default: every request. */
  readonly method?: string | RegExp | undefined;
  /** Part of the name of the VM or other entity in the request. */
  readonly entity?: string | undefined;
  /** The number of matching requests that are left alone first. Default 0. */
  readonly after?: number | undefined;
  /** The number of requests to which the rule applies. Default: all. */
  readonly count?: number | undefined;
  /** Probability for each matching request, 0 to 1. Default 1. */
  readonly probability?: number | undefined;
  /** Wait before the action, in milliseconds. Default 0. */
  readonly delayMs?: number | undefined;
  /**
   * For uploads: the action comes after this many bytes of the body. For a command over SSH: `disconnect` after this
   * many bytes of its input.
   */
  readonly atByte?: number | undefined;
  /** Called before the host handles a request to which the rule applies, and after that, before it answers. */
  readonly onWork?: ((moment: "before" | "after") => void | Promise<void>) | undefined;
  /** Called before the task of the request does its work. The work waits until this has resolved. */
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

  /** The first rule that applies to a request. It counts as applied. */
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
