import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { root } from "./tools/setup/cache.mjs";
import LongestFirst from "./tools/test/longest-first.ts";
import OutcomeReporter from "./tools/test/reporter.ts";

const sameFlags = `--require=${JSON.stringify(join(root, "tools/test/v8-flags.cjs"))}`;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    // More than cores: tests wait for timers, processes and disks. Three left two cores idle for an eighth of the time.
    maxWorkers: 4,
    // What a file imports is loaded once per worker; files share no state but what is told apart by host.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Hundreds of runs of `pulumi` load the same SDK: compiling it is half of what the short ones take.
    // Web servers of tests are on this machine, whatever proxy leads out of it.
    env: {
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "pulumi-esxi-direct-compiled"),
      NODE_OPTIONS: [process.env.NODE_OPTIONS, sameFlags].filter(Boolean).join(" "),
      NO_PROXY: "127.0.0.1,localhost",
      no_proxy: "127.0.0.1,localhost",
    },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is no reason to fail: what is waited for comes, or never does.
    expect: { poll: { timeout: 30_000 } },
    reporters: ["default", new OutcomeReporter()],
  },
});
