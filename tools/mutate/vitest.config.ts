import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import config from "../../vitest.config.ts";
import { MUTATE_TESTS } from "./choose-tests.ts";

const files = (process.env[MUTATE_TESTS] ?? "").split("\n").filter((file) => file !== "");

/** Runs the files as they were chosen: a mutant dies in the first one mostly, and the others need not run. */
class AsChosen extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => files.indexOf(relative(process.cwd(), moduleId));
    return specifications.toSorted((left, right) => place(left) - place(right));
  }
}

export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: files,
    sequence: { sequencer: AsChosen },
    // A mutant that waits for ever shall not cost a minute.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["default"],
  },
});
