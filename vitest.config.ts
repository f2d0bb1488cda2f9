import { defineConfig } from "vitest/config";
import LongestFirst from "./tools/test/longest-first.ts";
import OutcomeReporter from "./tools/test/reporter.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    // Tests wait for timers, processes and disks about a third of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", new OutcomeReporter()],
  },
});
