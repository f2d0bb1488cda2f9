import type { Edit } from "./edits.ts";

/**
 * Something in a descriptor that a host does not accept as it is, or that would lead to another machine than intended.
 */
export interface Finding {
  /** In the descriptor, counted from 1. */
  readonly line: number;
  /** A clause, such as `its hardware is of the family virtualbox-2.2`. */
  readonly what: string;
  /** The change that `relax` makes, as a clause. */
  readonly change: string;
  /** Whether a host refuses it. Without `relax`, only a refused finding is an error, and the others are ignored. */
  readonly isRefused: boolean;
  /** Deployment options for which it matters. Undefined for all of them. */
  readonly options: readonly string[] | undefined;
}

/** A finding with the edits that make its `change`. */
export interface EditableFinding extends Finding {
  readonly edits: readonly Edit[];
}
