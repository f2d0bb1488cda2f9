/** The steps that all kinds of machines share, by the simplest of them; each test looks at the raw host. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { setAutoStart } from "../../../../../provider/host/vm/auto-start.ts";
import { OWNER_MARK_KEY } from "../../../../../provider/host/vm/reading/owner-mark.ts";
import type { Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { resourcePool } from "../../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { retrieveOne } from "../../../../../provider/vim/reads/property-collector.ts";
import { Limits } from "../../../../support/limits.ts";
import { failure, Lab } from "../../lab.ts";
import { type InState, Managed } from "../../managed.ts";

let lab: Lab;
let count = 0;
let name: string;
let vm: Managed;

beforeAll(async () => {
  lab = await Lab.open();
});

afterAll(() => lab.close());

beforeEach(() => {
  name = `vm${count++}`;
  vm = new Managed(lab, "ScratchVm", scratchVm, name);
  lab.said.length = 0;
  lab.raw.simulator.requests.clear();
});

const wish = (settings: Properties = {}): Properties => ({ name, memory: 64, powerOn: false, ...settings });
const raw = () => lab.raw.vm(name);
const extra = (key: string) => lab.extraConfig(raw(), key);
const behindBack = (key: string, value: string) =>
  lab.raw.simulator.behindBack.reconfigure(raw().moid, {
    extraConfig: [create("OptionValue", { key, value })],
  });
const withTwoDatastores = () =>
  Lab.open({
    datastores: ["datastore1", "datastore2"].map((each) => ({ name: each, capacityBytes: 1024 ** 4 })),
  });
/** State that says that an earlier run did not come to the end. */
const unfinished = (state: InState): InState => ({
  ...state,
  outs: { ...state.outs, __phase: "unfinished" },
});

describe("a create", () => {
  test("makes the machine with all its advanced settings in one call, and then only marks it as done", async () => {
    const settings = { extraConfig: { "custom.a": "1" }, guestInfo: { hostname: "h" } };
    const { id, outs } = await vm.create(wish({ ...settings, autoStart: { enabled: true, order: 1 } }));
    expect(id).toBe(raw().instanceUuid);
    expect(outs).toMatchObject({ ...settings, __phase: "done" });
    expect([extra("custom.a"), extra("guestinfo.hostname")]).toEqual(["1", "h"]);
    expect(lab.raw.count("ReconfigVM_Task")).toBe(1);
    expect(lab.ownerMark(raw())).toEqual({
      schema: 1,
      urn: vm.urn,
      digest: expect.any(String),
      phase: "created",
      session: expect.any(String),
    });
  });

  test("is tried a second time, but not a third time, if its name was taken and is free again", async () => {
    const taken = { method: "CreateVM_Task", action: { taskFault: "DuplicateName", message: "taken" } };
    lab.raw.simulator.faults.add({ ...taken, count: 1 });
    await vm.create(wish());
    expect(lab.raw.count("CreateVM_Task")).toBe(2);
    lab.raw.simulator.requests.clear();
    lab.raw.simulator.faults.add({ ...taken, count: 2 });
    name = `${name}x`;
    expect((await failure(new Managed(lab, "ScratchVm", scratchVm, name).create(wish()))).message).toContain(
      "taken",
    );
    expect(lab.raw.count("CreateVM_Task")).toBe(2);
  });

  test("that the host refuses for another reason is tried once", async () => {
    lab.raw.simulator.faults.add({
      method: "CreateVM_Task",
      count: 1,
      action: { taskFault: "InvalidState", message: "not so" },
    });
    expect((await failure(vm.create(wish()))).message).toContain("not so");
    expect(lab.raw.count("CreateVM_Task")).toBe(1);
  });

  test("that finds its own machine running after a killed run makes no other one, and changes what differs", async () => {
    const made = await vm.create(wish({ powerOn: true }));
    const mark = lab.ownerMark(raw());
    await behindBack(OWNER_MARK_KEY, JSON.stringify({ ...mark, phase: "creating" }));
    lab.raw.simulator.requests.clear();
    const again = await vm.create(wish({ powerOn: true, annotation: "new" }));
    expect(again.id).toBe(made.id);
    expect(raw().config.annotation).toBe("new");
    expect(lab.raw.count("CreateVM_Task")).toBe(0);
  });

  test("that fails when the machine is there removes it, and tells if that is not possible", async () => {
    const host = lab.connect();
    const lose = () => vi.spyOn(host.vms, "byReference").mockResolvedValueOnce(undefined);
    const inputs = await vm.inputs(wish());
    lose();
    const made = () => failure(scratchVm.create(inputs, lab.context(undefined, host)));
    expect((await made()).message).toContain("but does not have it any more");
    expect(lab.raw.simulator.vms().filter((each) => each.name === name)).toEqual([]);
    lab.raw.simulator.faults.add({
      method: "Destroy_Task",
      action: { taskFault: "SystemError", message: "not now" },
    });
    lose();
    expect((await made()).message).toContain("but does not have it any more");
    expect(lab.texts("warn").join()).toMatch(/the next run will do it: .*not now/);
    lab.raw.simulator.faults.clear();
    expect(raw().powerState).toBe("poweredOff");
  });

  test("that the host answers with another machine leaves that machine alone, and removes the one that it made", async () => {
    const theirs = new Managed(lab, "ScratchVm", scratchVm, `${name}-theirs`);
    const there = await theirs.create({ ...wish(), name: `${name}-theirs` });
    const host = lab.connect();
    const before = lab.raw.vm(`${name}-theirs`).config;
    const seen = await host.vms.byReference({ type: "VirtualMachine", value: String(there.outs.moid) });
    vi.spyOn(host.vms, "byReference").mockResolvedValueOnce(seen);
    const inputs = await vm.inputs(wish({ annotation: "mine", powerOn: true }));
    const error = await failure(scratchVm.create(inputs, lab.context(undefined, host)));
    expect(error.message).toContain(`named another machine: "${name}-theirs", which was left alone`);
    expect(lab.raw.vm(`${name}-theirs`)).toMatchObject({ powerState: "poweredOff", config: before });
    expect(lab.raw.simulator.vms().filter((each) => each.name === name)).toEqual([]);
  });

  test("that fails before its first answers are there leaves no promise behind that nobody awaits", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    try {
      const host = lab.connect();
      vi.spyOn(host.vms, "recentEntries").mockRejectedValue(new Error("away"));
      vi.spyOn(host, "facts").mockRejectedValue(new Error("away"));
      const inputs = await vm.inputs(wish({ hardwareVersion: 19 }));
      await failure(scratchVm.create(inputs, lab.context(undefined, host)));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off("unhandledRejection", unhandled);
    }
  });

  test("asks for what it needs while the host looks for the versions that it runs", async () => {
    const host = lab.connect();
    const recent = vi.spyOn(host.vms, "recentEntries");
    const { inputs } = await vm.check(wish({ hardwareVersion: 19, adopt: { name: "nobody" } }));
    await failure(scratchVm.create(inputs, lab.context(undefined, host)));
    expect(recent).toHaveBeenCalled();
  });
});

test("the digest in a mark stays what it was, so that a newer release knows what an older one has begun", async () => {
  const digest = async (settings: Properties) => {
    const made = await vm.create(wish(settings));
    const found = lab.ownerMark(raw())?.digest;
    await vm.delete(made);
    return found;
  };
  name = "it";
  vm = new Managed(lab, "ScratchVm", scratchVm, name);
  expect(await digest({})).toBe("aca61281e1b16582dbbc22f0b55ead54ab45978e601ad2908baf30eeff3873bd");
  expect(await digest({ datastore: "datastore1", annotation: "says nothing" })).toBe(
    "f9522fbe73633557c01235461cfa0c41266f98f1faa17277ba6779b66bf1db23",
  );
});

describe("the digest in a mark", () => {
  const digestNow = () => lab.ownerMark(raw())?.digest;

  test("is the same for a map of networks that a program builds in another order, and another one for another map", async () => {
    const two = await lab.ova({ networks: ["a", "b"] }, "two.ova");
    const one = await lab.ova({ networks: ["VM Network"] }, "one.ova");
    const digest = async (ovaPath: string, ovfNetworkMap: Readonly<Record<string, string>>) => {
      const made = await lab.create({ name, ovaPath, powerOn: false, ovfNetworkMap });
      const found = digestNow();
      await lab.delete(made);
      return found;
    };
    const [a, b] = ["VM Network", "VM Network"];
    expect(await digest(two, { a, b })).toBe(await digest(two, { b, a }));
    expect(await digest(one, {})).not.toBe(await digest(one, { "VM Network": "VM Network" }));
  });

  test("stays as an earlier release wrote it, until the machine gets another place", async () => {
    const pool = new Managed(lab, "ResourcePool", resourcePool, name);
    const inPool = await pool.create({ name });
    const made = await vm.create(wish());
    await behindBack(OWNER_MARK_KEY, JSON.stringify({ ...lab.ownerMark(raw()), digest: "earlier" }));
    const changed = await vm.update(made, wish({ annotation: "new" }));
    expect(digestNow()).toBe("earlier");
    const moved = await vm.update(changed, wish({ annotation: "new", resourcePool: name }));
    const digest = digestNow();
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await vm.delete(moved);
    const madeThere = await vm.create(wish({ resourcePool: name }));
    expect(digestNow()).toBe(digest);
    await vm.delete(madeThere);
    await pool.delete(inPool);
  });

  test("stays when a machine is changed that was moved before, and has not run since", async () => {
    const two = await withTwoDatastores();
    try {
      const there = new Managed(two, "ScratchVm", scratchVm, name);
      const on = (datastore: string, settings: Properties = {}) => wish({ datastore, ...settings });
      const digestThere = () => two.ownerMark(two.raw.vm(name))?.digest;
      const made = await there.create(on("datastore1"));
      const before = digestThere();
      const moved = await there.update(made, on("datastore2"));
      expect(digestThere()).not.toBe(before);
      const mark = { ...two.ownerMark(two.raw.vm(name)), digest: "earlier" };
      const option = create("OptionValue", { key: OWNER_MARK_KEY, value: JSON.stringify(mark) });
      await two.raw.simulator.behindBack.reconfigure(two.raw.vm(name).moid, { extraConfig: [option] });
      await there.update(moved, on("datastore2", { annotation: "new" }));
      expect(digestThere()).toBe("earlier");
    } finally {
      await two.close();
    }
  });
});

test("a machine that ran is off when it has been moved, if it is to be off", async () => {
  const two = await withTwoDatastores();
  try {
    const there = new Managed(two, "ScratchVm", scratchVm, name);
    const made = await there.create(wish({ datastore: "datastore1", powerOn: true }));
    const moved = await there.update(made, wish({ datastore: "datastore2", powerOn: false }));
    expect(moved.outs.powerState).toBe("poweredOff");
    expect(two.raw.vm(name)).toMatchObject({
      powerState: "poweredOff",
      vmxPath: `[datastore2] ${name}/${name}.vmx`,
    });
    expect(two.raw.count("PowerOnVM_Task")).toBe(1);
  } finally {
    await two.close();
  }
});

test("a refresh tells what the host has", async () => {
  const made = await vm.create(wish({ annotation: "mine" }));
  await lab.raw.simulator.behindBack.reconfigure(raw().moid, { annotation: "theirs" });
  const read = await vm.read(made);
  expect(read).toMatchObject({ id: made.id, outs: { annotation: "theirs", __urn: vm.urn } });
});

describe("an adoption", () => {
  test("takes what is there, with the machine's own advanced settings compared", async () => {
    const settings = { extraConfig: { "custom.a": "1" }, guestInfo: { hostname: "h" } };
    const made = await vm.create(wish(settings));
    const adopt = { adopt: { name } };
    const adopted = await vm.create(wish({ ...settings, ...adopt }));
    expect(adopted.id).toBe(made.id);
    expect(adopted.outs).toMatchObject({ __phase: "done", __urn: vm.urn, moid: raw().moid });
    const others = { extraConfig: { "custom.a": "2" }, guestInfo: { hostname: "i" } };
    const { message } = await failure(vm.create(wish({ ...others, ...adopt })));
    expect(message).toMatch(/extraConfig\.guestinfo\.hostname\n.*extraConfig\.custom\.a/s);
    const memory = await failure(vm.create(wish({ ...settings, ...adopt, memory: 128 })));
    expect(memory.message).toContain("memory: the machine has 64, the program says 128");
  });
});

describe("an update", () => {
  test("adds, changes and takes out advanced settings, and leaves others' alone", async () => {
    const made = await vm.create(wish({ extraConfig: { "custom.a": "1", "custom.b": "1" } }));
    await behindBack("custom.theirs", "x");
    await vm.update(made, wish({ extraConfig: { "custom.b": "2", "custom.c": "3" } }));
    const keys = ["custom.a", "custom.b", "custom.c", "custom.theirs"];
    expect(keys.map(extra)).toEqual([undefined, "2", "3", "x"]);
  });

  test("puts the machine into the pool that is named, once", async () => {
    const pool = new Managed(lab, "ResourcePool", resourcePool, name);
    const made = await pool.create({ name });
    const first = await vm.create(wish());
    const moved = await vm.update(first, wish({ resourcePool: name }));
    expect(lab.texts("status")).toContain("moved to its resource pool");
    const back = { outs: { ...moved.outs, resourcePool: undefined }, id: moved.id, inputs: moved.inputs };
    lab.said.length = 0;
    const again = await vm.update(back, wish({ resourcePool: name }));
    expect(lab.texts("status")).not.toContain("moved to its resource pool");
    await vm.delete(again);
    await pool.delete(made);
  });

  test("leaves the machine in the pool that somebody has put it into, if the program names none", async () => {
    const pool = new Managed(lab, "ResourcePool", resourcePool, name);
    const there = await pool.create({ name });
    const made = await vm.create(wish());
    const ref = { type: "VirtualMachine", value: raw().moid };
    const poolRef = { type: "ResourcePool", value: String(there.outs.moid) };
    await lab.host.client.call(poolRef, "MoveIntoResourcePool", { list: [ref] });
    const changed = await vm.update(made, wish({ annotation: "new" }));
    const now = await retrieveOne(lab.host.client, ref, "VirtualMachine", ["resourcePool"]);
    expect(now.resourcePool?.value).toBe(poolRef.value);
    await vm.delete(changed);
    await pool.delete(there);
  });

  describe("of what the guest is told", () => {
    const guest = (guestInfo: Readonly<Record<string, string>>) => wish({ guestInfo });
    const told = () => ["a", "b", "c"].map((key) => extra(`guestinfo.${key}`));

    test("tells what is new and takes out what is gone, but not again what the guest may have cleared", async () => {
      const made = await vm.create(guest({ a: "1", b: "1" }));
      expect(told()).toEqual(["1", "1", undefined]);
      await behindBack("guestinfo.a", "cleared");
      const now = await vm.update(made, guest({ a: "1", b: "2", c: "3" }));
      expect(told()).toEqual(["cleared", "2", "3"]);
      await vm.update(now, guest({ b: "2" }));
      expect(told()).toEqual([undefined, "2", undefined]);
    });

    test("tells all of it after a run that did not come to its end", async () => {
      const made = await vm.create(guest({ a: "1" }));
      await behindBack("guestinfo.a", "cleared");
      await vm.update(unfinished(made), guest({ a: "1" }));
      expect(told()).toEqual(["1", undefined, undefined]);
    });
  });

  test("ends when its time limit is over, which timeouts can set", async () => {
    const made = await vm.create(wish());
    const limits = new Limits();
    try {
      await vm.update(made, wish({ memory: 128 }));
      expect(limits.taken()).toContain(1_800_000);
      const inputs = await vm.inputs(wish({ memory: 256, timeouts: { updateSeconds: 7 } }));
      limits.overAtOnce();
      const late = failure(scratchVm.update(made.id, made.outs, inputs, lab.context()));
      expect((await late).message).toContain("longer than 7 s. Allow more with timeouts.updateSeconds");
    } finally {
      limits.restore();
    }
  });
});

test("a create may take four hours unless timeouts say otherwise", async () => {
  const limits = new Limits();
  try {
    await vm.create(wish());
    expect(limits.taken()).toContain(14_400_000);
    name = `${name}x`;
    const inputs = await vm.inputs(wish({ timeouts: { createSeconds: 7 } }));
    limits.overAtOnce();
    const late = failure(scratchVm.create(inputs, lab.context()));
    expect((await late).message).toContain("longer than 7 s. Allow more with timeouts.createSeconds");
  } finally {
    limits.restore();
  }
});

describe("what is to be left as it is", () => {
  const ignoring = (settings: Properties, ...keys: readonly string[]) =>
    wish({ ...settings, __ignoreChanges: keys });

  test("stays as the host has it now, and everything else changes", async () => {
    const made = await vm.create(wish({ annotation: "mine" }));
    await lab.raw.simulator.behindBack.reconfigure(raw().moid, { annotation: "theirs" });
    await vm.update(made, ignoring({ annotation: "mine", memory: 128 }, "annotation"));
    expect(raw().config).toMatchObject({ annotation: "theirs", hardware: { memoryMB: 128 } });
    // What the option does not name is set right.
    await vm.update(made, wish({ annotation: "mine" }));
    expect(raw().config.annotation).toBe("mine");
  });

  test("may be the name, and whether it runs", async () => {
    const made = await vm.create(wish());
    const { moid } = raw();
    await lab.raw.simulator.behindBack.rename(moid, `${name}-theirs`);
    await lab.raw.simulator.behindBack.powerOn(moid);
    await vm.update(made, ignoring({}, "name", "powerOn"));
    expect(lab.raw.vm(`${name}-theirs`)).toMatchObject({ moid, powerState: "poweredOn" });
    await lab.raw.simulator.behindBack.powerOff(moid);
    await vm.update(made, ignoring({ powerOn: true }, "name", "powerOn"));
    expect(lab.raw.vm(`${name}-theirs`).powerState).toBe("poweredOff");
  });

  test("does not start or stop what is started once", async () => {
    const made = await vm.create(wish({ powerOn: "once" }));
    await lab.raw.simulator.behindBack.powerOff(raw().moid);
    const { outs } = await vm.update(made, ignoring({ powerOn: "once", annotation: "new" }, "powerOn"));
    expect(outs.powerOn).toBe("once");
    expect(raw()).toMatchObject({ powerState: "poweredOff", config: { annotation: "new" } });
  });

  test("may be its place among those that start with the host", async () => {
    const asked = (startDelaySeconds: number) => ({ autoStart: { enabled: true, startDelaySeconds } });
    const made = await vm.create(wish(asked(30)));
    const theirs = { enabled: true, order: undefined, startDelaySeconds: 45 };
    await setAutoStart(lab.host, { type: "VirtualMachine", value: raw().moid }, theirs);
    const { outs } = await vm.update(made, ignoring(asked(60), "autoStart"));
    expect(outs.autoStart).toMatchObject({ startDelaySeconds: 45 });
  });

  test("is changed all the same on a machine that was never finished", async () => {
    const made = await vm.create(wish({ annotation: "mine" }));
    await lab.raw.simulator.behindBack.reconfigure(raw().moid, { annotation: "theirs" });
    const mark = lab.ownerMark(raw());
    await behindBack(OWNER_MARK_KEY, JSON.stringify({ ...mark, phase: "creating" }));
    await vm.update(made, ignoring({ annotation: "mine" }, "annotation"));
    expect(raw().config.annotation).toBe("mine");
    await behindBack(OWNER_MARK_KEY, "");
    await lab.raw.simulator.behindBack.reconfigure(raw().moid, { annotation: "theirs" });
    await vm.update(made, ignoring({ annotation: "mine" }, "annotation"));
    expect(raw().config.annotation).toBe("theirs");
  });
});
