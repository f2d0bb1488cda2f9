// `npm run check`: format and lint, types, unused code; what `npm test` runs before the tests.
import { runChecks } from "./test/checks.ts";

const { failed } = await runChecks();
process.exitCode = failed > 0 ? 1 : 0;
