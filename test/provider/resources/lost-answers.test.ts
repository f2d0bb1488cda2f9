/**
 * Calls and commands whose answer is lost while the host is at work on what they have begun. Whoever is told that there was
 * no answer can look at once, and try again: by then the host has ended it.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { withoutOwnMarks } from "../../support/own-marks.ts";
import { loseAnswerOfSlowTask } from "../../support/slow-task.ts";
import { Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";

let lab: Lab;
let file: Managed;
let folder: Managed;
let vm: Managed;
let clone: Managed;
let snapshot: Managed;
let pool: Managed;

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  file = new Managed(lab, "DatastoreFile", datastoreFile);
  folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
  vm = new Managed(lab, "ScratchVm", scratchVm);
  clone = new Managed(lab, "DatastoreClone", datastoreClone);
  snapshot = new Managed(lab, "VmSnapshot", vmSnapshot);
  pool = new Managed(lab, "ResourcePool", resourcePool);
  await lab.write("core.iso", "an image");
});

afterEach(() => lab.close());

const FILE = { path: "iso/core.iso", source: "core.iso" };
const FOLDER = { path: "iso" };
const VM = { name: "it", memory: 64, disks: [{ size: 0.01 }], powerOn: false };
const CLONE = { name: "copy", source: "golden", poweredOnSource: "snapshot", powerOn: false };
const SNAPSHOT = { vm: "golden", name: "clean", description: "before the course" };
const SSH = { transport: "ssh" };

/** Loses the answer while that is done. @returns Whether it was done all the same. */
async function withoutAnswer(
  [method, entity]: readonly [method: string, entity?: string],
  work: () => Promise<unknown>,
): Promise<boolean> {
  const { simulator } = lab.raw;
  simulator.requests.clear();
  loseAnswerOfSlowTask(simulator, method, entity);
  const isDone = await work().then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      return false;
    },
  );
  expect(
    simulator.requests.entries().filter(({ faultRule, status }) => faultRule && status === 0).length,
  ).toBe(1);
  expect(simulator.tasks().filter(({ completeTime }) => completeTime === undefined)).toEqual([]);
  simulator.faults.clear();
  return isDone;
}

const contents = async () => {
  const { vms, files } = await lab.raw.contents();
  return { vms, files };
};

const golden = (settings = {}) => lab.create({ name: "golden", powerOn: false, ...settings });

describe("of the API", () => {
  test("a file that is moved to its place is there", async () => {
    expect(await withoutAnswer(["MoveDatastoreFile_Task"], () => file.create(FILE))).toBe(true);
    expect(withoutOwnMarks((await contents()).files)).toEqual([
      "[datastore1] iso/",
      "[datastore1] iso/core.iso",
    ]);
  });

  test("a folder that is moved to its place is there", async () => {
    expect(await withoutAnswer(["MoveDatastoreFile_Task"], () => folder.create(FOLDER))).toBe(true);
    expect(withoutOwnMarks((await contents()).files)).toEqual(["[datastore1] iso/"]);
  });

  test.each(["MoveDatastoreFile_Task", "DeleteDatastoreFile_Task"])(
    "a folder is deleted, whatever becomes of %s",
    async (method) => {
      const state = await folder.create(FOLDER);
      expect(await withoutAnswer([method], () => folder.delete(state))).toBe(true);
      expect((await contents()).files).toEqual([]);
    },
  );

  test("a file is deleted", async () => {
    const state = await file.create({ ...FILE, path: "core.iso" });
    expect(await withoutAnswer(["DeleteDatastoreFile_Task"], () => file.delete(state))).toBe(true);
    expect((await contents()).files).toEqual([]);
  });

  test("a machine is made once", async () => {
    expect(await withoutAnswer(["CreateVM_Task"], () => vm.create(VM))).toBe(true);
    expect((await contents()).vms).toEqual(["it: poweredOff"]);
  });

  test.each(["CopyVirtualDisk_Task", "MoveVirtualDisk_Task", "ReconfigVM_Task"])(
    "of a clone that fails at %s nothing is left",
    async (method) => {
      await golden();
      const before = await contents();
      expect(await withoutAnswer([method], () => clone.create(CLONE))).toBe(false);
      expect(await contents()).toEqual(before);
      await clone.create(CLONE);
    },
  );

  test("a disk is added once", async () => {
    const state = await vm.create(VM);
    const wish = { ...VM, disks: [{ size: 0.01 }, { label: "data", size: 0.01 }] };
    expect(await withoutAnswer(["ReconfigVM_Task"], () => vm.update(state, wish))).toBe(false);
    await vm.update(state, wish);
    expect(lab.raw.diskPaths("it")).toHaveLength(2);
    expect((await contents()).files.filter((name) => name.endsWith("-flat.vmdk"))).toHaveLength(2);
  });

  test("a machine that was powered on, or off, is so", async () => {
    const inputs = await vm.inputs({ ...VM, powerOn: true });
    await withoutAnswer(["PowerOnVM_Task"], () => scratchVm.create(inputs, lab.context()));
    expect((await contents()).vms).toEqual(["it: poweredOn"]);
    const { instanceUuid } = lab.raw.vm("it");
    const refreshed = await scratchVm.read(
      instanceUuid,
      { hostUuid: lab.raw.simulator.hostUuid },
      lab.context(),
    );
    const state = { id: instanceUuid, outs: refreshed.props ?? {}, inputs };
    await withoutAnswer(["PowerOffVM_Task"], () => vm.delete(state));
    await vm.delete(state);
    expect(await contents()).toEqual({ vms: [], files: [] });
  });

  test("a snapshot is taken once", async () => {
    await golden();
    expect(await withoutAnswer(["CreateSnapshot_Task"], () => snapshot.create(SNAPSHOT))).toBe(true);
    expect(await lab.raw.snapshots("golden")).toEqual([
      expect.stringMatching(/^clean: before the course \[pulumi-esxi-direct \w{16}\]$/),
    ]);
  });

  test("a snapshot is removed", async () => {
    await golden();
    const state = await snapshot.create(SNAPSHOT);
    await withoutAnswer(["RemoveSnapshot_Task"], () => snapshot.delete(state));
    expect(await lab.raw.snapshots("golden")).toEqual([]);
    await snapshot.delete(state);
  });

  test("the snapshot of a source that runs is removed again", async () => {
    await golden({ powerOn: true });
    let copy: InState | undefined;
    const make = async () => {
      copy = await clone.create(CLONE);
    };
    expect(await withoutAnswer(["CreateSnapshot_Task"], make)).toBe(true);
    expect(await lab.raw.snapshots("golden")).toEqual([]);
    if (copy) await clone.delete(copy);
    expect(await withoutAnswer(["RemoveSnapshot_Task"], () => clone.create(CLONE))).toBe(true);
    expect(await lab.raw.snapshots("golden")).toEqual([]);
  });

  test("a machine, or a pool, is destroyed", async () => {
    const machine = await vm.create(VM);
    const group = await pool.create({ name: "course" });
    await withoutAnswer(["Destroy_Task", "it"], () => vm.delete(machine));
    expect((await contents()).vms).toEqual([]);
    await withoutAnswer(["Destroy_Task", "course"], () => pool.delete(group));
    await vm.delete(machine);
    await pool.delete(group);
    expect(await pool.read(group)).toBeUndefined();
  });
});

describe("of the host's shell", () => {
  test("a clone is registered once", async () => {
    await golden();
    const create = () => clone.create({ ...CLONE, ...SSH });
    expect(await withoutAnswer(["ssh.exec", "solo/registervm"], create)).toBe(true);
    expect((await contents()).vms).toEqual(["copy: poweredOff", "golden: poweredOff"]);
  });

  test.each(["snapshot.create", "snapshot.remove"])(
    "the snapshot of a source that runs is removed again, whatever becomes of %s",
    async (command) => {
      await golden({ powerOn: true });
      await withoutAnswer(["ssh.exec", command], () => clone.create({ ...CLONE, ...SSH }));
      expect(await lab.raw.snapshots("golden")).toEqual([]);
    },
  );

  test("a clone that was powered on, off or destroyed is so", async () => {
    await golden();
    const before = await contents();
    const wish = { ...CLONE, ...SSH, powerOn: true };
    const inputs = await clone.inputs(wish);
    const state = await clone.create({ ...CLONE, ...SSH });
    await withoutAnswer(["ssh.exec", "power.on"], () => clone.update(state, wish));
    expect((await contents()).vms).toContain("copy: poweredOn");
    await withoutAnswer(["ssh.exec", "power.off"], () => clone.delete({ ...state, inputs }));
    expect((await contents()).vms).toContain("copy: poweredOff");
    await withoutAnswer(["ssh.exec", "vmsvc/destroy"], () => clone.delete({ ...state, inputs }));
    expect((await contents()).vms).toEqual(["golden: poweredOff"]);
    await clone.delete({ ...state, inputs });
    expect(await contents()).toEqual(before);
  });
});
