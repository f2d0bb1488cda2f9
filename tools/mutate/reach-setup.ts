import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { root } from "../setup/cache.mjs";
import { digestOf, type Measured, measuredPath } from "./reach.ts";

// Set up anew for every test file, in the process that goes on to the next file.
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
const started = performance.now();

afterAll(() => {
  const file = relative(root, expect.getState().testPath ?? "");
  const seconds = (performance.now() - started) / 1000;
  const measured: Measured = { file, digest: digestOf(file), seconds, functions: {} };
  session.post("Profiler.takePreciseCoverage", (error, taken) => {
    if (error !== null) throw error;
    for (const { url, functions } of taken.result) {
      const source = sourceOf(url);
      if (source === undefined) continue;
      // The first is the module itself, which runs for whoever imports it first.
      const called = functions.slice(1).flatMap(({ ranges }) => ranges.slice(0, 1));
      const offsets = called.filter(({ count }) => count > 0).map(({ startOffset }) => startOffset);
      if (offsets.length > 0) measured.functions[source] = offsets;
    }
  });
  session.disconnect();
  writeFileSync(measuredPath(file), JSON.stringify(measured));
});

/** The path in the checkout, if the script is one of ours. */
function sourceOf(url: string): string | undefined {
  const path = relative(root, url.startsWith("file:") ? fileURLToPath(url) : url);
  return /^(provider|simulator|schema)\//.test(path) ? path : undefined;
}
