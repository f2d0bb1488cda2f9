/** Thrown for a command line that the shell cannot read. */
export class ShellSyntaxError extends Error {
  constructor(what: string) {
    super(`syntax error: ${what}`);
    this.name = "ShellSyntaxError";
  }
}
