import type { SshExec } from "../exec.ts";
import { CommandError } from "./command-error.ts";

/** The beginning of an error message of `esxcli`. Some releases then exit with status 0. */
const FAULT = /^(?:Error: |Connect to localhost failed: |Unable to |Invalid |Failed to )/;

/**
 * Runs an `esxcli` command that prints nothing when it succeeds.
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
