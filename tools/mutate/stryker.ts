import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { root } from "../setup/cache.mjs";
import { MUTATE_TESTS } from "./choose-tests.ts";

export interface Tally {
  target: string;
  /** Mutants that a test noticed, or that made the tests hang. */
  dead: number;
  /** Those of the dead that made the tests hang: on a busy machine some of them may only have been slow. */
  hung: number;
  /** Mutants that no test noticed, or that no test ran. */
  alive: number;
}

/**
 * Tries all mutants of a source file, in a copy of the checkout, and prints the survivors.
 *
 * @param target its path in the checkout, perhaps with `:LINE-LINE`
 * @param tests the test files to try them with, in their order
 * @param concurrency how many are tried at once
 */
export async function mutate(target: string, tests: readonly string[], concurrency: number): Promise<Tally> {
  process.env[MUTATE_TESTS] = tests.join("\n");
  const stryker = new Stryker({
    mutate: [target],
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner", join(root, "tools/mutate/messages.mjs")],
    ignorers: ["messages"],
    vitest: { configFile: "tools/mutate/vitest.config.ts", pool: "forks", related: false },
    coverageAnalysis: "perTest",
    concurrency,
    tempDirName: ".mutants",
    ignorePatterns: ["dist", ".demo", "bench/results"],
    reporters: ["clear-text", "progress-append-only"],
    clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: false, allowEmojis: false },
    warnings: { slow: false, unknownOptions: true, preprocessorErrors: true, unserializableOptions: true },
    allowConsoleColors: process.stdout.isTTY,
  });
  const tally: Tally = { target, dead: 0, hung: 0, alive: 0 };
  for (const { status } of await stryker.runMutationTest()) {
    if (status === "Timeout") tally.hung++;
    if (status === "Killed" || status === "Timeout") tally.dead++;
    else if (status === "Survived" || status === "NoCoverage") tally.alive++;
  }
  return tally;
}
