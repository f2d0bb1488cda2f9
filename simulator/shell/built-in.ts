/** Commands that change the shell itself. */
import { FilesError } from "./files-error.ts";
import type { RunningShell } from "./invocation.ts";
import type { Io } from "./io.ts";

type BuiltIn = (this: RunningShell, args: readonly string[], io: Io) => Promise<number> | number;

export const BUILT_IN = new Map<string, BuiltIn>([
  [
    "cd",
    async function (args, io) {
      const path = args[0] ?? "/";
      try {
        const place = this.files.place(this.cwd, path);
        if ((await this.files.status(place))?.kind !== "directory") throw new FilesError("ENOENT");
        this.cwd = place.path;
        return 0;
      } catch (error) {
        await io.stderr(
          `sh: cd: can't cd to ${path}${error instanceof FilesError ? `: ${error.message}` : ""}\n`,
        );
        return 2;
      }
    },
  ],
  [
    "exit",
    function (args) {
      return this.exit(args[0] === undefined ? undefined : Number(args[0]) & 255);
    },
  ],
  [
    "set",
    function (args) {
      for (const option of args) {
        if (/^-\w*e/.test(option)) this.endOnError(true);
        if (/^\+\w*e/.test(option)) this.endOnError(false);
      }
      return 0;
    },
  ],
  [
    "export",
    function (args) {
      for (const arg of args) {
        const [, name, value] = /^(\w+)=(.*)$/s.exec(arg) ?? [];
        if (name !== undefined) this.variables.set(name, value ?? "");
      }
      return 0;
    },
  ],
  [
    "command",
    async function (args, io) {
      const [option, name] = args;
      if (option !== "-v" || name === undefined || !this.has(name)) return 127;
      await io.stdout(`${name}\n`);
      return 0;
    },
  ],
  [":", () => 0],
]);
