import { expect, test } from "vitest";
import { PARTS } from "./parts/index.ts";
import { runPart } from "./run-part.ts";

test.each(PARTS)("$name of any kind are read or refused, fast and by a named error", async (part) => {
  expect(await runPart(part, 1, (tried) => tried < part.draws)).toBe(part.draws);
});
