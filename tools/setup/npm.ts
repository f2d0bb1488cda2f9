import { type CommandResult, runCommand } from "./command.ts";

const TAKES_AT_MOST_MS = 240_000;

/** Runs npm, or another manager of its packages, in a folder as its user would there. Never rejects: look at `code`. */
export function runNpm(args: readonly string[], cwd: string, command = "npm"): Promise<CommandResult> {
  // This process may run under npm itself, whose settings for the checkout are not that folder's.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command)/.test(name)),
  );
  return runCommand(command, args, { cwd, env, timeoutMs: TAKES_AT_MOST_MS });
}
