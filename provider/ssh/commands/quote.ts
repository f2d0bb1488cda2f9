/** The arguments as one line for a POSIX shell. Each is in single quotes, where no character has a special meaning. */
export function commandLine(args: readonly string[]): string {
  return args.map(quote).join(" ");
}

/** @throws TypeError for a zero byte, which no argument can hold. */
export function quote(argument: string): string {
  if (argument.includes("\0")) throw new TypeError("An argument of a command cannot hold a zero byte.");
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
