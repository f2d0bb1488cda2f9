import { isFault, VimFault } from "../vim/faults.ts";
import { surely } from "./grace.ts";
import { HostError, TakenError } from "./host-error.ts";

/** True if the host has refused to make something, or this package has. Then nothing was made. */
export const isRefused = (error: unknown): boolean => error instanceof VimFault || error instanceof HostError;

/** True if nothing was made or moved because its name is taken. */
export const isTaken = (error: unknown): boolean =>
  error instanceof TakenError ||
  ["AlreadyExists", "DuplicateName", "FileAlreadyExists"].some((fault) => isFault(error, fault));

/**
 * Sends a write that makes something under a name that is free. If no answer comes, the host may have done it all the
 * same, so this looks for it.
 * @param find Finds what the write was to make, if the host has it now.
 * @throws What the write threw, if the host has refused it or does not have the thing.
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
