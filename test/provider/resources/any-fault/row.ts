import type { Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import type { Lab } from "../lab.ts";

/** One resource, and what is done to it while requests fail. */
export interface Row {
  readonly title: string;
  /** The resource's type name. */
  readonly kind: string;
  readonly lifecycle: Lifecycle;
  readonly options?: Partial<SimulatorOptions>;
  /** What must be there before: sources, and things of strangers that must stay as they are. */
  prepare?(lab: Lab): Promise<void>;
  wish(lab: Lab): Promise<Properties>;
  /** What an update changes it to. */
  change?(lab: Lab): Promise<Properties>;
  /** Files whose content differs between two runs that made the same. */
  readonly changing: RegExp;
  /** What else must be so when it is there. */
  check?(lab: Lab): Promise<unknown>;
  /** Names of faults that cannot be made good in a create, because the host has no place to write down what was begun. */
  readonly unmarked?: RegExp;
  /** How many faults are drawn for each request that changes something, and for the others. */
  readonly draws?: { readonly writes: number; readonly reads: number };
}

export const STEPS = ["create", "update", "delete"] as const;
export type Step = (typeof STEPS)[number];
