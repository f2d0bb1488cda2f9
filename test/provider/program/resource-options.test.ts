import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { PortGroup, ScratchVm, type ScratchVmArgs } from "../../../provider/index.ts";
import { mockEngine } from "../../support/mock-engine.ts";

let inputs: Record<string, unknown>;

beforeEach(async () => {
  await mockEngine((resource) => {
    inputs = resource.inputs;
  });
});

const settle = (resource: pulumi.Resource) =>
  new Promise((resolve) => {
    resource.urn.apply(resolve);
  });

const timeoutsOf = async (customTimeouts: pulumi.CustomTimeouts, args: ScratchVmArgs = {}) => {
  await settle(new ScratchVm("web", args, { customTimeouts }));
  return inputs.timeouts;
};

test("customTimeouts become the limits of the resource's own operations, in seconds", async () => {
  expect(await timeoutsOf({ create: "1h30m", update: "90s", delete: "1500ms" })).toEqual({
    createSeconds: 5400,
    updateSeconds: 90,
    deleteSeconds: 2,
  });
  await settle(new PortGroup("lab", { virtualSwitch: "a" }, { customTimeouts: { create: "5m" } }));
  expect(inputs.timeouts).toEqual({ createSeconds: 300 });
});

test("a limit in timeouts goes before the same one of customTimeouts", async () => {
  const timeouts = pulumi.output({ createSeconds: 7, shutdownSeconds: 9 });
  expect(await timeoutsOf({ create: "1h", delete: "2h" }, { timeouts })).toEqual({
    createSeconds: 7,
    deleteSeconds: 7200,
    shutdownSeconds: 9,
  });
});

test("a resource without these options has no inputs from them", async () => {
  await settle(new ScratchVm("web", {}, { protect: false, replaceOnChanges: [], customTimeouts: {} }));
  expect(Object.keys(inputs).sort()).toEqual(["__provider", "__urn", "name"]);
});

test("deleteBeforeReplace: false is refused at once, with the reason", () => {
  const make = () => new ScratchVm("web", {}, { deleteBeforeReplace: false });
  expect(make).toThrow(pulumi.RunError);
  expect(make).toThrow(/"web" cannot have deleteBeforeReplace: false.*one thing of a name/);
});

test("the option import is refused, with what to use instead", () => {
  const make = () => new ScratchVm("web", {}, { import: "some-id" });
  expect(make).toThrow(pulumi.RunError);
  expect(make).toThrow(/"web" .*adopt: \{ name: "…" \}/);
});

test("the option id is refused at once, with what to use instead", () => {
  const make = () => new ScratchVm("web", {}, { id: "some-id" });
  expect(make).toThrow(pulumi.RunError);
  expect(make).toThrow(/"web" cannot have the option id: .*call getVm .*the argument adopt/);
});
