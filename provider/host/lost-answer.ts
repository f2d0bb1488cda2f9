import { VimFault } from "../vim/faults.ts";
import { surely } from "./grace.ts";
import { HostError } from "./host-error.ts";

/** True if the host, or this package for it, has refused to make something: then nothing was made. */
export const isRefused = (error: unknown): boolean => error instanceof VimFault || error instanceof HostError;

/**
 * Sends a write that makes something of a name that nothing has. If no answer came, the host may have done it all the
 * same, so it is looked for.
 *
 * @param find What the write was to make, if the host has it now.
 * @throws What the write threw, if the host refused it or does not have it.
 */
export async function madeDespiteLostAnswer<T, F>(
  write: () => Promise<T>,
  find: () => Promise<F | undefined>,
): Promise<T | F> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof VimFault) throw error;
    const made = await surely(undefined, find).catch(() => undefined);
    if (made === undefined) throw error;
    return made;
  }
}
