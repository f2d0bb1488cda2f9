/** Whether a machine goes to another place, from which power state, and what it is if it could not go. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { MOVE_KEY, type MoveMark, moveMarkOf } from "../../../../../provider/host/vm/reading/move-mark.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { apiControl } from "../../../../../provider/host/vm/vm-control.ts";
import type { Context, Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import type { VmSettings } from "../../../../../provider/resources/vm/life/vm-settings.ts";
import {
  changesPlace,
  moveAsAsked,
  settledVm,
  whyUnmovable,
} from "../../../../../provider/resources/vm/place/move-vm.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type { FaultRule } from "../../../../../simulator/index.ts";
import { failure, Lab } from "../../lab.ts";
import { Stranger } from "../../stranger.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const POWER_CYCLE = "pulumi-esxi-direct.power-cycle";
const OWNER = "pulumi-esxi-direct.owner";
const BRACKETS = "store [1]";
const NOT_COPIED: FaultRule = {
  method: "CopyVirtualDisk_Task",
  action: { taskFault: "SystemError", message: "no copy" },
};

let lab: Lab;
let stranger: Stranger;
let count = 0;

beforeAll(async () => {
  const datastores = ["datastore1", "big", BRACKETS].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
  lab = await Lab.open({ datastores });
  stranger = new Stranger(lab);
});

afterAll(() => lab.close());

afterEach(async () => {
  vi.restoreAllMocks();
  lab.said.length = 0;
  lab.raw.simulator.faults.clear();
  for (const { moid, powerState } of lab.raw.simulator.vms()) {
    if (powerState !== "poweredOff") await lab.raw.simulator.behindBack.powerOff(moid);
    await lab.raw.simulator.behindBack.destroy(moid);
  }
});

const fails = (rule: FaultRule) => lab.raw.simulator.faults.add(rule);

/** A new machine on `datastore1`, and what the raw host has of it later. */
async function machine(settings: Readonly<Record<string, string>> = {}, place = "[datastore1]") {
  const name = `vm${count++}`;
  await stranger.vm(name, ["new"], place);
  const { moid } = lab.raw.vm(name);
  const { behindBack } = lab.raw.simulator;
  const set = (values: Readonly<Record<string, string>>) => {
    const extraConfig = Object.entries(values).map(([key, value]) => create("OptionValue", { key, value }));
    return behindBack.reconfigure(moid, { extraConfig });
  };
  await set(settings);
  const vm = async (): Promise<ObservedVm> => {
    lab.host.vms.forget();
    const found = await lab.host.vms.byReference({ type: "VirtualMachine", value: moid });
    if (found === undefined) throw new Error(`The host has no machine ${name}.`);
    return found;
  };
  return {
    name,
    moid,
    vm,
    set,
    start: () => behindBack.powerOn(moid),
    now: () => {
      const { vmxPath, powerState } = lab.raw.vm(name);
      return `${vmxPath.replace(/ .*/, "")} ${powerState}`;
    },
  };
}

const wanted = (settings: Properties) =>
  ({ powerOn: true, allowPowerCycle: true, ...settings }) as unknown as VmSettings & Properties;

interface Case {
  readonly settings?: Properties;
  readonly olds?: Properties;
  readonly ran?: boolean;
  readonly context?: Context;
  readonly overSsh?: boolean;
}

async function move(
  it: Awaited<ReturnType<typeof machine>>,
  { settings = {}, olds = {}, ran = false, context = lab.context(), overSsh = false }: Case,
) {
  const settled = { vm: await it.vm(), ran };
  const control = { ...apiControl(lab.host), changesOnlyWhileOff: overSsh };
  lab.raw.simulator.requests.clear();
  const all = wanted({ name: it.name, datastore: "big", ...settings });
  const result = await moveAsAsked(
    lab.host,
    settled,
    all,
    { datastore: "datastore1", ...olds },
    context,
    control,
  );
  return { ...result, isSame: result === settled };
}

describe("a change of place", () => {
  test.each<[string, Properties, Properties, boolean]>([
    ["is another datastore", { datastore: "a" }, { datastore: "b" }, true],
    ["is another folder alone", { datastore: "a", folder: "x" }, { datastore: "a", folder: "y" }, true],
    ["is a folder that the program begins to name", {}, { folder: "y" }, true],
    ["is nothing that the program does not name any more", { datastore: "a", folder: "x" }, {}, false],
    ["is no place that stays", { datastore: "a", folder: "x" }, { datastore: "a", folder: "x" }, false],
  ])("%s", (_, olds, news, changes) => {
    expect(changesPlace(olds, news)).toBe(changes);
  });
});

describe("a machine stays as it is, and runs on", () => {
  test.each<[string, Case]>([
    ["if the program says what it said, though somebody has moved it", { olds: { datastore: "big" } }],
    ["if the program says no place", { settings: { datastore: undefined } }],
    ["if it is there already", { settings: { datastore: "datastore1" }, olds: { datastore: "big" } }],
  ])("%s", async (_, which) => {
    const it = await machine();
    await it.start();
    expect(await move(it, which)).toMatchObject({ isSame: true });
    expect(it.now()).toBe("[datastore1] poweredOn");
    expect(lab.raw.count("PowerOffVM_Task")).toBe(0);
  });

  test("if it is in that folder already", async () => {
    const it = await machine();
    const settings = { datastore: "datastore1", folder: it.name };
    expect(await move(it, { settings, olds: { datastore: "datastore1" } })).toMatchObject({ isSame: true });
  });

  test("if it may only be changed over SSH, which is told", async () => {
    const it = await machine();
    await it.start();
    expect((await failure(move(it, { overSsh: true }))).message).toMatch(
      new RegExp(
        `^esxi1: "${it.name}" \\(\\[datastore1\\] ${it.name}/${it.name}\\.vmx\\) cannot be moved over SSH`,
      ),
    );
    expect(it.now()).toBe("[datastore1] poweredOn");
  });

  test("if something keeps it from going, which is found before it is shut down", async () => {
    const it = await machine();
    await stranger.snapshot(it.name);
    await it.start();
    expect((await failure(move(it, {}))).message).toMatch(/has snapshots/);
    expect([it.now(), lab.raw.count("PowerOffVM_Task"), lab.texts("status")]).toEqual([
      "[datastore1] poweredOn",
      0,
      [],
    ]);
  });

  test("if no power cycle is allowed, and the message names what changes, and only that", async () => {
    const it = await machine();
    await it.start();
    const settings = { allowPowerCycle: false };
    expect((await failure(move(it, { settings }))).message).toContain(
      "powered off to change its datastore, and",
    );
    const both = { ...settings, folder: "lab/x" };
    expect((await failure(move(it, { settings: both }))).message).toContain(
      "change its datastore, folder, and",
    );
    for (const datastore of [undefined, "datastore1"]) {
      const folder = { settings: { ...both, datastore } };
      expect((await failure(move(it, folder))).message).toContain("change its folder, and");
    }
    expect(it.now()).toBe("[datastore1] poweredOn");
  });
});

describe("a machine that goes", () => {
  test("is shut down first if it runs, and it is known that it ran", async () => {
    const it = await machine();
    await it.start();
    const { vm, ran } = await move(it, {});
    expect([it.now(), ran, vm.vmxPath]).toEqual([
      "[big] poweredOff",
      true,
      `[big] ${it.name}/${it.name}.vmx`,
    ]);
    expect(moveMarkOf(vm)).toMatchObject({ ran: true });
    expect(lab.texts("status")).toContain("shutting down to be moved");
  });

  test("is not shut down if it is off, and is off at its new place", async () => {
    const it = await machine();
    expect(await move(it, {})).toMatchObject({ ran: false });
    expect([it.now(), lab.raw.count("PowerOffVM_Task")]).toEqual(["[big] poweredOff", 0]);
    expect(lab.texts("status")).not.toContain("shutting down to be moved");
  });

  test("ran if it ran before a move that was interrupted", async () => {
    const it = await machine();
    const { vm, ran } = await move(it, { ran: true });
    expect([ran, moveMarkOf(vm)?.ran]).toEqual([true, true]);
  });

  test("goes to the folder that is asked for, whatever state says of its place", async () => {
    const it = await machine();
    await move(it, { settings: { folder: "lab/x" } });
    expect(lab.raw.vm(it.name).vmxPath).toBe(`[big] lab/x/${it.name}.vmx`);
  });

  test("may have a disk with a datastore of its own, if it does not leave that one", async () => {
    const pinned = [{ label: "disk0", datastore: "datastore1" }];
    for (const datastore of [undefined, "datastore1"]) {
      const it = await machine();
      const folder = `lab/${it.name}`;
      const settings = { datastore, folder, disks: pinned };
      await move(it, { settings, olds: { datastore } });
      expect(lab.raw.vm(it.name).vmxPath).toBe(`[datastore1] ${folder}/${it.name}.vmx`);
    }
    const it = await machine();
    await move(it, {
      settings: { disks: [{ label: "disk0", datastore: "big" }, { datastore: "datastore1" }] },
    });
    expect(it.now()).toBe("[big] poweredOff");
  });

  test.each(["datastore1", BRACKETS])(
    "may have no disk with a datastore of its own if it leaves that one: %s",
    async (datastore) => {
      const it = await machine({}, `[${datastore}]`);
      const settings = { disks: [{ label: "disk0", datastore }] };
      expect((await failure(move(it, { settings, olds: { datastore } }))).message).toMatch(
        /its disk "disk0" lies in the machine's own folder, and is asked for on the datastore/,
      );
    },
  );
});

describe("a machine that could not be moved", () => {
  test.each<[string, "runs" | "off", Case, "poweredOn" | "poweredOff"]>([
    ["runs again if it ran, and is to run", "runs", {}, "poweredOn"],
    ["is off if it ran, and is to be off", "runs", { settings: { powerOn: false } }, "poweredOff"],
    ["is off if it was off, though it is to run", "off", {}, "poweredOff"],
    ["runs again if its users had started it", "runs", { settings: { powerOn: "once" } }, "poweredOn"],
    [
      "runs again if it ran before an interrupted move",
      "off",
      { settings: { powerOn: "once" }, ran: true },
      "poweredOn",
    ],
    [
      "is off if it ran before an interrupted move, and is to be off",
      "off",
      { settings: { powerOn: false }, ran: true },
      "poweredOff",
    ],
    ["is off if its users had it off", "off", { settings: { powerOn: "once" } }, "poweredOff"],
  ])("%s", async (_, before, which, after) => {
    const it = await machine();
    if (before === "runs") await it.start();
    fails(NOT_COPIED);
    expect((await failure(move(it, which))).message).toContain("no copy");
    expect([it.now(), moveMarkOf(await it.vm())]).toEqual([`[datastore1] ${after}`, undefined]);
    // When its users switch it off then, it stays off.
    expect((await it.vm()).extraConfig.get(POWER_CYCLE) ?? "").toBe("");
    expect(lab.texts("warn")).toEqual([]);
  });

  test("runs again also if it was moved once before", async () => {
    const it = await machine();
    const done = { schema: 1, phase: "done", flag: "pulumi-esxi-direct-moves-0123456789abcdef" } as const;
    const { vmxPath } = await it.vm();
    const mark: MoveMark = { ...done, from: "[big] old/old.vmx", to: vmxPath, ran: false, keepsUuid: false };
    await it.set({ [MOVE_KEY]: JSON.stringify(mark) });
    await it.start();
    // A snapshot that comes when the machine is off keeps it from going.
    fails({
      method: "PowerOffVM_Task",
      action: "continue",
      onWork: async (moment) => void (moment === "after" && (await stranger.snapshot(it.name))),
    });
    expect((await failure(move(it, {}))).message).toContain("has snapshots");
    expect(it.now()).toBe("[datastore1] poweredOn");
  });

  test("stays off in a run that is to end", async () => {
    const it = await machine();
    await it.start();
    const stop = new AbortController();
    fails({ ...NOT_COPIED, onTask: () => stop.abort(new Error("^C")) });
    await failure(move(it, { context: lab.context(stop.signal) }));
    expect([it.now(), lab.raw.count("PowerOnVM_Task")]).toEqual(["[datastore1] poweredOff", 0]);
  });

  test("stays off while nobody knows which of the two is to run", async () => {
    const it = await machine();
    await it.start();
    fails(NOT_COPIED);
    fails({ method: "DeleteDatastoreFile_Task", action: { taskFault: "SystemError", message: "nor that" } });
    expect((await failure(move(it, {}))).message).toContain("no copy");
    expect([it.now(), lab.raw.count("PowerOnVM_Task")]).toEqual(["[datastore1] poweredOff", 0]);
    expect(lab.texts("warn")).toEqual([expect.stringMatching(/could not be removed.*nor that/)]);
  });

  test("is told of if it does not start, after what went wrong first", async () => {
    const it = await machine();
    await it.start();
    fails(NOT_COPIED);
    fails({ method: "PowerOnVM_Task", action: { taskFault: "SystemError", message: "no power" } });
    expect((await failure(move(it, {}))).message).toContain("no copy");
    expect(lab.texts("warn")).toEqual([
      expect.stringMatching(
        new RegExp(`^"${it.name}" was shut down to be moved, and could not be powered on again: .*no power`),
      ),
    ]);
  });

  test("is started again if the host does not do it at once", async () => {
    const it = await machine();
    await it.start();
    fails(NOT_COPIED);
    fails({ method: "PowerOnVM_Task", count: 1, action: { taskFault: "SystemError", message: "no power" } });
    await failure(move(it, {}));
    expect([it.now(), lab.texts("warn")]).toEqual(["[datastore1] poweredOn", []]);
  });

  test("is left alone if nobody can look at it, or if it is gone, after what went wrong first", async () => {
    for (const answer of [undefined, new Error("no answer")]) {
      const it = await machine();
      await it.start();
      const { vms } = lab.host;
      const { byReference } = vms;
      const copying = new AbortController();
      fails({ ...NOT_COPIED, onTask: () => copying.abort() });
      vi.spyOn(vms, "byReference").mockImplementation(async (ref) => {
        if (!copying.signal.aborted) return Reflect.apply(byReference, vms, [ref]);
        if (answer) throw answer;
        return undefined;
      });
      expect((await failure(move(it, {}))).message).toContain("no copy");
      expect(lab.raw.count("PowerOnVM_Task")).toBe(0);
      vi.restoreAllMocks();
      lab.raw.simulator.faults.clear();
    }
  });
});

describe("before a run, what keeps a machine in state from going", () => {
  const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::";
  const owned = async () => {
    const urn = `${URN}${count}`;
    const mark = { schema: 1, urn, digest: "d", phase: "created", session: "s" };
    const it = await machine({ [OWNER]: JSON.stringify(mark) });
    lab.host.vms.forget();
    return { ...it, urn };
  };
  const why = (urn: string, news: Properties, olds: Properties = {}) =>
    whyUnmovable(lab.host, { __urn: urn, datastore: "datastore1", ...olds }, { datastore: "big", ...news });

  test("is nothing for a machine that can go, though the host has others that nobody has marked", async () => {
    await machine();
    const { urn } = await owned();
    expect(await why(urn, {})).toBeUndefined();
  });

  test("is found, and says why it cannot go", async () => {
    const { urn, name } = await owned();
    await stranger.snapshot(name);
    lab.host.vms.forget();
    expect((await why(urn, {}))?.message).toMatch(/cannot be moved: it has snapshots/);
    expect((await why(urn, { transport: "ssh" }))?.message).toMatch(
      new RegExp(`^esxi1: "${name}" \\(\\[datastore1\\] .*cannot be moved over SSH`),
    );
    expect((await why(urn, { datastore: "bigg" }))?.message).toContain('did you mean "big"');
  });

  test.each<[string, Properties]>([
    ["stays where it is", { datastore: "datastore1" }],
    ["goes to a place that is not known yet", { datastore: UNKNOWN }],
    ["goes to a folder that is not known yet", { folder: UNKNOWN }],
    ["is a linked clone, of which the difference says it", { mode: "linked" }],
  ])("is not asked of the host for a machine that %s", async (_, news) => {
    const { urn, name } = await owned();
    await stranger.snapshot(name);
    lab.host.vms.forget();
    lab.raw.simulator.requests.clear();
    expect(await why(urn, news)).toBeUndefined();
    expect(lab.raw.count()).toBe(0);
  });

  test("is nothing for a machine that is there already, or that its mark does not single out", async () => {
    const { urn, name } = await owned();
    await stranger.snapshot(name);
    lab.host.vms.forget();
    expect(await why(urn, { datastore: "datastore1" }, { datastore: "big" })).toBeUndefined();
    expect(await why(`${urn}-other`, {})).toBeUndefined();
    expect(await why(urn, {})).toBeDefined();
    await machine({
      [OWNER]: JSON.stringify({ schema: 1, urn, digest: "d", phase: "created", session: "s" }),
    });
    lab.host.vms.forget();
    expect(await why(urn, {})).toBeUndefined();
  });

  test("is not that its host does not answer", async () => {
    const { urn } = await owned();
    vi.spyOn(lab.host.vms, "inventory").mockResolvedValue(await lab.host.vms.inventory());
    vi.spyOn(lab.host.client, "call").mockRejectedValue(new TypeError("broken"));
    await expect(why(urn, {})).rejects.toThrow(TypeError);
  });
});

test("a move that was interrupted is ended, and what is said on the way is said in the resource's row", async () => {
  const it = await machine();
  const { vmxPath } = await it.vm();
  const mark = { schema: 1, phase: "copying", flag: "pulumi-esxi-direct-moves-0123456789abcdef", ran: true };
  await it.set({
    [MOVE_KEY]: JSON.stringify({ ...mark, from: vmxPath, to: "[big] vm/vm.vmx", keepsUuid: false }),
  });
  const settled = await settledVm(lab.host, await it.vm(), lab.context());
  expect([settled.ran, settled.vm.moid, moveMarkOf(settled.vm)]).toEqual([true, it.moid, undefined]);
  expect(lab.texts("status")).toEqual(["ending a move that was interrupted"]);
});
