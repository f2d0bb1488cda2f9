/** What lies on a datastore that the host does not reach just now, and what a host does not tell of: it is not gone. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { hostService } from "../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { getDatastore } from "../../../provider/resources/look-ups/reads.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { VimClient } from "../../../provider/vim/client.ts";
import { failure, Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";

const GIB = 1024 ** 3;
const AWAY = /datastore "share" of esxi1 is not (accessible|there).*not gone/;
const NOT_THERE = new RegExp(`${AWAY.source}|^esxi1 has no datastore "share".*Nothing was created`);

describe.each([
  ["is away, where the host answers InaccessibleDatastore,", { awayFiles: "InaccessibleDatastore" }],
  ["is away, where the host answers FileNotFound,", { awayFiles: "FileNotFound" }],
  ["the host does not list any more", undefined],
] as const)("on a datastore that %s", (_, behaviour) => {
  let lab: Lab;

  beforeEach(async () => {
    const datastores = ["local", "share"].map((name) => ({ name, capacityBytes: GIB }));
    lab = await Lab.open({ datastores, behaviour });
  });

  afterEach(() => lab.close());

  const setAway = async (away: boolean) => {
    const { behindBack } = lab.raw.simulator;
    if (behaviour) behindBack.setAway("share", away);
    else await behindBack.setMounted("share", !away);
  };

  async function staysWhileAway(resource: Managed, state: InState, change: () => Promise<unknown>) {
    const before = await lab.raw.contents();
    await setAway(true);
    // In the run that has seen the datastore before, and in one that has not.
    for (let runs = 0; runs < 2; runs++) {
      expect((await resource.read(state))?.outs).toEqual(state.outs);
      expect(lab.texts("warn").join()).toMatch(AWAY);
      expect((await failure(change())).message).toMatch(NOT_THERE);
      expect((await failure(resource.delete(state))).message).toMatch(AWAY);
      await lab.restart();
    }
    await setAway(false);
    await lab.restart();
    expect((await lab.raw.contents()).files).toEqual(before.files);
    expect((await resource.read(state))?.outs).toEqual(state.outs);
    await resource.delete(state);
    expect((await lab.raw.contents()).files).not.toEqual(before.files);
  }

  test("a file stays in state and on the datastore, and is neither replaced nor deleted", async () => {
    const file = new Managed(lab, "DatastoreFile", datastoreFile);
    const wish = { path: "iso/a.iso", datastore: "share", source: await lab.write("a.iso", "content") };
    const source = await lab.write("b.iso", "another content");
    const state = await file.create(wish);
    await staysWhileAway(file, state, () => file.update(state, { ...wish, source }));
  });

  test("a folder stays, and no new one is taken for made", async () => {
    const folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
    const other = new Managed(lab, "DatastoreFolder", datastoreFolder, "other");
    const state = await folder.create({ path: "iso", datastore: "share" });
    await staysWhileAway(folder, state, () => other.create({ path: "new", datastore: "share" }));
  });

  test("a machine stays in state and on the datastore", async () => {
    const vm = new Managed(lab, "ScratchVm", scratchVm);
    const wish = { name: "a", datastore: "share", powerOn: false, disks: [{ size: 0.125 }] };
    const state = await vm.create(wish);
    await setAway(true);
    await lab.restart();
    expect((await vm.read(state))?.outs).toEqual(state.outs);
    expect((await failure(vm.update(state, { ...wish, memory: 512 }))).message).toMatch(
      /"a".*"inaccessible"/,
    );
    expect((await failure(vm.delete(state))).message).toMatch(/"a".*"inaccessible"/);
    await setAway(false);
    await vm.delete(state);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  });

  test("a look-up says how it is", async () => {
    await setAway(true);
    const read = getDatastore.read("id", { name: "share" }, lab.context());
    if (behaviour) expect((await read).props?.result).toMatchObject({ name: "share", accessible: false });
    else expect((await failure(read)).message).toBe('esxi1 has no datastore "share": esxi1 has "local".');
  });
});

describe("what a host does not tell of", () => {
  let lab: Lab;

  beforeEach(async () => {
    lab = await Lab.open();
  });

  afterEach(() => lab.close());

  type Told = { readonly obj: { readonly value: string }; propSet?: { name: string; val: unknown }[] };

  /** As a host that tells of its things in another way. */
  function telling(change: (thing: Told) => void): void {
    const call = VimClient.prototype.call;
    const { client } = lab.host;
    client.call = async function (this: VimClient, ...args: Parameters<typeof call>) {
      const answer: unknown = await call.apply(this, args);
      if (args[1] === "RetrievePropertiesEx") (answer as { objects: Told[] }).objects.forEach(change);
      return answer;
    } as typeof call;
  }

  /**
   * As a host that leaves a property out, for want of rights or because it is not up yet.
   * @param id Of the one thing that is without it. Default: all.
   */
  const without = (property: string, id?: string): void =>
    telling((thing) => {
      if (id !== undefined && thing.obj.value !== id) return;
      thing.propSet = thing.propSet?.filter(({ name }) => name !== property) ?? [];
    });

  test.each([
    ["PortGroup", portGroup, { name: "dev", virtualSwitch: "vSwitch0" }, "networkInfo"],
    ["VirtualSwitch", virtualSwitch, { name: "vSwitch1" }, "networkInfo"],
    ["ResourcePool", resourcePool, { name: "students" }, "config"],
    ["HostService", hostService, { service: "ntpd", running: true }, "serviceInfo"],
  ] as const)("stays in state, and is not deleted: %s", async (kind, lifecycle, wish, property) => {
    const resource = new Managed(lab, kind, lifecycle);
    const state = await resource.create(wish);
    without(property);
    expect((await resource.read(state))?.outs).toEqual(state.outs);
    expect(lab.texts("warn").join()).toMatch(/does not show.*(not|Nothing on it is) gone/);
    expect((await failure(resource.delete(state))).message).toMatch(
      /does not show.*(not|Nothing on it is) gone/,
    );
    await lab.restart();
    expect((await resource.read(state))?.outs).toEqual(state.outs);
    await resource.delete(state);
  });

  test("a pool without settings is in the way of the pool that it is in, and its name is taken", async () => {
    const pool = (name: string) => new Managed(lab, "ResourcePool", resourcePool, name);
    const outer = await pool("outer").create({ name: "outer" });
    const wish = { name: "inner", parentResourcePool: "outer" };
    const inner = await pool("inner").create(wish);
    without("config", inner.id);
    expect((await failure(pool("outer").delete(outer))).message).toContain('holds the resource pool "inner"');
    expect((await failure(pool("another").create(wish))).message).toContain(
      'has the resource pool "outer/inner", but does not show its settings now',
    );
    await lab.restart();
    await pool("inner").delete(inner);
    await pool("outer").delete(outer);
  });

  test("of two pools that are called alike in one pool, none is taken for the one that is meant", async () => {
    const pool = (name: string) => new Managed(lab, "ResourcePool", resourcePool, name);
    const states = [await pool("one").create({ name: "one" }), await pool("two").create({ name: "two" })];
    telling(({ obj, propSet = [] }) => {
      for (const told of propSet) if (obj.value === "pool2" && told.name === "name") told.val = "one";
    });
    const wish = { name: "one", adopt: true };
    expect((await failure(pool("another").create(wish))).message).toBe(
      'esxi1 has several resource pools "one" in one place (pool1,pool2). Rename all but the one that is meant. ' +
        "Nothing was changed.",
    );
    await lab.restart();
    for (const state of states) expect((await pool("it").read(state))?.outs).toEqual(state.outs);
  });
});
