import type { HostError } from "../../host/host-error.ts";
import type { CheckFailure } from "../frame/lifecycle.ts";
import type { Look } from "./look.ts";

/**
 * What a lifecycle that asks its host says of a property. Other errors of the host are told where the host is needed.
 */
export async function askLifecycle(
  { context }: Look,
  property: string,
  ask: () => Promise<HostError | undefined> | undefined,
): Promise<CheckFailure[]> {
  try {
    const error = await ask();
    return error === undefined ? [] : [{ property, reason: error.message }];
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof Error) return [];
    throw error;
  }
}
