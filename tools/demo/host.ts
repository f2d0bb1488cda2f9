import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../setup/cache.mjs";
import { DEMO } from "./folders.ts";

/** What a simulator says of itself when it serves. */
export interface RunningHost {
  readonly url: string;
  readonly username: string;
  readonly thumbprint: string;
  readonly pid: number;
  /** Its SSH server, if it has one. */
  readonly ssh?: { readonly port: number; readonly user: string; readonly hostKeySha256: string } | undefined;
}

/** Where a simulator on the demo's host says that it runs, for others to use. */
const RUNNING = join(DEMO, "running.json");

/** A host across a network whose guests take a moment to boot, so that there is progress to see. */
const PACE = ["--latency-ms", "120", "--guest-address-ms", "2500"];

/** Says that a simulator serves the demo's host; the file goes when it ends. */
export function announce(host: RunningHost): void {
  writeFileSync(RUNNING, JSON.stringify(host));
}

/** Takes back what {@link announce} said. */
export function withdraw(): void {
  rmSync(RUNNING, { force: true });
}

/** The simulator that serves the demo's host now, if there is one. */
export function runningHost(): RunningHost | undefined {
  if (!existsSync(RUNNING)) return undefined;
  try {
    const host = JSON.parse(readFileSync(RUNNING, "utf8")) as RunningHost;
    process.kill(host.pid, 0);
    return host;
  } catch {
    // It was killed before it could take the file away.
    return undefined;
  }
}

/**
 * Uses the simulator that `npm run simulator` keeps running, or starts one for as long as this command runs.
 * @param isFast Without the pace of a network, for a command that shows no progress.
 */
export async function useHost(isFast: boolean): Promise<{ host: RunningHost; stop: () => Promise<void> }> {
  const running = runningHost();
  if (running) return { host: running, stop: async () => {} };
  return startHost([], {}, isFast ? [] : PACE);
}

/** Starts a simulator. @param args of `npm run simulator` */
export async function startHost(
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  pace: readonly string[] = PACE,
): Promise<{ host: RunningHost; stop: () => Promise<void> }> {
  const child = spawn("node", [join(root, "tools/simulator.ts"), "--json", ...pace, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
    // ^C is for Pulumi, which then still needs the host.
    detached: true,
  });
  const host = await firstLine(child);
  return {
    host,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function firstLine(child: ChildProcess): Promise<RunningHost> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The simulator ended (${code}) before it served.`)));
    if (child.stdout === null) return reject(new Error("The simulator has no output to read."));
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as RunningHost));
  });
}
