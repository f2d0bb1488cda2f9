import { UnreadableError } from "../../host/unreadable-error.ts";
import type { Context, Properties, ReadResult } from "./lifecycle.ts";

/**
 * Refreshes something that the host may be unable to read now. Then state keeps what is known, and a warning says
 * why. Otherwise one share that is away would keep all other resources from being refreshed.
 */
export async function keepUnreadable(
  id: string,
  props: Properties,
  { progress }: Context,
  read: () => Promise<ReadResult>,
): Promise<ReadResult> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    progress.warn(`${error.message} What is known of it stays in state.`);
    return { id, props };
  }
}
