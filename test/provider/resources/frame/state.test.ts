/** What the state of every resource on a host has, whatever it is a resource of. */

import { expect, test } from "vitest";
import {
  isLeftUnfinished,
  leftUnfinished,
  stateOf,
  urnOf,
} from "../../../../provider/resources/frame/state.ts";

const URN = "urn:pulumi:dev::lab::esxi:Thing::it";
const inputs = { name: "it", __urn: URN, __provider: "the provider text" };
const owner = { of: inputs, hostUuid: "42" };

test("State has the outputs, whose it is, where, whether it is done, and its version", () => {
  expect(stateOf({ name: "it" }, owner, "done")).toStrictEqual({
    name: "it",
    hostUuid: "42",
    __urn: URN,
    __phase: "done",
    __state: 1,
  });
});

test("State has no undefined values, which Pulumi cannot store", () => {
  const state = stateOf({ name: undefined }, { of: {}, hostUuid: undefined }, "done");
  expect(Object.keys(state).sort()).toEqual(["__phase", "__state"]);
});

test("What a failure leaves behind has the provider's text, without which nothing could delete it", () => {
  const cause = new Error("The host is away.");
  const error = leftUnfinished("id", { name: "it" }, owner, cause);
  expect(error).toMatchObject({ id: "id", message: "The host is away.", cause });
  expect(error.properties).toStrictEqual({
    name: "it",
    hostUuid: "42",
    __urn: URN,
    __phase: "unfinished",
    __state: 1,
    __provider: "the provider text",
  });
  expect(leftUnfinished("id", {}, owner, "away").message).toBe("away");
});

test("Only what a run left unfinished is gone on with", () => {
  expect(isLeftUnfinished(stateOf({}, owner, "unfinished"))).toBe(true);
  expect(isLeftUnfinished(stateOf({}, owner, "done"))).toBe(false);
  expect(isLeftUnfinished(stateOf({}, owner, "deleting"))).toBe(false);
  expect(isLeftUnfinished({})).toBe(false);
});

test("Old state may lack the URN", () => {
  expect(urnOf(inputs)).toBe(URN);
  expect(urnOf({})).toBe("");
});
