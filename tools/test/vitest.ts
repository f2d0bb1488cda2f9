import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { OUTCOME_FILE, type Outcome } from "./outcome.ts";

const REPORTER = join(root, "tools/test/reporter.ts");

/**
 * Runs vitest to its end, talking to the terminal as it goes.
 *
 * @param args vitest's own: parts of file names, `-t PATTERN` and so on
 * @param env variables for the tests, beside this process's
 * @returns what it came to; a vitest that ended without a result counts as one failure
 */
export async function runVitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-esxi-direct-test-"));
  const file = join(folder, "outcome.json");
  try {
    // Compiled code goes with the run: tests make their programs in new folders, so that a lasting cache would only grow.
    const own = { NODE_COMPILE_CACHE: join(folder, "compiled"), [OUTCOME_FILE]: file };
    const code = await vitest(args, { ...process.env, ...env, ...own });
    const outcome = readOutcome(file);
    const explained = code === 0 || outcome.failed > 0;
    return explained ? outcome : { ...outcome, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function vitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const program = join(root, "node_modules/vitest/vitest.mjs");
  // A reporter on the command line takes the place of those in the configuration, so the one that counts is named too.
  const counting = args.some((arg) => /^--reporters?(=|$)/.test(arg)) ? ["--reporter", REPORTER] : [];
  const child = spawn(process.execPath, [program, "run", ...args, ...counting], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGTERM", forward);
      resolve(code);
    });
  });
}

function readOutcome(file: string): Outcome {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}
