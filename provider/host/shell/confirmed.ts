import { clock } from "../../clock.ts";
import { pauseFor } from "../../pause.ts";
import { CommandError } from "../../ssh/commands/command-error.ts";
import { VimCmdError } from "../../ssh/commands/vim-cmd-error.ts";
import { isCutOff } from "../../ssh/commands/vim-cmd-fault.ts";
import { SshError } from "../../ssh/ssh-error.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError, TakenError } from "../host-error.ts";

/** A change of a host by its shell, and a look through the API that shows whether it was made. */
interface ShellWrite<T> {
  /** As it stands in a message: `add the port group "lab"`. */
  readonly what: string;
  /**
   * Runs the command. It is run again only after `look` has shown nothing.
   * @param limit Fires a moment after `signal`. So a run knows whether the change was made before it ends.
   */
  write(limit: AbortSignal): Promise<unknown>;
  /** Asks the API. Undefined until the host is as the command should make it. */
  look(limit: AbortSignal): Promise<T | undefined>;
  /** Whether the command makes something under a name that was free. If it is taken, the look shows somebody else's. */
  readonly makes?: boolean;
  readonly signal: AbortSignal;
}

/** How long a host may take to show a change. Tests of that limit shorten it. */
export const PATIENCE = { afterSuccessMs: 30_000, afterFailureMs: 2000 };

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
const MOST_TRIES = 4;

/**
 * Changes a host by a command of its shell, and reads by the API until the host shows the change. The command's own
 * answer counts only if the host does not show the change, because a command may fail after it has done its work, and
 * may succeed without doing it. A command that was cut off, or that the busy host did not accept, is run again, after a
 * look whether it was done.
 *
 * @returns The result of the look.
 * @throws HostError with the command's own message if the host has refused. The command has changed nothing then.
 * TakenError if the name of what it makes is taken. SshError if nobody knows.
 */
export async function confirmed<T>(host: EsxiHost, change: ShellWrite<T>): Promise<T> {
  const { what, write, look, makes = false, signal } = change;
  const limit = aMomentAfter(signal);
  for (let tries = 1; ; tries++) {
    let failure: SshError | undefined;
    signal.throwIfAborted();
    try {
      await write(limit);
    } catch (error) {
      limit.throwIfAborted();
      if (!(error instanceof SshError)) throw error;
      failure = error;
    }
    // Once the command has run before, its own work may be what is in its way.
    if (makes && tries === 1 && failure && isRefusal(failure) && saysTaken(failure))
      throw new TakenError(`${host.name}: could not ${what}: ${failure.message}`, { cause: failure });
    const shown = await untilShown(look, failure ? PATIENCE.afterFailureMs : PATIENCE.afterSuccessMs, limit);
    if (shown !== undefined) return shown;
    signal.throwIfAborted();
    if (failure === undefined) {
      throw new SshError(
        `${host.name}: the command to ${what} ended well, but the host does not show the change after ` +
          `${PATIENCE.afterSuccessMs / 1000} s. Look in the host's client, then run \`pulumi up\` again.`,
      );
    }
    if (isRefusal(failure)) {
      throw new HostError(`${host.name}: could not ${what}: ${failure.message}`, { cause: failure });
    }
    if (tries === MOST_TRIES) throw failure;
  }
}

async function untilShown<T>(
  look: ShellWrite<T>["look"],
  patienceMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const end = clock.now() + patienceMs;
  for (let pause = FIRST_PAUSE_MS, tries = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS), tries++) {
    let failure: unknown;
    try {
      const shown = await look(signal);
      if (shown !== undefined) return shown;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HostError) throw error;
      failure = error;
    }
    // A single failed look proves nothing.
    if (clock.now() >= end && (failure === undefined || tries > 1)) {
      if (failure !== undefined) throw failure;
      return undefined;
    }
    await pauseFor(pause, signal);
  }
}

/** Whether the host itself has refused. */
function isRefusal(failure: SshError): boolean {
  if (failure instanceof VimCmdError) return failure.fault !== undefined || !isCutOff(failure.message);
  if (!(failure instanceof CommandError)) return false;
  const { exitCode, stdout, stderr } = failure;
  return exitCode !== undefined && !isCutOff(`${stdout}\n${stderr}`);
}

/** Whether the host has refused because there is something of that name. */
function saysTaken(failure: SshError): boolean {
  const said = failure instanceof CommandError ? `${failure.stdout}\n${failure.stderr}` : failure.message;
  return /already exists/i.test(said);
}
