import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { RawClient } from "../../../simulator/host/raw-client.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";

let lab: Lab;
let pool: Managed;
let raw: RawClient;

beforeEach(async () => {
  lab = await Lab.open();
  pool = new Managed(lab, "ResourcePool", resourcePool);
  raw = await RawClient.loggedIn(lab.raw);
});

afterEach(async () => {
  await raw.close();
  await lab.close();
});

const value = (id: string, path: string) => raw.value(`ResourcePool:${id}`, path);

test("a pool is made, read and removed, twice without harm", async () => {
  const wish = { name: "students", cpuReservation: 1000, cpuLimit: 8000, memoryLimit: 32_768 };
  const state = await pool.create(wish);
  expect(state).toMatchObject({
    id: "pool1",
    outs: {
      ...wish,
      cpuExpandable: true,
      cpuShareLevel: "normal",
      memoryReservation: 0,
      path: "students",
      moid: "pool1",
      hostUuid: lab.raw.simulator.hostUuid,
    },
  });
  expect(await value("pool1", "name")).toBe("students");
  expect(await value("pool1", "config.cpuAllocation.limit")).toBe("8000");
  expect((await pool.read(state))?.outs).toEqual(state.outs);
  expect(await pool.diff(state, wish)).toMatchObject({ changes: false });
  await pool.delete(state);
  expect((await raw.call("Destroy_Task", "ResourcePool:pool1")).fault).toBe("ManagedObjectNotFound");
  await pool.delete(state);
  expect(await pool.read(state)).toBeUndefined();
});

test("every setting reads back as it was written", async () => {
  const parent = await pool.create({ name: "with/slash" });
  expect(parent.outs).toMatchObject({ name: "with/slash", path: "with%2fslash" });
  const settings = {
    name: "100 %",
    parentResourcePool: "with/slash",
    cpuReservation: 10,
    cpuExpandable: false,
    cpuLimit: 20,
    cpuShareLevel: "custom",
    cpuShares: 1234,
    memoryReservation: 64,
    memoryExpandable: false,
    memoryLimit: 128,
    memoryShareLevel: "high",
  };
  const state = await pool.create(settings);
  expect(state.outs).toMatchObject({ ...settings, path: "with%2fslash/100 %25" });
  expect((await pool.read(state))?.outs).toEqual(state.outs);
  expect(await pool.diff(state, settings)).toMatchObject({ changes: false });
});

test("name, figures and parent change in place, with the VMs that are in it", async () => {
  await pool.create({ name: "lab" });
  const state = await pool.create({ name: "a", cpuShareLevel: "custom", cpuShares: 5 });
  const vm = await lab.create({ name: "vm", resourcePool: "a", powerOn: false });
  const wish = { name: "b", parentResourcePool: "lab", memoryReservation: 256 };
  expect(await pool.diff(state, wish)).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
  expect(lab.texts("info")).toEqual([
    "update in place: name a → b, parentResourcePool unset → lab, cpuShareLevel custom → normal, memoryReservation 0 → 256",
  ]);
  const after = await pool.update(state, wish);
  expect(after.outs).toMatchObject({ ...wish, path: "lab/b" });
  expect(Object.keys(after.outs)).not.toContain("cpuShares");
  expect(await value(state.id, "parent")).toBe("pool1");
  expect(await value(state.id, "config.memoryAllocation.reservation")).toBe("256");
  expect(await raw.value(`VirtualMachine:${vm.outs.moid}`, "resourcePool")).toBe(state.id);
  const back = await pool.update(after, { name: "b" });
  expect(await value(state.id, "parent")).toBe("ha-root-pool");
  expect(Object.keys(back.outs)).not.toContain("parentResourcePool");
});

test("a parent may be named by its path, which is no difference", async () => {
  await pool.create({ name: "lab" });
  await pool.create({ name: "inner", parentResourcePool: "lab" });
  const state = await pool.create({ name: "a", parentResourcePool: "lab/inner" });
  expect(state.outs).toMatchObject({ parentResourcePool: "lab/inner", path: "lab/inner/a" });
  expect(await pool.diff(state, { name: "a", parentResourcePool: "lab/inner" })).toMatchObject({
    changes: false,
  });
  const renamed = await pool.update(state, { name: "a", parentResourcePool: "inner" });
  expect(lab.raw.count("MoveIntoResourcePool")).toBe(0);
  expect(renamed.outs).toMatchObject({ parentResourcePool: "inner" });
});

test("a name that several pools have is told with their paths", async () => {
  for (const parent of ["one", "two"]) {
    await pool.create({ name: parent });
    await pool.create({ name: "same", parentResourcePool: parent });
  }
  expect((await failure(lab.create({ resourcePool: "same", powerOn: false }))).message).toBe(
    'esxi1 has several resource pools "same": set `resourcePool` to the path of one, "one/same", "two/same". ' +
      "Nothing was changed.",
  );
  const vm = await lab.create({ resourcePool: "two/same", powerOn: false });
  expect(await raw.value(`VirtualMachine:${vm.outs.moid}`, "resourcePool")).toBe("pool4");
});

test("a refresh tells what somebody has changed, and the next update puts it right", async () => {
  await pool.create({ name: "lab" });
  const wish = { name: "a", cpuLimit: 500 };
  const state = await pool.create(wish);
  const target = `ResourcePool:${state.id}`;
  const none = "<memoryAllocation/></config>";
  const cpu = "<config><cpuAllocation><limit>600</limit></cpuAllocation>";
  await raw.ok("UpdateConfig", target, `<name>renamed</name>${cpu}${none}`);
  await raw.ok("MoveIntoResourcePool", "ResourcePool:pool1", `<list type="ResourcePool">${state.id}</list>`);
  const now = await pool.read(state);
  if (!now) throw new Error("gone");
  expect(now.outs).toMatchObject({ name: "renamed", cpuLimit: 600, parentResourcePool: "lab" });
  expect(await pool.diff(now, wish)).toMatchObject({ changes: true, replaces: [] });
  const after = await pool.update(now, wish);
  expect(after.outs).toEqual(state.outs);
  expect(await value(state.id, "parent")).toBe("ha-root-pool");
});

describe("a pool that is there already", () => {
  const spec =
    "<name>a</name><spec><cpuAllocation><reservation>0</reservation><expandableReservation>true</expandableReservation>" +
    "<limit>-1</limit><shares><shares>0</shares><level>normal</level></shares></cpuAllocation><memoryAllocation>" +
    "<reservation>0</reservation><expandableReservation>true</expandableReservation><limit>-1</limit>" +
    "<shares><shares>0</shares><level>normal</level></shares></memoryAllocation></spec>";

  beforeEach(async () => {
    await raw.ok("CreateResourcePool", "ResourcePool:ha-root-pool", spec);
  });

  test("is left alone", async () => {
    expect((await failure(pool.create({ name: "a" }))).message).toContain(
      'esxi1 has the resource pool "a" already, and it is left alone.',
    );
  });

  test("is adopted without being touched if it is what the program says", async () => {
    lab.raw.simulator.requests.clear();
    const state = await pool.create({ name: "a", adopt: true });
    expect(state.id).toBe("pool1");
    for (const method of ["CreateResourcePool", "UpdateConfig"]) expect(lab.raw.count(method)).toBe(0);
  });

  test("is not adopted if it differs, and every difference is told", async () => {
    const wish = { name: "a", cpuLimit: 100, memoryShareLevel: "low", adopt: true };
    expect((await failure(pool.create(wish))).message).toContain(
      ": cpuLimit -1 → 100, memoryShareLevel normal → low (on the host → in the program)",
    );
  });

  test("in another pool is another pool", async () => {
    await pool.create({ name: "lab" });
    const state = await pool.create({ name: "a", parentResourcePool: "lab" });
    expect(state.outs).toMatchObject({ path: "lab/a" });
  });
});

test("a pool with VMs or pools in it is not deleted", async () => {
  const state = await pool.create({ name: "a" });
  const inner = await pool.create({ name: "b", parentResourcePool: "a" });
  const vm = await lab.create({ name: "vm", resourcePool: "a", powerOn: false });
  expect((await failure(pool.delete(state))).message).toBe(
    'esxi1: the resource pool "a" holds the resource pool "b", the VM "vm" and was left alone. ' +
      "Move them elsewhere, or remove them, then run this again.",
  );
  await lab.delete(vm);
  await pool.delete(inner);
  await pool.delete(state);
  expect(await pool.read(state)).toBeUndefined();
});

// The reads of a deletion: whose the pool is, then twice what is in it.
test.each([[1], [2], [3]])(
  "a pool that somebody makes a pool in after read %i of its deletion is not deleted",
  async (read) => {
    const state = await pool.create({ name: "a" });
    const other = new Managed(lab, "ResourcePool", resourcePool, "theirs");
    const theirs = lab.connect();
    const inner = { name: "b", parentResourcePool: "a" };
    lab.afterReads(read, () => other.create(inner, lab.context(undefined, theirs)));
    expect((await failure(pool.delete(state))).message).toContain('holds the resource pool "b"');
    expect((await pool.read(state))?.id).toBe(state.id);
  },
);

test("a VM goes into a pool that has just replaced another one of that name", async () => {
  const first = await pool.create({ name: "a" });
  await lab.host.facts();
  await pool.delete(first);
  const second = await pool.create({ name: "a" });
  const vm = await lab.create({ resourcePool: "a", powerOn: false });
  expect(await raw.value(`VirtualMachine:${vm.outs.moid}`, "resourcePool")).toBe(second.id);
});

test("an answer that gets lost is no failure", async () => {
  lab.raw.simulator.faults.add({ method: "CreateResourcePool", count: 1, action: "loseReply" });
  const state = await pool.create({ name: "a" });
  expect(state).toMatchObject({ id: "pool1", outs: { name: "a", __phase: "done" } });
});

test("an update that stops half-way is kept, and the next one goes on", async () => {
  await pool.create({ name: "lab" });
  const state = await pool.create({ name: "a" });
  lab.raw.simulator.faults.add({ method: "UpdateConfig", count: 1, action: { fault: "InvalidState" } });
  const wish = { name: "b", parentResourcePool: "lab" };
  const inputs = await pool.inputs(wish);
  const update = pool.lifecycle.update(state.id, state.outs, inputs, lab.context());
  const half = await pool.unfinished(update, inputs);
  expect(half.outs).toMatchObject({ name: "a", parentResourcePool: "lab", __phase: "unfinished" });
  expect(await pool.diff(half, wish)).toMatchObject({ changes: true });
  const done = await pool.update(half, wish);
  expect(done.outs).toMatchObject({ ...wish, __phase: "done" });
  expect(lab.raw.count("MoveIntoResourcePool")).toBe(1);
});

test("more than the host has is refused, and nothing is made", async () => {
  const error = await failure(pool.create({ name: "a", cpuReservation: 999_999 }));
  expect(error.message).toContain("not enough resources available in the parent resource pool");
  expect(await raw.read("ResourcePool:ha-root-pool", "resourcePool")).not.toContain("pool1");
});

test("wrong settings are found before the host is asked; what a preview does not know is passed over", async () => {
  const { failures } = await pool.check({
    name: "",
    cpuReservation: 10,
    cpuLimit: 5,
    cpuShareLevel: "custom",
    memoryShares: 7,
    memoryLimit: -2,
  });
  expect(failures.map(({ property, reason }) => `${property}: ${reason}`).sort()).toEqual([
    "cpuLimit: must be at least cpuReservation",
    'cpuShares: is required with cpuShareLevel: "custom"',
    "memoryLimit: must be at least -1 MB",
    'memoryShares: is only allowed with memoryShareLevel: "custom"',
    "name: must not be empty",
  ]);
  const unknown = await pool.check({
    name: "a",
    cpuLimit: UNKNOWN,
    cpuReservation: 9,
    cpuShareLevel: UNKNOWN,
  });
  expect(unknown.failures).toEqual([]);
  expect(lab.raw.count("RetrievePropertiesEx")).toBe(0);
});

test("another host under the same name is left alone", async () => {
  const state = await pool.create({ name: "a" });
  const other = { ...state, outs: { ...state.outs, hostUuid: "00000000-0000-0000-0000-000000000000" } };
  expect((await failure(pool.delete(other))).message).toContain(
    'The resource pool "a" is on the host with the hardware UUID 00000000-0000-0000-0000-000000000000',
  );
  expect(await value(state.id, "name")).toBe("a");
});
