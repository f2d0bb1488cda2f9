import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { descendants, type RunningProcess } from "../../test/support/processes.ts";

const running = new Set<ChildProcess>();
let stopped = false;

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called once it runs. */
  readonly onStart?: (pid: number) => void;
}

/**
 * Runs a command to its end and returns what it printed.
 * @throws Error with that if it fails, or if the benchmarks were told to stop.
 */
export async function succeed(
  command: string,
  args: readonly string[],
  { env, cwd, onStart }: CommandOptions,
): Promise<string> {
  if (stopped) throw new Error("The benchmarks were told to stop.");
  const child = spawn(command, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  try {
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => output.push(bytes));
    if (child.pid !== undefined) onStart?.(child.pid);
    const [code] = await once(child, "close");
    const text = Buffer.concat(output).toString();
    if (stopped) throw new Error("The benchmarks were told to stop.");
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed (${code}):\n${text}`);
    return text;
  } finally {
    running.delete(child);
  }
}

/** Runs a command that reads a stream, to its end. @throws Error if it fails */
export async function feed(command: string, args: readonly string[], input: Readable): Promise<void> {
  if (stopped) throw new Error("The benchmarks were told to stop.");
  const child = spawn(command, args, { stdio: ["pipe", "ignore", "inherit"] });
  running.add(child);
  try {
    const [[code]] = await Promise.all([once(child, "close"), pipeline(input, child.stdin)]);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed (${code}).`);
  } finally {
    running.delete(child);
  }
}

/** Ends every command that runs, with all that it started; whoever waits for one gets an error. */
export function stopCommands(): void {
  stopped = true;
  for (const child of running) {
    const below = child.pid === undefined ? [] : processesBelow(child.pid);
    child.kill("SIGKILL");
    for (const { pid } of below) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** All processes below that one; none where there is no /proc. */
export function processesBelow(pid: number): RunningProcess[] {
  return existsSync("/proc/self") ? descendants(pid) : [];
}
