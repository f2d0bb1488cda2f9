/** What a run of the tests came to; the reporter writes it as JSON for the script that started vitest. */
export interface Outcome {
  passed: number;
  /** Failed tests, and whatever else went wrong: files that could not be loaded, errors outside of tests. */
  failed: number;
  skipped: SkippedTest[];
}

interface SkippedTest {
  /** File and full name. */
  name: string;
  /** The reason that the test gave, if any. */
  reason: string | undefined;
}

/** The environment variable that names the file for the outcome. */
export const OUTCOME_FILE = "TEST_OUTCOME_FILE";
