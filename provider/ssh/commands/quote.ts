import type { ExecOptions } from "../exec.ts";

/** The arguments as one line for a POSIX shell. Each is in single quotes, where no character has a special meaning. */
export function commandLine(args: readonly string[]): string {
  return args.map(quote).join(" ");
}

/** @throws TypeError for a zero byte, which no argument can hold. */
function quote(argument: string): string {
  if (argument.includes("\0")) throw new TypeError("An argument of a command cannot hold a zero byte.");
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/**
 * The arguments as one line, with its output where the options say. The host's shell goes on when the connection
 * breaks, so it is the shell that removes a draft that did not arrive as a whole.
 */
export function commandLineInto(
  args: readonly string[],
  { toFile, whole }: Pick<ExecOptions, "toFile" | "whole">,
): string {
  const line = commandLine(args);
  if (toFile === undefined) return line;
  if (whole === undefined) return `${line} > ${quote(toFile)}`;
  const draft = quote(whole.draft);
  const isWhole = `sha256sum < ${draft} | grep -q ${quote(`^${whole.sha256} `)}`;
  const written = `${line} > ${draft} && ${isWhole} && mv -f ${draft} ${quote(toFile)}`;
  const otherwise = `|| { rm -f ${draft}; exit 1; }`;
  if (whole.then === undefined) return `${written} ${otherwise}`;
  return `${written} && echo ${whole.sha256} ${otherwise}; ${commandLine(whole.then)}`;
}
