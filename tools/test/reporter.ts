import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { OUTCOME_FILE, type Outcome } from "./outcome.ts";

/** A vitest reporter that writes an {@link Outcome} at the end; the other reporters talk to people. */
export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env[OUTCOME_FILE];
    if (file === undefined) return;
    const outcome: Outcome = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) count(module, outcome);
    writeFileSync(file, JSON.stringify(outcome));
  }
}

function count(module: TestModule, outcome: Outcome): void {
  const failedBefore = outcome.failed;
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === "passed") outcome.passed++;
    else if (result.state === "skipped") {
      outcome.skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: result.note });
    } else outcome.failed++;
  }
  // A file that cannot be loaded and a hook that throws fail without a failed test.
  if (outcome.failed === failedBefore && module.state() === "failed") outcome.failed++;
}
