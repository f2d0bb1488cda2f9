/** A command of the shell with its arguments. */
import type { HostFiles } from "./files.ts";
import type { Io } from "./io.ts";

/** The shell that runs a command, as the command sees it. */
export interface RunningShell {
  readonly files: HostFiles;
  readonly variables: Map<string, string>;
  cwd: string;
  /** Whether there is such a command. */
  has(command: string): boolean;
  /** Ends the shell. Without a status, with that of the last command. */
  exit(status: number | undefined): never;
  /** Whether a failing command ends the shell. */
  endOnError(yes: boolean): void;
}

export interface Invocation extends Io {
  /** Without the command's own name. */
  readonly args: readonly string[];
  readonly shell: RunningShell;
}

/** @returns the exit status */
export type ShellCommand = (invocation: Invocation) => Promise<number> | number;
