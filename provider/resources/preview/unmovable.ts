import type { CheckFailure, Lifecycle, Properties } from "../frame/lifecycle.ts";
import type { Look } from "./look.ts";

interface Moving {
  readonly lifecycle: Pick<Lifecycle, "unmovable">;
  readonly olds: Properties;
  readonly inputs: Properties;
}

/** What keeps a resource in state from going to where its program wants it. Asked only if the program wants another place. */
export async function unmovable(
  { context }: Look,
  { lifecycle, olds, inputs }: Moving,
): Promise<CheckFailure[]> {
  try {
    const error = await lifecycle.unmovable?.(olds, inputs, context);
    return error === undefined ? [] : [{ property: "datastore", reason: error.message }];
  } catch (error) {
    context.signal.throwIfAborted();
    // Whatever else is wrong with the host is told where it is needed.
    if (error instanceof Error) return [];
    throw error;
  }
}
