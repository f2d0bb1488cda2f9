import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";
import { placeStrangers } from "./strangers.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await placeStrangers(lab);
});

// Each test is a run of its own.
beforeEach(() => lab.restart());
afterAll(() => lab.close());

const vm = (args: Previewed["args"] = {}): Previewed => ({
  kind: "ScratchVm",
  args: { name: "vm", ...args },
});

const cases: readonly (readonly [what: string, resource: Previewed, says: string])[] = [
  ["machine", vm({ name: "theirs" }), 'name: esxi1 has a VM named "theirs" already, and it is left alone.'],
  [
    "port group",
    { kind: "PortGroup", args: { name: "their-net", virtualSwitch: "vSwitch0" } },
    'name: esxi1 has the port group "their-net" already',
  ],
  [
    "vSwitch",
    { kind: "VirtualSwitch", args: { name: "their-switch" } },
    'name: esxi1 has the vSwitch "their-switch" already',
  ],
  [
    "pool",
    { kind: "ResourcePool", args: { name: "their-pool" } },
    'name: esxi1 has the resource pool "their-pool" already',
  ],
  [
    "folder",
    { kind: "DatastoreFolder", args: { path: "data" } },
    'path: esxi1 has the folder "[datastore1] data" already',
  ],
  [
    "file",
    { kind: "DatastoreFile", args: { path: "iso/core-5.4.iso", source: "core.iso" } },
    'path: esxi1 has the file "[datastore1] iso/core-5.4.iso" already',
  ],
];

for (const [what, resource, says] of cases)
  test(`a preview says that a ${what} has the name already, unless it is to be adopted`, async () => {
    const { failures, warnings } = await previewed(lab, resource);
    // Of what is no machine, only the create can tell whether this very resource has begun it.
    const [told, silent] = resource.kind === "ScratchVm" ? [failures, warnings] : [warnings, failures];
    expect(told).toEqual([expect.stringContaining(says)]);
    expect(silent).toEqual([]);
    const adopt = resource.kind === "ScratchVm" ? { name: "theirs" } : true;
    await lab.restart();
    const adopting = { ...resource, args: { ...resource.args, adopt } };
    expect(await previewed(lab, adopting)).toEqual({ failures: [], warnings: [] });
  });

test("a pool of that name elsewhere does not count", async () => {
  const below = { name: "their-pool", parentResourcePool: "their-pool" };
  expect(await previewed(lab, { kind: "ResourcePool", args: below })).toEqual({ failures: [], warnings: [] });
});

test("a machine that is to have another name must find it free", async () => {
  const { failures } = await previewed(lab, { ...vm({ name: "theirs" }), before: { name: "vm" } });
  expect(failures).toEqual([expect.stringContaining('has a VM named "theirs" already')]);
});

test("a resource that is replaced does not find its own name taken", async () => {
  const before = { name: "their-net", virtualSwitch: "vSwitch1" };
  const args = { name: "their-net", virtualSwitch: "vSwitch0" };
  const nothing = { failures: [], warnings: [] };
  expect(await previewed(lab, { kind: "PortGroup", args, before })).toEqual(nothing);
  // The engine checks what replaces it as if it were new.
  expect(await previewed(lab, { kind: "PortGroup", args })).toEqual(nothing);
});

test("a name that another resource of the run gives up is free", async () => {
  const before = { name: "theirs" };
  await previewed(lab, { ...vm({ name: "old" }), called: "first", before });
  expect((await previewed(lab, vm({ name: "theirs" }))).failures).toEqual([]);
});

test("a name that two resources want is refused to the second", async () => {
  expect((await previewed(lab, { ...vm(), called: "one" })).failures).toEqual([]);
  expect((await previewed(lab, { ...vm(), called: "two" })).failures).toEqual([
    expect.stringMatching(
      /^name: two resources want a virtual machine "vm" on esxi1: this one and .*::one\./,
    ),
  ]);
});

test("what this very resource has left half-made is for the create to judge", async () => {
  const inputs = { name: "begun", __urn: "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::begun" };
  const { scratchVm } = await import("../../../../provider/resources/vm/scratch-vm.lifecycle.ts");
  await scratchVm.create((await scratchVm.check({}, inputs, lab.context())).inputs, lab.context());
  await lab.restart();
  expect((await previewed(lab, vm({ name: "begun" }))).failures).toEqual([]);
  await lab.restart();
  const other = await previewed(lab, { ...vm({ name: "begun" }), called: "renamed" });
  expect(other.failures).toEqual([expect.stringMatching(/made by the resource .*::begun\. .*aliases/)]);
});

test("what lost state has made is for the create to take back", async () => {
  const { failures } = await previewed(lab, vm({ name: "theirs" }), { takeBack: true });
  expect(failures).toEqual([]);
});
