import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../../../tools/setup/cache.mjs";

/** What the first line of `npm run simulator -- --json` says. */
interface Announcement {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly username: string;
  /** SHA-256, upper-case hex with colons. */
  readonly thumbprint: string;
  readonly pid: number;
  /** Only with `--ssh`. */
  readonly ssh?: { readonly port: number; readonly user: string; readonly hostKeySha256: string };
}

export interface SimulatorProcess extends Announcement {
  /** Asks it to end as `kill` does. @returns its exit code and signal, and everything that it has printed */
  terminate(): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

/** The simulator as `npm run simulator` runs it, in a process of its own; returns once it serves. */
export async function startSimulatorProcess(
  password: string,
  ...args: readonly string[]
): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [join(root, "tools/simulator.ts"), ...args, "--json"], {
    env: { ...process.env, SIMULATOR_PASSWORD: password },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const announcement: Announcement = JSON.parse(await firstLine(child, () => output));
  return {
    ...announcement,
    async terminate() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
      }
      return { code: child.exitCode, signal: child.signalCode, output };
    },
  };
}

async function firstLine(child: ChildProcess, output: () => string): Promise<string> {
  if (child.stdout !== null) for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`tools/simulator.ts ended before it served.\n${output()}`);
}
