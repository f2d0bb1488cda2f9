/** What things are called in their marks. */
import { expect, test } from "vitest";
import {
  poolDraftThing,
  poolThing,
  portGroupThing,
  virtualSwitchThing,
} from "../../../../provider/resources/take-back/things.ts";

test("names in marks stay what they were, or a newer release would not find the marks of an older one", () => {
  expect([portGroupThing("dev"), virtualSwitchThing("dev"), poolThing("pool7")]).toEqual([
    { kind: "PortGroup", name: "dev" },
    { kind: "VirtualSwitch", name: "dev" },
    { kind: "ResourcePool", name: "pool7" },
  ]);
});

test("a pool that is only being made is called by its parent and its name", () => {
  expect(poolDraftThing("pool7", "dev")).toEqual({ kind: "ResourcePool", name: "pool7/dev" });
});
