import { rename } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OWNER_MARK_KEY } from "../../../../provider/host/vm/reading/owner-mark.ts";
import { Lab } from "../lab.ts";
import { type Kind, LIFECYCLES } from "../lifecycles.ts";
import { Managed } from "../managed.ts";
import { RawNetwork } from "../raw-network.ts";
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
  test(`a preview says that a ${what} of another stack has the name already, unless it is to be adopted`, async () => {
    const { failures, warnings } = await previewed(lab, resource);
    expect(failures).toEqual([expect.stringContaining(says)]);
    expect(failures).toEqual([expect.stringMatching(/ was made by the resource .*::theirs\./)]);
    expect(failures).toEqual([expect.stringMatching(/[Ss]et `?adopt: .*another `(name|path)`/)]);
    expect(warnings).toEqual([]);
    const adopt = resource.kind === "ScratchVm" ? { name: "theirs" } : true;
    await lab.restart();
    const adopting = { ...resource, args: { ...resource.args, adopt } };
    expect(await previewed(lab, adopting)).toEqual({ failures: [], warnings: [] });
  });

test("what the host has had from the beginning bears no mark, and is an error too", async () => {
  const { failures } = await previewed(lab, {
    kind: "PortGroup",
    args: { name: "VM Network", virtualSwitch: "vSwitch0" },
  });
  expect(failures).toEqual([
    'name: esxi1 has the port group "VM Network" already, and it is left alone. No mark says that pulumi-esxi-direct ' +
      "made it. Set `adopt: true` to take it under management as it is, or give this resource another `name`.",
  ]);
});

describe("what this very resource has made", () => {
  const own = (kind: Kind, args: Previewed["args"]) => ({
    resource: { kind, args } satisfies Previewed,
    make: () => new Managed(lab, kind, LIFECYCLES[kind], String(args.name ?? args.path)).create(args),
  });
  const OWN = [
    own("PortGroup", { name: "own-net", virtualSwitch: "vSwitch0" }),
    own("VirtualSwitch", { name: "own-switch" }),
    own("ResourcePool", { name: "own-pool" }),
    own("DatastoreFolder", { path: "own" }),
    own("DatastoreFile", { path: "iso/own.iso", source: "core.iso" }),
  ];

  test.for(OWN)(
    "is warned of once it is finished, unless it is to be taken back: $resource.kind",
    async (it) => {
      const { files } = await lab.raw.contents();
      await it.make();
      await lab.restart();
      expect(await previewed(lab, it.resource)).toEqual({
        failures: [],
        warnings: [expect.stringContaining("`pulumi config set esxi:takeBack true` takes it back")],
      });
      await lab.restart();
      expect(await previewed(lab, it.resource, { takeBack: true })).toEqual({ failures: [], warnings: [] });
      const marks = (await lab.raw.contents()).files.filter((file) => file.endsWith(".made"));
      for (const mark of marks.filter((file) => !files.includes(file))) {
        // As a run leaves it that is killed before it has named what it made.
        const local = lab.raw.simulator.localFile(mark);
        await rename(local, local.replace(/made$/, "making"));
        await lab.restart();
        expect(await previewed(lab, it.resource)).toEqual({ failures: [], warnings: [] });
      }
    },
  );
});

test("the host is asked once for the owners of twenty taken names", async () => {
  const group = (index: number): Previewed => ({
    kind: "PortGroup",
    args: { name: `many-${index}`, virtualSwitch: "vSwitch0" },
  });
  const raw = await RawNetwork.open(lab);
  for (let index = 0; index < 20; index++) await raw.addPortGroup(`many-${index}`, 0);
  const calls: number[] = [];
  for (const count of [1, 20]) {
    await lab.restart();
    const before = lab.raw.count();
    for (let index = 0; index < count; index++)
      expect((await previewed(lab, group(index))).failures).toHaveLength(1);
    calls.push(lab.raw.count() - before);
  }
  // The one look into the datastore is a task, which is asked once to three times whether it has ended.
  expect(calls[1]).toBeLessThanOrEqual((calls[0] ?? 0) + 2);
});

test("a taken name whose mark cannot be read is a warning, because the thing may be this resource's own", async () => {
  lab.raw.simulator.faults.add({
    method: "SearchDatastore_Task",
    count: 1,
    action: { fault: "NoPermission" },
  });
  const { failures, warnings } = await previewed(lab, {
    kind: "PortGroup",
    args: { name: "their-net", virtualSwitch: "vSwitch0" },
  });
  expect(failures).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^name: esxi1 has the port group "their-net" already, and who made it cannot be read now: /,
    ),
  ]);
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

test("a preview leaves a half-made machine of this resource to the create, and warns of one whose state is lost", async () => {
  const inputs = { name: "begun", __urn: "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::begun" };
  const { scratchVm } = await import("../../../../provider/resources/vm/scratch-vm.lifecycle.ts");
  await scratchVm.create((await scratchVm.check({}, inputs, lab.context())).inputs, lab.context());
  await lab.restart();
  const lost = await previewed(lab, vm({ name: "begun" }));
  expect(lost.failures).toEqual([]);
  expect(lost.warnings).toEqual([expect.stringContaining("`pulumi config set esxi:takeBack true`")]);
  await lab.restart();
  const takingBack = await previewed(lab, vm({ name: "begun" }), { takeBack: true });
  expect(takingBack.failures).toEqual([]);
  const mark = JSON.stringify({ ...lab.ownerMark(lab.raw.vm("begun")), phase: "creating" });
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("begun").moid, {
    extraConfig: [{ key: OWNER_MARK_KEY, value: mark }],
  });
  await lab.restart();
  expect((await previewed(lab, vm({ name: "begun" }))).failures).toEqual([]);
  await lab.restart();
  const other = await previewed(lab, { ...vm({ name: "begun" }), called: "renamed" });
  expect(other.failures).toEqual([expect.stringMatching(/made by the resource .*::begun\. .*aliases/)]);
});

test("what strangers have is never taken back, and told before anything is done", async () => {
  for (const [, resource, says] of cases) {
    const { failures } = await previewed(lab, resource, { takeBack: true });
    expect(failures).toEqual([expect.stringContaining(says)]);
  }
});
