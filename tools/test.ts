// `npm test`: prepares what the tests use, checks the whole tree, runs the tests, and ends with the line
// `N passed, N failed[, N skipped]`. Arguments go to vitest; with any, only the tests that they select run.
import { type PrerequisiteName, prerequisites } from "./prerequisites/index.ts";
import { say } from "./setup/command.ts";
import { runChecks } from "./test/checks.ts";
import { runVitest } from "./test/vitest.ts";

/** One after the other: each of the builds keeps all cores busy by itself. */
async function preparePrerequisites(): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const name of Object.keys(prerequisites) as PrerequisiteName[]) {
    const found = await prerequisites[name]();
    if (found.available) {
      env[name] = found.path;
    } else {
      env[`${name}_MISSING`] = found.reason;
      say(`Tests will be skipped: ${found.reason}`);
    }
  }
  return env;
}

const args = process.argv.slice(2);
const env = await preparePrerequisites();
const checks = args.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
const tests = await runVitest(args, env);

for (const { name, reason } of tests.skipped) {
  process.stdout.write(`skipped: ${name}${reason === undefined ? "" : ` (${reason})`}\n`);
}
const mayNotSkip = process.env.CI === "true";
if (mayNotSkip && tests.skipped.length > 0) {
  process.stdout.write("CI=true: a skipped test fails the run.\n");
}
const passed = checks.passed + tests.passed;
const failed = checks.failed + tests.failed;
const skipped = tests.skipped.length;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = failed > 0 || (mayNotSkip && skipped > 0) ? 1 : 0;
