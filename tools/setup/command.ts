import { type SpawnOptions, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface CommandOptions {
  cwd?: string;
  /** The whole environment. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** After this many milliseconds the command and its children are killed. Default: never. */
  timeoutMs?: number;
  /** Once this appears in the output, the time-out becomes `slowTimeoutMs`: the command is known to get on. */
  slowOnce?: RegExp;
  slowTimeoutMs?: number;
}

export interface CommandResult {
  /** The exit code; null when the command was killed or could not be started. */
  code: number | null;
  stdout: string;
  /** Standard error; for a command that was killed or not found it ends with a line that says so. */
  stderr: string;
}

/** Runs a command with no standard input and collects what it prints. Never rejects: look at `code`. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const spawnOptions: SpawnOptions = {
      stdio: ["ignore", "pipe", "pipe"],
      detached: options.timeoutMs !== undefined,
    };
    if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
    if (options.env !== undefined) spawnOptions.env = options.env;
    const child = spawn(command, args, spawnOptions);

    let stdout = "";
    let stderr = "";
    let timer: NodeJS.Timeout | undefined;
    const limit = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        stderr += `\n${command} was ended after ${milliseconds / 1000} s without a result.`;
        killGroup(child.pid);
      }, milliseconds);
    };
    if (options.timeoutMs !== undefined) limit(options.timeoutMs);

    const watch = () => {
      const { slowOnce, slowTimeoutMs } = options;
      if (slowOnce === undefined || slowTimeoutMs === undefined || !slowOnce.test(stdout + stderr)) return;
      options = {};
      limit(slowTimeoutMs);
    };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      watch();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      watch();
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ code: null, stdout, stderr: `${stderr}\n${command} could not be started: ${error.message}` });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in the same moment.
  }
}

/** The path of an executable on PATH, or undefined. */
export function findOnPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  return undefined;
}

/** Whether a path is a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** One line for whoever waits. Goes to standard error, so that standard output stays the command's own. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
