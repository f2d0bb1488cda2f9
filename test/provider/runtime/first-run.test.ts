import { expect, test } from "vitest";
import { FirstRun } from "../../../provider/runtime/first-run.ts";

test("the first run of a stack says once that Pulumi looks at the host only with --refresh", () => {
  const run = new FirstRun();
  run.hadInputs({});
  expect(run.made()).toContain("`pulumi preview --refresh`");
  expect(run.made()).toBeUndefined();
});

test("a run of a stack that has something says nothing", () => {
  const run = new FirstRun();
  run.hadInputs({ name: "web" });
  expect(run.made()).toBeUndefined();
});
