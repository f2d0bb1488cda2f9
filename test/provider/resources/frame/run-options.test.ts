import { expect, test, vi } from "vitest";
import { runOptions } from "../../../../provider/resources/frame/run-options.ts";

test("An operation ends with its run, and tells of itself in the resource's row", () => {
  const progress = { status: vi.fn(), info: vi.fn(), warn: vi.fn() };
  const { signal } = new AbortController();
  const options = runOptions({ signal, progress });
  expect(options.signal).toBe(signal);
  options.onStatus("cloning");
  options.onWarning("a drive was left out");
  expect(progress.status.mock.calls).toEqual([["cloning"]]);
  expect(progress.warn.mock.calls).toEqual([["a drive was left out"]]);
});
