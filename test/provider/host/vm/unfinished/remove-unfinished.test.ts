/** A machine that a create has not finished, and what was copied for it; each test looks at the raw host. */
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyName, draftName } from "../../../../../provider/host/clone/clone-files.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import {
  formatOwnerMark,
  OWNER_MARK_KEY,
  type OwnerMark,
} from "../../../../../provider/host/vm/reading/owner-mark.ts";
import {
  isUnfinished,
  removeUnfinished,
} from "../../../../../provider/host/vm/unfinished/remove-unfinished.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { Stranger } from "../../../resources/stranger.ts";

const MARK: OwnerMark = { schema: 1, urn: "urn:1", digest: "d", phase: "creating", session: "s" };
const FOLDER = "[datastore1] vm";

let lab: Lab;
let stranger: Stranger;

beforeEach(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
  await stranger.vm("vm");
});

afterEach(() => lab.close());

const { signal } = new AbortController();
const ref = () => ({ type: "VirtualMachine", value: lab.raw.vm("vm").moid });
const remove = () => removeUnfinished(lab.host, ref(), signal);
const left = async () =>
  (await lab.raw.contents()).files.filter((file) => file.startsWith(FOLDER) && !file.endsWith("/"));
const copy = (name: string) => stranger.copyDisk(`${FOLDER}/vm.vmdk`, `${FOLDER}/${name}`);

async function marked(mark: OwnerMark): Promise<ObservedVm> {
  await lab.raw.simulator.behindBack.reconfigure(ref().value, {
    extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value: formatOwnerMark(mark) })],
  });
  const vm = await lab.host.vms.byReference(ref());
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

describe("a machine is unfinished", () => {
  const isSo = async (mark: OwnerMark) => isUnfinished(lab.host, await marked(mark), signal);

  test("if its mark says so, and the file is there that the mark names", async () => {
    expect(await isSo(MARK)).toBe(true);
    expect(await isSo({ ...MARK, flag: "making" })).toBe(false);
    await writeFile(lab.raw.simulator.localFile(`${FOLDER}/making`), "");
    expect(await isSo({ ...MARK, flag: "making" })).toBe(true);
  });

  test("only then: not if it is done, or has no mark", async () => {
    expect(await isSo({ ...MARK, phase: "created" })).toBe(false);
    const vm = await marked(MARK);
    expect(await isUnfinished(lab.host, { ...vm, ownerMark: undefined }, signal)).toBe(false);
  });
});

describe("the removal of an unfinished machine", () => {
  test("takes its copies, its drafts and its flag, and leaves what others have put there", async () => {
    await marked({ ...MARK, copies: 3, flag: "making" });
    await copy(copyName("vm", 1));
    await copy(draftName(MARK, 2));
    const theirs = ["other.vmdk", copyName("vm", 3), draftName({ ...MARK, urn: "urn:2" }, 0)];
    for (const name of theirs) await copy(name);
    await writeFile(lab.raw.simulator.localFile(`${FOLDER}/making`), "");
    await remove();
    expect((await lab.raw.contents()).vms).toEqual([]);
    const names = theirs.flatMap((name) => [name, name.replace(".vmdk", "-flat.vmdk")]);
    expect(await left()).toEqual(names.map((name) => `${FOLDER}/${name}`).sort());
  });

  test("takes nothing that only looks like a copy, if the machine copied nothing", async () => {
    await marked(MARK);
    for (const name of [copyName("vm", 1), "copying-2.vmdk"]) await copy(name);
    await remove();
    expect(await left()).toEqual(
      ["copying-2-flat", "copying-2", "vm_1-flat", "vm_1"].map((name) => `${FOLDER}/${name}.vmdk`),
    );
    expect(lab.raw.count("DeleteDatastoreFile_Task")).toBe(0);
  });

  test("takes copies of an earlier release only if a draft proves that it copied", async () => {
    await marked({ ...MARK, copies: true });
    await copy(copyName("vm", 1));
    await remove();
    expect(await left()).toEqual([`${FOLDER}/vm_1-flat.vmdk`, `${FOLDER}/vm_1.vmdk`]);
  });

  test("takes the copies of an earlier release that were made before its draft", async () => {
    await marked({ ...MARK, copies: true });
    await copy(copyName("vm", 1));
    await copy("copying-2.vmdk");
    await remove();
    expect(await left()).toEqual([]);
  });

  test("takes drafts that a late call made", async () => {
    await marked({ ...MARK, copies: 3 });
    await copy(copyName("vm", 1));
    lab.raw.simulator.faults.add({
      method: "DeleteVirtualDisk_Task",
      count: 1,
      action: { taskFault: "FileLocked", message: "not now" },
      onWork: async (moment) => {
        if (moment === "before") await copy(draftName(MARK, 2));
      },
    });
    await remove();
    expect(await left()).toEqual([]);
  });

  test("takes nothing else if the machine has no mark", async () => {
    await copy(copyName("vm", 1));
    await remove();
    expect(await left()).toEqual([`${FOLDER}/vm_1-flat.vmdk`, `${FOLDER}/vm_1.vmdk`]);
  });

  test("takes nothing if another machine needs something of it: the machine stays too", async () => {
    await marked({ ...MARK, copies: 2 });
    await copy(copyName("vm", 1));
    await stranger.vm("theirs", [{ attach: `${FOLDER}/vm_1.vmdk` }]);
    const before = await left();
    expect((await failure(remove())).message).toMatch(/"theirs" uses .*remove what an interrupted run left/);
    expect(await left()).toEqual(before);
    expect((await lab.raw.contents()).vms).toEqual(["theirs: poweredOff", "vm: poweredOff"]);
  });
});

test.each([
  ["five times is removed in the end", 5, true],
  ["six times stays for the next run", 6, false],
])("a copy that is in use %s", async (_, count, isRemoved) => {
  await marked({ ...MARK, copies: 2 });
  await copy(copyName("vm", 1));
  const before = await left();
  const action = { taskFault: "FileLocked", message: "not now" };
  lab.raw.simulator.faults.add({ method: "DeleteVirtualDisk_Task", count, action });
  const error = await remove().then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  expect(error === undefined).toBe(isRemoved);
  expect(lab.raw.count("DeleteVirtualDisk_Task")).toBe(6);
  expect(await left()).toEqual(isRemoved ? [] : before);
});

describe("the file of a copy that is no disk", () => {
  const fails = async (taskFault: string) => {
    await marked({ ...MARK, copies: 2 });
    await copy(copyName("vm", 1));
    const { faults } = lab.raw.simulator;
    faults.add({
      method: "DeleteVirtualDisk_Task",
      action: { taskFault: "SystemError", message: "no disk" },
    });
    faults.add({ method: "DeleteDatastoreFile_Task", count: 1, action: { taskFault, message: "not now" } });
  };

  test("is tried again if it is in use", async () => {
    await fails("ResourceInUse");
    await remove();
    expect(await left()).toEqual([]);
  });

  test("stays for the next run at once if the host cannot remove it, and so does the machine", async () => {
    await fails("SystemError");
    expect((await failure(remove())).message).toContain("not now");
    expect(lab.raw.count("DeleteDatastoreFile_Task")).toBe(1);
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
  });
});

test("a machine that is gone needs nothing", async () => {
  const gone = ref();
  await lab.raw.simulator.behindBack.unregister(gone.value);
  const before = await left();
  await removeUnfinished(lab.host, gone, signal);
  expect(await left()).toEqual(before);
});
