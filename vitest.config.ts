import { defineConfig } from "vitest/config";
import OutcomeReporter from "./tools/test/reporter.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", new OutcomeReporter()],
  },
});
