import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { runCommand } from "../setup/command.ts";

interface Check {
  name: string;
  command: string;
  args: readonly string[];
}

const CHECKS: readonly Check[] = [
  {
    name: "format and lint",
    command: "biome",
    args: ["check", "--error-on-warnings", "--diagnostic-level=warn"],
  },
  { name: "types", command: "tsc", args: ["-p", "."] },
  { name: "unused code", command: "knip", args: ["--no-progress"] },
];

/**
 * Runs format and lint, types and unused code over the whole checkout, side by side, and prints a line for
 * each, with the tool's own output where it failed.
 *
 * @returns how many passed and failed.
 */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const { name, command, args, seconds, ...result } of await Promise.all(CHECKS.map(run))) {
    if (result.code === 0) {
      counts.passed++;
      process.stdout.write(`✓ ${name} (${seconds} s)\n`);
    } else {
      counts.failed++;
      process.stdout.write(
        `✗ ${name} (${seconds} s): ${command} ${args.join(" ")}\n${result.stdout}${result.stderr}\n`,
      );
    }
  }
  return counts;
}

async function run(check: Check) {
  const started = performance.now();
  const result = await runCommand(join(root, "node_modules/.bin", check.command), check.args, { cwd: root });
  return { ...check, ...result, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}
