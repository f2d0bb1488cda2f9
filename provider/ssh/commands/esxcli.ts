import type { SshExec } from "../exec.ts";
import { CommandError } from "./command-error.ts";

/** How `esxcli` begins to tell what went wrong, in some releases with the status 0. */
const FAULT = /^(?:Error: |Connect to localhost failed: |Unable to |Invalid |Failed to )/;

/**
 * Runs `esxcli` for something that prints nothing when it is done.
 * @throws CommandError
 */
export async function esxcli(ssh: SshExec, words: readonly string[], signal: AbortSignal): Promise<void> {
  const { stdout, stderr } = await ssh.exec(["esxcli", ...words], { signal });
  const said = [stderr, stdout].map((text) => text.trim()).find((text) => FAULT.test(text));
  if (said === undefined) return;
  throw new CommandError(`${ssh.host}: \`esxcli ${words.join(" ")}\` said: ${said}`, {
    exitCode: 0,
    stdout,
    stderr,
  });
}
