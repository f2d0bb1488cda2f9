import type { Edit } from "./edits.ts";

/** Something in a descriptor that a host does not take as it is, or that would make another machine than was meant. */
export interface Finding {
  /** In the descriptor, counted from 1. */
  readonly line: number;
  /** A clause, such as `its hardware is of the family virtualbox-2.2`. */
  readonly what: string;
  /** What `relax` makes of it, as a clause. */
  readonly change: string;
  /** Whether a host refuses it. What it does not refuse is put right only where `relax` is at work. */
  readonly isRefused: boolean;
  /** Deployment options that it matters for; undefined for all of them. */
  readonly options: readonly string[] | undefined;
}

/** A finding, with the edits that make of it what its `change` says. */
export interface EditableFinding extends Finding {
  readonly edits: readonly Edit[];
}
