import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { runCommand, say } from "../setup/command.ts";

/** What a test file runs of the sources, in its own process. */
export interface Measured {
  /** Its path in the checkout. */
  file: string;
  /** Of its text, when it was measured. */
  digest: string;
  seconds: number;
  /** Source file → where the functions begin that it called. */
  functions: Record<string, number[]>;
}

/** Tests of these start other processes, on what is built, where a mutant is not; or are slow for another's sake. */
const LEFT_OUT = /^test\/(cli|docs|package|tools|simulator\/clients)\/|vcsim/;

const MEASURED = join(root, "node_modules/.cache/mutate");

/**
 * Says what each test file runs of the sources. A file is measured once, and again when its text has changed.
 *
 * @param anew measure all of them again, because the sources are no longer what they were
 */
export async function reachOfTests(anew: boolean): Promise<Measured[]> {
  const files = globSync("test/**/*.test.ts", { cwd: root }).filter((file) => !LEFT_OUT.test(file));
  const missing = files.filter((file) => anew || readMeasured(file) === undefined);
  if (missing.length > 0) {
    say(`Looking what ${missing.length} test files run of the sources, once…`);
    mkdirSync(MEASURED, { recursive: true });
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--config", "tools/mutate/reach.config.ts", ...missing];
    await runCommand(process.execPath, args, { cwd: root });
  }
  return files.map(readMeasured).filter((measured) => measured !== undefined);
}

function readMeasured(file: string): Measured | undefined {
  try {
    const measured: Measured = JSON.parse(readFileSync(measuredPath(file), "utf8"));
    return measured.digest === digestOf(file) ? measured : undefined;
  } catch {
    return undefined;
  }
}

/** Where what was measured of a test file is kept. */
export function measuredPath(file: string): string {
  return join(MEASURED, `${file.replaceAll("/", "+")}.json`);
}

/** The digest of a test file's text. */
export function digestOf(file: string): string {
  const text = readFileSync(join(root, file));
  return createHash("sha256").update(text).digest("hex");
}
