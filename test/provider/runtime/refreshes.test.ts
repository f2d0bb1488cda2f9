import { expect, test } from "vitest";
import { Refreshes } from "../../../provider/runtime/refreshes.ts";

const WEB = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::web";

function after(...calls: readonly string[]): Refreshes {
  const refreshes = new Refreshes();
  for (const method of calls) refreshes.saw(method, WEB);
  return refreshes;
}

test("what is compared after it was read is a refresh's", () => {
  expect(after("read").isRefresh(WEB)).toBe(true);
  expect(after("read", "diff").isRefresh(WEB)).toBe(true);
});

test("what is compared after a program's inputs were checked is an update's, a refresh before it or not", () => {
  expect(after("check").isRefresh(WEB)).toBe(false);
  expect(after("read", "diff", "check").isRefresh(WEB)).toBe(false);
  expect(after("check", "diff", "update").isRefresh(WEB)).toBe(false);
});

test("each resource is by itself", () => {
  expect(after("read").isRefresh(`${WEB}-2`)).toBe(false);
});
