import type { Chance } from "./chance.ts";

/** One kind of foreign input, and the code that reads it. */
export interface FuzzPart {
  /** As `npm run fuzz -- --part NAME` calls it. */
  readonly name: string;
  /** How many inputs `npm test` tries: what takes some seconds. */
  readonly draws: number;
  /** Opens what all inputs share; what it returns is called when all is done. */
  open?(): Promise<() => Promise<void>>;
  /** Hands one input of chance's choice to the real code, to its end. What it throws must be an expected error. */
  tryOne(chance: Chance): Promise<void>;
  /** Errors that say what is wrong with the input; any other one is a fault of ours. */
  isExpected(error: unknown): boolean;
}
