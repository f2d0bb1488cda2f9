import { UnreadableError } from "../../host/unreadable-error.ts";
import type { Context } from "./lifecycle.ts";

/**
 * Refreshes something that the host may be unable to read now. Then state keeps what is known, and a warning says
 * why. Otherwise one share that is away would keep all other resources from being refreshed.
 */
export async function keepUnreadable<T>(
  known: T,
  { progress }: Pick<Context, "progress">,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    progress.warn(`${error.message} What is known of it stays in state.`);
    return known;
  }
}
