import type { CheckFailure, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { askLifecycle } from "./ask-lifecycle.ts";
import type { Look } from "./look.ts";
import { isTaken } from "./taken.ts";
import type { Wants } from "./wants.ts";

interface Adopting {
  readonly lifecycle: Pick<Lifecycle, "unadoptable">;
  readonly inputs: Properties;
  readonly urn: string;
}

/** Why a new resource cannot adopt what its host has under its name. Asked only if there is something. */
export async function unadoptable(
  look: Look,
  { adopts, makes }: Wants,
  { lifecycle, inputs, urn }: Adopting,
): Promise<CheckFailure[]> {
  if (!adopts || (makes !== undefined && !(await isTaken(look, makes, urn)))) return [];
  return askLifecycle(look, "adopt", () => lifecycle.unadoptable?.(inputs, look.context));
}
