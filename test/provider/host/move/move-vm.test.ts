/** The move of a machine that is off: what is told, what is taken back, and which machine counts afterwards. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { findResourcePool } from "../../../../provider/host/inventory/named-places.ts";
import { type MoveOptions, moveVm, settledMark, settleMove } from "../../../../provider/host/move/move-vm.ts";
import { observeAutoStart, setAutoStart } from "../../../../provider/host/vm/auto-start.ts";
import { MOVE_KEY, type MoveMark, moveMarkOf } from "../../../../provider/host/vm/reading/move-mark.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { reconfigureVm } from "../../../../provider/host/vm/vm-operations.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { retrieveOne } from "../../../../provider/vim/reads/property-collector.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, type Lab } from "../../resources/lab.ts";
import { ResourceLab } from "../../resources/resource-lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { MARK, twoDatastores } from "./machine-to-move.ts";

const LABELS = "pulumi-esxi-direct.labels";
const BIG = { datastore: "big", folder: undefined, staying: [] };
const { signal } = new AbortController();

let lab: Lab;
let stranger: Stranger;
let count = 0;
let said: string[] = [];
let warned: string[] = [];

beforeAll(async () => {
  lab = await twoDatastores();
  stranger = new Stranger(lab);
});

afterAll(() => lab.close());

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
  [said, warned] = [[], []];
});

const options = (): MoveOptions => ({
  signal,
  onStatus: (text) => void said.push(text),
  onWarning: (text) => void warned.push(text),
});

/** A new machine, and what the raw host has of it later. */
async function machine(extraConfig: Readonly<Record<string, string>> = {}) {
  const name = `vm${count++}`;
  await stranger.vm(name);
  const { moid } = lab.raw.vm(name);
  const observe = async (): Promise<ObservedVm> => {
    const found = await lab.host.vms.byReference({ type: "VirtualMachine", value: moid });
    if (found === undefined) throw new Error(`The host has no machine ${name}.`);
    return found;
  };
  const set = async (settings: Readonly<Record<string, string>>) => {
    const values = Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
    await reconfigureVm(lab.host, await observe(), () => ({ extraConfig: values }), signal);
    return observe();
  };
  const left = async () => {
    const machines = lab.raw.simulator.vms().filter((one) => one.name.startsWith(name));
    const { files } = await lab.raw.contents();
    const datastores = files.flatMap((file) =>
      file.includes(` ${name}/`) ? file.slice(0, file.indexOf("]") + 1) : [],
    );
    return { machines: machines.map(({ vmxPath }) => vmxPath), datastores: [...new Set(datastores)] };
  };
  const places = {
    old: { machines: [`[datastore1] ${name}/${name}.vmx`], datastores: ["[datastore1]"] },
    moved: { machines: [`[big] ${name}/${name}.vmx`], datastores: ["[big]"] },
  };
  return { name, vm: await set(extraConfig), observe, set, left, ...places };
}

const setting = (name: string, key: string) => lab.extraConfig(lab.raw.vm(name), key) ?? "";
const fails = (rule: FaultRule) => lab.raw.simulator.faults.add(rule);

const mark = (more: Partial<MoveMark> = {}): MoveMark => ({ ...MARK, ...more });

describe("a machine that is moved", () => {
  test("is at its new place with its identity, and nothing is at the old one", async () => {
    const it = await machine();
    const uuid = it.vm.uuid;
    const moved = await moveVm(lab.host, it.vm, BIG, true, options());
    expect(await it.left()).toEqual(it.moved);
    expect(moved).toMatchObject({ vmxPath: it.moved.machines[0], uuid, name: it.name });
    expect(said).toEqual(
      expect.arrayContaining(["registering it at its new place", "removing it from its old place"]),
    );
    expect(warned).toEqual([]);
    // It is not asked at its next start whether it was moved or copied, and the next run knows that it ran.
    expect(setting(it.name, "uuid.action")).toBe("keep");
    expect(moveMarkOf(moved)).toMatchObject({ ran: true, keepsUuid: true, to: moved.vmxPath });
    expect((await lab.raw.contents()).files.filter((file) => file.includes("moves"))).toEqual([]);
  });

  test("keeps the answer to that question which it has", async () => {
    const it = await machine({ "uuid.action": "create" });
    const moved = await moveVm(lab.host, it.vm, BIG, false, options());
    expect(setting(it.name, "uuid.action")).toBe("create");
    expect(moveMarkOf(moved)).toMatchObject({ ran: false, keepsUuid: false });
  });

  test("stays where it was if the copy is not like it", async () => {
    const it = await machine();
    const { vms } = lab.host;
    const byReference = vms.byReference.bind(vms);
    vi.spyOn(vms, "byReference").mockImplementation(async (ref) => {
      const vm = await byReference(ref);
      return vm?.vmxPath.startsWith("[big]") ? { ...vm, annotation: "another" } : vm;
    });
    expect((await failure(moveVm(lab.host, it.vm, BIG, false, options()))).message).toBe(
      `esxi1: "${it.name}" is not at ${it.moved.machines[0]} what it was at ${it.old.machines[0]}, so it stays where it was. It ` +
        "differs in annotation. Run `pulumi up` again to try it once more, or say its old place in the program.",
    );
    expect(await it.left()).toEqual(it.old);
    expect([setting(it.name, MOVE_KEY), setting(it.name, "uuid.action")]).toEqual(["", ""]);
    expect(warned).toEqual([]);
  });

  test("stays where it was if the copy cannot be registered", async () => {
    const it = await machine();
    fails({ method: "RegisterVM_Task", action: { taskFault: "SystemError", message: "not now" } });
    expect((await failure(moveVm(lab.host, it.vm, BIG, false, options()))).message).toContain("not now");
    expect(await it.left()).toEqual(it.old);
    expect(warned).toEqual([]);
  });

  test("is told if what was begun cannot be removed, after what went wrong first", async () => {
    const it = await machine();
    fails({ method: "CopyVirtualDisk_Task", action: { taskFault: "FileFault", message: "no copy" } });
    fails({ method: "DeleteDatastoreFile_Task", action: { taskFault: "SystemError", message: "nor that" } });
    expect((await failure(moveVm(lab.host, it.vm, BIG, false, options()))).message).toContain("no copy");
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(/could not be removed.*next run.*nor that/);
    lab.raw.simulator.faults.clear();
    const settled = await settleMove(lab.host, await it.observe(), options());
    expect(settled).toMatchObject({ ran: false, vm: { vmxPath: it.old.machines[0] } });
    expect(await it.left()).toEqual(it.old);
    expect(moveMarkOf(await it.observe())).toBeUndefined();
  });

  test("has left its old place also if the host deletes the old one meanwhile, and only then", async () => {
    const isGone = {
      fault: "ManagedObjectNotFound",
      message: "gone",
      properties: { obj: { type: "VirtualMachine", value: "1" } },
    };
    const it = await machine();
    fails({ method: "ReconfigVM_Task", after: 1, count: 1, action: isGone });
    await moveVm(lab.host, it.vm, BIG, false, options());
    expect(await it.left()).toEqual(it.moved);
    const other = await machine();
    fails({
      method: "ReconfigVM_Task",
      after: 1,
      count: 1,
      action: { taskFault: "SystemError", message: "not now" },
    });
    expect((await failure(moveVm(lab.host, other.vm, BIG, false, options()))).message).toContain("not now");
    // Nothing of the move is taken back that was compared already: the next run decides.
    expect((await other.left()).machines).toHaveLength(2);
    await settleMove(lab.host, await other.observe(), options());
    expect(await other.left()).toEqual(other.old);
  });
});

describe("a machine that is moved, with what hosts do differently,", () => {
  test("has its own name in the end, where the host allows each name once", async () => {
    const it = await machine();
    fails({ method: "RegisterVM_Task", count: 1, action: { taskFault: "DuplicateName", message: "taken" } });
    lab.raw.simulator.requests.clear();
    const moved = await moveVm(lab.host, it.vm, BIG, false, options());
    expect([moved.name, await it.left()]).toEqual([it.name, it.moved]);
    // It had another name for as long as the old machine was there.
    expect([lab.raw.count("RegisterVM_Task"), lab.raw.count("Rename_Task")]).toEqual([2, 1]);
  });

  test("is renamed only if it has another name", async () => {
    const it = await machine();
    lab.raw.simulator.requests.clear();
    await moveVm(lab.host, it.vm, BIG, false, options());
    expect(lab.raw.count("Rename_Task")).toBe(0);
  });

  test("is found at its new place if the host's answer was lost", async () => {
    const it = await machine();
    fails({ method: "RegisterVM_Task", count: 1, action: "loseReply" });
    expect(await moveVm(lab.host, it.vm, BIG, false, options())).toMatchObject({
      vmxPath: it.moved.machines[0],
    });
    expect([await it.left(), lab.raw.simulator.vms().filter(({ name }) => name === it.name).length]).toEqual([
      it.moved,
      1,
    ]);
  });

  test("stays where it was if the host does not say which machine it has registered", async () => {
    const it = await machine();
    const { task } = lab.host;
    let calls = 0;
    vi.spyOn(lab.host, "task").mockImplementation((async (...args: Parameters<typeof task>) => {
      const before = lab.raw.count("RegisterVM_Task");
      const result = await Reflect.apply(task, lab.host, args);
      if (lab.raw.count("RegisterVM_Task") === before) return result;
      calls++;
      return undefined;
    }) as typeof task);
    expect((await failure(moveVm(lab.host, it.vm, BIG, false, options()))).message).toBe(
      `esxi1 registered "${it.name}" at ${it.moved.machines[0]}, but does not say which machine that is. ` +
        "Run `pulumi up` again.",
    );
    expect([calls, await it.left()]).toEqual([1, it.old]);
  });

  test("is told if it is gone when it should be at its new place", async () => {
    const it = await machine();
    const { vms } = lab.host;
    const byReference = vms.byReference.bind(vms);
    vi.spyOn(vms, "byReference").mockImplementation(async (ref) => {
      const vm = await byReference(ref);
      return vm?.vmxPath.startsWith("[big]") ? undefined : vm;
    });
    expect((await failure(moveVm(lab.host, it.vm, BIG, false, options()))).message).toBe(
      `esxi1 does not have "${it.name}" any more, so it cannot be moved. Run \`pulumi refresh\`, then \`pulumi up\` again.`,
    );
  });
});

describe("what a machine has beside its disks", () => {
  const cds = (name: string) =>
    (lab.raw.vm(name).config.hardware.device ?? []).flatMap((device) =>
      device.$type === "VirtualCdrom" && device.backing && "fileName" in device.backing
        ? [device.backing.fileName]
        : [],
    );

  test("an image in its folder goes along, and one elsewhere stays, and the drive has either", async () => {
    for (const at of ["own", "elsewhere"]) {
      const it = await machine();
      const folder = at === "own" ? it.name : "iso";
      await mkdir(lab.raw.simulator.localFile(`[datastore1] ${folder}`), { recursive: true });
      await writeFile(lab.raw.simulator.localFile(`[datastore1] ${folder}/a.iso`), "an image");
      await stranger.mount(it.name, `[datastore1] ${folder}/a.iso`);
      // As a host writes it that does not shorten what is in the machine's own folder.
      const copied = lab.raw.simulator.localFile(it.moved.machines[0] ?? "");
      const whole = async () => {
        const text = await readFile(copied, "utf8");
        await writeFile(copied, text.replace('"a.iso"', `"/vmfs/volumes/datastore1/${it.name}/a.iso"`));
      };
      fails({
        method: "RegisterVM_Task",
        count: 1,
        action: "continue",
        onWork: async (moment) => void (moment === "before" && (await whole())),
      });
      lab.raw.simulator.requests.clear();
      await moveVm(lab.host, await it.observe(), BIG, false, options());
      const { machines } = await it.left();
      expect([cds(it.name), machines]).toEqual([
        [at === "own" ? `[big] ${it.name}/a.iso` : "[datastore1] iso/a.iso"],
        it.moved.machines,
      ]);
      // The marks at both ends, and the new place of the image.
      expect(lab.raw.count("ReconfigVM_Task")).toBe(at === "own" ? 3 : 2);
    }
  });

  test("a disk elsewhere stays there and with it, and its labels say where each disk is", async () => {
    const it = await machine();
    const far = `[datastore1] far${it.name}.vmdk`;
    await stranger.copyDisk(`[datastore1] ${it.name}/${it.name}.vmdk`, far);
    await stranger.attach(it.name, far);
    const own = it.old.machines[0]?.replace(".vmx", ".vmdk");
    const labels = { system: { origin: "made", file: own }, far: { origin: "made", file: far } };
    const vm = await it.set({ [LABELS]: JSON.stringify(labels) });
    const digests = await stranger.digests([far.replace(".vmdk", "")]);
    await moveVm(lab.host, vm, BIG, false, options());
    const moved = own?.replace("datastore1", "big");
    expect(lab.raw.diskPaths(it.name)).toEqual([moved, far]);
    expect(JSON.parse(String(setting(it.name, LABELS)))).toMatchObject({
      system: { origin: "made", file: moved },
      far: { origin: "made", file: far },
    });
    expect(await stranger.digests([far.replace(".vmdk", "")])).toEqual(digests);
    expect(await it.left()).toEqual(it.moved);
  });

  test("its resource pool stays what it was", async () => {
    const { rootPool } = await lab.host.facts();
    await ResourceLab.in(lab, resourcePool, "ResourcePool").create("students");
    const it = await machine();
    const pool = await findResourcePool(lab.host, "students");
    await lab.host.client.call(pool, "MoveIntoResourcePool", { list: [it.vm.ref] });
    const moved = await moveVm(lab.host, it.vm, BIG, false, options());
    const { resourcePool: found } = await retrieveOne(lab.host.client, moved.ref, "VirtualMachine", [
      "resourcePool",
    ]);
    expect(found?.value).toBe(pool.value);
    expect(found?.value).not.toBe(rootPool.value);
  });

  test("its place among those that start with the host goes along", async () => {
    const it = await machine();
    await setAutoStart(lab.host, it.vm.ref, { enabled: true, startDelaySeconds: 7 });
    const moved = await moveVm(lab.host, it.vm, BIG, false, options());
    expect(
      await observeAutoStart(lab.host, moved.ref, { enabled: true, startDelaySeconds: 7 }),
    ).toMatchObject({
      enabled: true,
      startDelaySeconds: 7,
    });
  });
});

describe("a run that is to end", () => {
  test("registers nothing any more, and takes back what it has begun", async () => {
    const it = await machine();
    const stop = new AbortController();
    lab.raw.simulator.requests.clear();
    // The last call before it.
    fails({
      method: "RetrievePropertiesEx",
      action: "continue",
      onWork: async (moment) => {
        const { files } = await lab.raw.contents();
        if (moment === "after" && files.includes(it.moved.machines[0] ?? "")) stop.abort(new Error("^C"));
      },
    });
    const ended = failure(moveVm(lab.host, it.vm, BIG, false, { ...options(), signal: stop.signal }));
    expect((await ended).message).toBe("^C");
    expect([lab.raw.count("RegisterVM_Task"), await it.left(), setting(it.name, MOVE_KEY)]).toEqual([
      0,
      it.old,
      "",
    ]);
  });
});

describe("a move that was interrupted", () => {
  const atEnd = { count: 1, action: { taskFault: "SystemError", message: "not now" } } as const;

  /** A machine of which the host has two, because its move failed there, and the copy. */
  async function twice(rule: FaultRule) {
    const it = await machine();
    fails(rule);
    expect((await failure(moveVm(lab.host, it.vm, BIG, true, options()))).message).toContain("not now");
    lab.raw.simulator.faults.clear();
    const vms = await Promise.all(
      (await lab.host.vms.entries()).map(({ ref }) => lab.host.vms.byReference(ref)),
    );
    const copy = vms.find((vm) => vm?.vmxPath === it.moved.machines[0]);
    if (copy === undefined) throw new Error("There is no copy.");
    return { ...it, copy };
  }

  test.each(["old", "new"])(
    "before the old machine was told to go is taken back, by the %s one",
    async (found) => {
      const it = await twice({ method: "ReconfigVM_Task", after: 1, ...atEnd });
      const settled = await settleMove(lab.host, found === "old" ? await it.observe() : it.copy, options());
      expect(settled).toMatchObject({ ran: true, vm: { moid: it.vm.moid, vmxPath: it.old.machines[0] } });
      expect([await it.left(), moveMarkOf(settled.vm), said]).toEqual([
        it.old,
        undefined,
        expect.arrayContaining(["ending a move that was interrupted"]),
      ]);
    },
  );

  test.each(["old", "new"])(
    "when the old machine was told to go is finished, by the %s one",
    async (found) => {
      const it = await twice({ method: "Destroy_Task", ...atEnd });
      const settled = await settleMove(lab.host, found === "old" ? await it.observe() : it.copy, options());
      expect(settled).toMatchObject({ ran: true, vm: { moid: it.copy.moid, vmxPath: it.moved.machines[0] } });
      expect(await it.left()).toEqual(it.moved);
    },
  );

  test("is judged by the old machine as it is now, not as it was seen", async () => {
    const it = await twice({ method: "Destroy_Task", ...atEnd });
    const old = await it.observe();
    const before = JSON.stringify({ ...moveMarkOf(old), phase: "copying" });
    const seen = { ...old, extraConfig: new Map([...old.extraConfig, [MOVE_KEY, before]]) };
    await settleMove(lab.host, seen, options());
    expect(await it.left()).toEqual(it.moved);
  });

  test("is not ended while somebody runs the machine at its old place", async () => {
    const it = await twice({ method: "Destroy_Task", ...atEnd });
    await lab.raw.simulator.behindBack.powerOn(it.vm.moid);
    expect((await failure(settleMove(lab.host, it.copy, options()))).message).toMatch(
      /was moved to \[big\].*, and somebody has started it at its old place since/,
    );
    expect((await it.left()).machines).toHaveLength(2);
    await lab.raw.simulator.behindBack.powerOff(it.vm.moid);
    await settleMove(lab.host, it.copy, options());
    expect(await it.left()).toEqual(it.moved);
  });

  test.each<[string, MoveMark | undefined]>([
    ["never", undefined],
    ["not, but has come to its end", mark({ phase: "done", ran: true })],
  ])("%s is nothing to end", async (_, at) => {
    const it = await machine();
    const settings = at === undefined ? {} : { [MOVE_KEY]: JSON.stringify({ ...at, to: it.vm.vmxPath }) };
    const vm = await it.set(settings);
    lab.raw.simulator.requests.clear();
    expect(await settleMove(lab.host, vm, options())).toEqual({ vm, ran: false });
    expect([lab.raw.count(), said]).toEqual([0, []]);
  });

  test("and whose old machine is gone has ended; whether the machine ran is known", async () => {
    const it = await machine();
    const vm = await it.set({
      [MOVE_KEY]: JSON.stringify(mark({ to: it.vm.vmxPath, from: "[big] a/a.vmx", ran: true })),
    });
    const settled = await settleMove(lab.host, vm, options());
    expect(settled).toMatchObject({ ran: true, vm: { moid: vm.moid } });
    expect(await it.left()).toEqual(it.old);
  });

  test("does not take a machine for the old one that another move has put there", async () => {
    const [it, other] = [await machine(), await machine()];
    const ours = JSON.stringify(mark({ to: it.vm.vmxPath, from: other.vm.vmxPath }));
    const vm = { ...(await it.set({ [MOVE_KEY]: ours })), instanceUuid: other.vm.instanceUuid };
    const flag = "pulumi-esxi-direct-moves-fedcba9876543210";
    for (const theirs of ["", JSON.stringify(mark({ from: other.vm.vmxPath, flag }))]) {
      await other.set({ [MOVE_KEY]: theirs });
      const settled = await settleMove(lab.host, vm, options());
      expect(settled.vm.moid).toBe(it.vm.moid);
      expect([await other.left(), setting(other.name, MOVE_KEY)]).toEqual([other.old, theirs]);
    }
  });
});

describe("what is written on a machine whose move is done", () => {
  const at = (vmxPath: string, now?: MoveMark) =>
    ({ vmxPath, extraConfig: new Map(now && [[MOVE_KEY, JSON.stringify(now)]]) }) as unknown as ObservedVm;
  const written = (now: MoveMark | undefined, runs: boolean, vmxPath = mark().to) => {
    const { [MOVE_KEY]: text, ...rest } = settledMark(at(vmxPath, now), runs) ?? {};
    return text === undefined ? undefined : [JSON.parse(text), rest];
  };

  test("is nothing for a machine that was not moved there", () => {
    expect(written(undefined, true)).toBeUndefined();
    expect(written(mark(), true, mark().from)).toBeUndefined();
    expect(written(mark({ phase: "done", keepsUuid: false }), true)).toBeUndefined();
    expect(written(mark({ phase: "done" }), false)).toBeUndefined();
  });

  test.each<[string, Partial<MoveMark>, boolean, Partial<MoveMark>, object]>([
    ["is off", {}, false, { keepsUuid: true }, {}],
    ["runs and knows its place", {}, true, { keepsUuid: false }, { "uuid.action": "" }],
    ["has an answer of its own", { keepsUuid: false }, true, { keepsUuid: false }, {}],
    ["was off, and runs now", { phase: "done" }, true, { keepsUuid: false }, { "uuid.action": "" }],
  ])("says so of one that %s", (_, before, runs, after, rest) => {
    expect(written(mark(before), runs)).toEqual([mark({ ...after, phase: "done" }), rest]);
  });
});
