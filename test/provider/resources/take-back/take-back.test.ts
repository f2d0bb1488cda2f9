/**
 * What a create takes back that the same resource made before, and what it never does: what others made, changed or put in
 * its place. Each test ends with a look at the raw host.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Context, Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { hostService } from "../../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { markOf } from "../../../support/own-marks.ts";
import { failure, Lab } from "../lab.ts";
import { type InState, Managed } from "../managed.ts";
import { RawNetwork } from "../raw-network.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
  await lab.write("one.iso", "the first release");
  await lab.write("two.iso", "another release");
});

afterEach(() => lab.close());

const takingBack = (): Context => ({ ...lab.context(), takeBack: true });

interface Case {
  readonly kind: string;
  readonly lifecycle: Lifecycle;
  readonly wish: Properties;
  /** What the program says later, which can be done in place. */
  readonly change: Properties;
  /** What only a new one can be. */
  readonly replacing?: Properties;
  /** As its row tells of it. */
  readonly told: string;
}

const CASES: readonly Case[] = [
  {
    kind: "DatastoreFile",
    lifecycle: datastoreFile,
    wish: { path: "iso/it.iso", source: "one.iso" },
    change: { path: "iso/it.iso", source: "two.iso" },
    told: 'the file "[datastore1] iso/it.iso"',
  },
  {
    kind: "DatastoreFolder",
    lifecycle: datastoreFolder,
    wish: { path: "iso/it" },
    change: { path: "iso/it", forceDestroy: true },
    told: 'the folder "[datastore1] iso/it"',
  },
  {
    kind: "PortGroup",
    lifecycle: portGroup,
    wish: { name: "it", virtualSwitch: "vSwitch0", vlanId: 5 },
    change: { name: "it", virtualSwitch: "vSwitch0", vlanId: 7 },
    replacing: { name: "it", virtualSwitch: "another", vlanId: 5 },
    told: 'the port group "it"',
  },
  {
    kind: "VirtualSwitch",
    lifecycle: virtualSwitch,
    wish: { name: "it" },
    change: { name: "it", mtu: 9000 },
    told: 'the vSwitch "it"',
  },
  {
    kind: "ResourcePool",
    lifecycle: resourcePool,
    wish: { name: "it", cpuLimit: 500 },
    change: { name: "it", cpuLimit: 900 },
    told: 'the resource pool "it"',
  },
  {
    kind: "VmSnapshot",
    lifecycle: vmSnapshot,
    wish: { vm: "vm", name: "it", description: "before the course" },
    change: { vm: "vm", name: "it", description: "before the exam" },
    replacing: { vm: "vm", name: "it", description: "before the course", quiesce: true },
    told: 'the snapshot "it" of "vm"',
  },
];

describe.each(CASES)("a $kind whose state is lost", ({ kind, lifecycle, wish, change, told }) => {
  const managed = (name = "it") => new Managed(lab, kind, lifecycle, name);
  let first: InState;

  beforeEach(async () => {
    if (kind === "VmSnapshot") await lab.create({ powerOn: false });
    first = await managed().create(wish);
  });

  test("is left alone without takeBack, and the error says how to take it back", async () => {
    const error = await failure(managed().create(wish));
    expect(error.message).toContain("is left alone");
    expect(error.message).toContain("pulumi config set esxi:takeBack true");
    expect((await managed().read(first))?.outs).toEqual(first.outs);
  });

  test("comes back as it is, is told, and has nothing to be changed", async () => {
    const { files } = await lab.raw.contents();
    const again = await managed().create(wish, takingBack());
    expect(again).toMatchObject({ id: first.id, outs: first.outs });
    expect(lab.texts("info")).toEqual([`taking back ${told}, which this resource made before`]);
    expect(await managed().diff(again, wish)).toMatchObject({ changes: false });
    expect((await lab.raw.contents()).files).toEqual(files);
  });

  test("comes back as the program says now, and goes with all that is of it", async () => {
    const again = await managed().create(change, takingBack());
    expect(again.id).toBe(first.id);
    expect((await managed().read(again))?.outs).toMatchObject(again.outs);
    expect(await managed().diff(again, change)).toMatchObject({ changes: false });
    // Twice, so what an update leaves is a mark as well.
    const third = await managed().create(wish, takingBack());
    expect(third.id).toBe(first.id);
    await managed().delete(third);
    expect(await managed().read(third)).toBeUndefined();
    expect((await lab.raw.contents()).files.filter((file) => file.includes("pulumi"))).toEqual([]);
  });

  test("is not taken back by another resource, of another stack either", async () => {
    const error = await failure(managed("other").create(wish, takingBack()));
    expect(error.message).toMatch(/is left alone\. It was made by the resource /);
    expect(error.message).toContain("`adopt: true`");
    expect((await managed().read(first))?.outs).toEqual(first.outs);
  });

  test("is not taken back once another resource has adopted it", async () => {
    await managed("other").create({ ...wish, adopt: true }, takingBack());
    const error = await failure(managed().create(wish, takingBack()));
    expect(error.message).toContain("No mark says that pulumi-esxi-direct made it");
    expect((await managed().read(first))?.outs).toEqual(first.outs);
  });
});

test.each(CASES.filter(({ replacing }) => replacing))(
  "a $kind is not taken back if the program asks for a new one",
  async ({ kind, lifecycle, wish, replacing = {} }) => {
    const it = new Managed(lab, kind, lifecycle);
    if (kind === "VmSnapshot") await lab.create({ powerOn: false });
    const raw = await RawNetwork.open(lab);
    if (kind === "PortGroup") await raw.change("AddVirtualSwitch", "<vswitchName>another</vswitchName>");
    const first = await it.create(wish);
    const error = await failure(it.create(replacing, takingBack()));
    expect(error.message).toContain("the program now asks for what only a new one can be");
    expect((await it.read(first))?.outs).toEqual(first.outs);
  },
);

const of = (kind: string) => {
  const { lifecycle, wish } = CASES.find((one) => one.kind === kind) as Case;
  const it = new Managed(lab, kind, lifecycle);
  return { it, wish, again: () => failure(it.create(wish, takingBack())) };
};

const CHANGED = "somebody has changed it or made it anew since";
const FILE = "[datastore1] iso/it.iso";

test.each([
  ["other bytes", "an other release"],
  ["the same number of other bytes at the same time", "the first re1ease"],
  ["the same bytes at another time", "the first release"],
] as const)("a file that a colleague has overwritten with %s is not taken back", async (_, theirs) => {
  const { it, wish, again } = of("DatastoreFile");
  const { outs } = await it.create(wish);
  const path = lab.raw.simulator.localFile(FILE);
  await writeFile(path, theirs);
  const { utimes } = await import("node:fs/promises");
  const before = Date.parse(String(outs.modified)) / 1000;
  await utimes(path, before, theirs === "the first re1ease" ? before : before + 60);
  expect((await again()).message).toContain(CHANGED);
  expect(await readFile(path, "utf8")).toBe(theirs);
});

test("a file whose mark is lost is nobody's, and can be adopted", async () => {
  const { it, wish, again } = of("DatastoreFile");
  await it.create(wish);
  await rm(lab.raw.simulator.localFile(markOf(FILE)));
  expect((await again()).message).toContain("No mark says that pulumi-esxi-direct made it");
  expect((await it.create({ ...wish, adopt: true }, takingBack())).id).toBe(FILE);
});

test("a file that was moved with its mark to another name is not taken back there", async () => {
  const { it, wish } = of("DatastoreFile");
  await it.create(wish);
  const moved = FILE.replace("it.iso", "copy.iso");
  const local = (file: string) => lab.raw.simulator.localFile(file);
  await writeFile(local(moved), await readFile(local(FILE)));
  await writeFile(local(markOf(moved)), await readFile(local(markOf(FILE))));
  const error = await failure(it.create({ ...wish, path: "iso/copy.iso" }, takingBack()));
  expect(error.message).toContain("No mark says that pulumi-esxi-direct made it");
});

test("a folder that somebody made anew is not taken back, and what is in it stays", async () => {
  const { it, wish, again } = of("DatastoreFolder");
  await it.create({ ...wish, forceDestroy: true });
  const folder = lab.raw.simulator.localFile("[datastore1] iso/it");
  await rm(folder, { recursive: true });
  const { mkdir } = await import("node:fs/promises");
  await mkdir(folder);
  await writeFile(`${folder}/theirs.txt`, "theirs");
  expect((await again()).message).toContain("No mark says that pulumi-esxi-direct made it");
  expect(await readFile(`${folder}/theirs.txt`, "utf8")).toBe("theirs");
});

test("a port group that somebody made anew with another VLAN is not taken back", async () => {
  const raw = await RawNetwork.open(lab);
  const { it, wish, again } = of("PortGroup");
  await it.create(wish);
  await raw.change("RemovePortGroup", "<pgName>it</pgName>");
  await raw.addPortGroup("it", 99);
  expect((await again()).message).toContain(CHANGED);
  expect(await raw.value("PortGroup", "it", "vlanId")).toBe("99");
});

test("a vSwitch that somebody has changed is not taken back", async () => {
  const raw = await RawNetwork.open(lab);
  const { it, wish, again } = of("VirtualSwitch");
  await it.create(wish);
  await raw.change("RemoveVirtualSwitch", "<vswitchName>it</vswitchName>");
  await raw.change("AddVirtualSwitch", "<vswitchName>it</vswitchName><spec><numPorts>256</numPorts></spec>");
  expect((await again()).message).toContain(CHANGED);
  expect(await raw.value("VirtualSwitch", "it", "numPorts")).toBe("256");
});

test("a pool that somebody made anew, alike in everything, is not taken back", async () => {
  const { it, wish, again } = of("ResourcePool");
  const { id } = await it.create(wish);
  const signal = new AbortController().signal;
  const pool = { type: "ResourcePool", value: id };
  await lab.host.task(() => lab.host.client.call(pool, "Destroy_Task", {}), { signal });
  const theirs = new Managed(lab, "ResourcePool", resourcePool, "theirs");
  const { id: anew } = await theirs.create(wish);
  await theirs.create({ ...wish, adopt: true });
  expect(anew).not.toBe(id);
  expect((await again()).message).toContain("No mark says that pulumi-esxi-direct made it");
});

test("the mark of a copied machine's snapshot counts for the machine alone that it was taken of", async () => {
  const { it, wish } = of("VmSnapshot");
  await lab.create({ powerOn: false });
  await it.create(wish);
  const uuid = "52d1a111-2222-3333-4444-555566667777";
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { instanceUuid: uuid });
  lab.host.vms.forget();
  const error = await failure(it.create(wish, takingBack()));
  expect(error.message).toContain("It was made by the resource that its description names by a digest");
});

test("the mark of a deleted port group is gone, so a stranger's of its name is never taken for it", async () => {
  const raw = await RawNetwork.open(lab);
  const { it, wish, again } = of("PortGroup");
  await it.delete(await it.create(wish));
  await raw.addPortGroup("it", 5);
  expect((await again()).message).toContain("No mark says that pulumi-esxi-direct made it");
  expect(await raw.value("PortGroup", "it", "vlanId")).toBe("5");
});

/** Names of marks in the roots of the datastores. */
const marks = async () =>
  (await lab.raw.contents()).files.filter((file) => file.includes(".pulumi-esxi-direct-"));

const open = async (...datastores: string[]) => {
  await lab.close();
  lab = await Lab.open({ datastores: datastores.map((name) => ({ name, capacityBytes: 1e11 })) });
};

/** Removes a network or pool of that id, as somebody does in the host's client. */
const removals: Readonly<Record<string, (id: string) => Promise<void>>> = {
  PortGroup: async (id) => (await RawNetwork.open(lab)).change("RemovePortGroup", `<pgName>${id}</pgName>`),
  VirtualSwitch: async (id) =>
    (await RawNetwork.open(lab)).change("RemoveVirtualSwitch", `<vswitchName>${id}</vswitchName>`),
  ResourcePool: async (id) => {
    const { client } = await RawNetwork.open(lab);
    await client.ok("Destroy_Task", `ResourcePool:${id}`);
  },
};

test.each(Object.keys(removals))(
  "the mark of a %s goes with its resource, if somebody has removed it",
  async (kind) => {
    const { it, wish } = of(kind);
    const state = await it.create(wish);
    expect(await marks()).not.toEqual([]);
    await removals[kind]?.(state.id);
    await it.delete(state);
    expect(await marks()).toEqual([]);
  },
);

test.each([
  ["PortGroup", "RemovePortGroup"],
  ["VirtualSwitch", "RemoveVirtualSwitch"],
  ["ResourcePool", "Destroy_Task"],
])("the mark of a %s goes before it does, so no mark tells of what is gone", async (kind, method) => {
  const { it, wish } = of(kind);
  const state = await it.create(wish);
  lab.raw.simulator.faults.add({ method, count: 1, action: { fault: "HostConfigFault" } });
  await failure(it.delete(state));
  expect(await marks()).toEqual([]);
  expect((await it.read(state))?.outs).toEqual(state.outs);
  await it.delete(state);
  expect(await it.read(state)).toBeUndefined();
});

test("the mark of a port group that is deleted goes, also where one answer does not show it", async () => {
  await open("datastore1");
  const it = new Managed(lab, "PortGroup", portGroup);
  const state = await it.create({ name: "it", virtualSwitch: "vSwitch0" });
  expect(await marks()).toHaveLength(1);
  const mark = (await marks())[0] ?? "";
  const hidden = mark.replace("] ", "] hidden");
  const file = (path: string) => lab.raw.simulator.localFile(path);
  const search = { method: "SearchDatastore_Task", count: 1, action: "continue" } as const;
  lab.raw.simulator.faults.add({ ...search, onTask: () => rename(file(mark), file(hidden)) });
  lab.raw.simulator.faults.add({
    ...search,
    onWork: (at) => (at === "before" ? rename(file(hidden), file(mark)) : undefined),
  });
  await it.delete(state);
  expect(await marks()).toEqual([]);
});

test("a mark that an earlier port group of the name left on another datastore goes when one is made", async () => {
  await open("datastore1", "ssd");
  const it = new Managed(lab, "PortGroup", portGroup);
  const state = await it.create({ name: "it", virtualSwitch: "vSwitch0" });
  const mark = (await marks())[0] ?? "";
  const elsewhere = mark.replace("[datastore1]", "[ssd]");
  const bytes = await readFile(lab.raw.simulator.localFile(mark));
  await it.delete(state);
  await writeFile(lab.raw.simulator.localFile(elsewhere), bytes);
  const other = new Managed(lab, "PortGroup", portGroup, "other");
  await other.create({ name: "it", virtualSwitch: "vSwitch0" });
  expect(await marks()).toEqual([mark]);
});

test("a service is put back as it was found before the state was lost", async () => {
  const it = new Managed(lab, "HostService", hostService);
  const wish = { service: "TSM-SSH", running: true, policy: "on" };
  await it.create(wish);
  const again = await it.create(wish, takingBack());
  expect(lab.texts("info")).toEqual(['taking back the service "SSH", which this resource changed before']);
  await it.delete(again);
  const { outs } = await it.create({ service: "TSM-SSH" });
  expect(outs).toMatchObject({ running: false, policy: "off" });
});
