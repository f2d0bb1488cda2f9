/** Disks that the deletion of a machine must not reach are taken out of it first; each test looks at the raw host. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  isHalfDeleted,
  removeForeignDisks,
} from "../../../../provider/host/file-use/remove-foreign-disks.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { machineWith } from "./machines.ts";

// Earlier releases have written these names.
const DETACHED = "pulumi-esxi-direct.detached";
const DELETING = "pulumi-esxi-direct.deleting";

let lab: Lab;
let stranger: Stranger;

beforeEach(async () => {
  const datastores = ["datastore1", "ssd"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
  lab = await Lab.open({ datastores });
  stranger = new Stranger(lab);
});

afterEach(() => lab.close());

const { signal } = new AbortController();

async function seen(name = "vm"): Promise<ObservedVm> {
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

const remove = async () => removeForeignDisks(lab.host, await seen(), signal);
const disks = async () => (await lab.raw.contents()).files.filter((file) => file.endsWith(".vmdk"));
const setting = (key: string, value: string) =>
  lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, {
    extraConfig: [create("OptionValue", { key, value })],
  });

test("a machine that has only its own disks is not changed", async () => {
  await stranger.vm("vm");
  const before = await disks();
  await remove();
  expect(lab.raw.count("ReconfigVM_Task")).toBe(0);
  expect(await disks()).toEqual(before);
});

test("a linked clone's disk is taken out and deleted with its bytes, and that which it builds on stays", async () => {
  await stranger.vm("golden");
  const before = await stranger.digests(["[datastore1] golden"]);
  await stranger.vm("vm", [{ on: "[datastore1] golden/golden.vmdk" }, "new"]);
  const [, own = ""] = stranger.diskPaths("vm");
  await remove();
  expect(stranger.diskPaths("vm")).toEqual([own]);
  expect((await disks()).filter((file) => file.includes("] vm/"))).toEqual(
    [own, own.replace(".vmdk", "-flat.vmdk")].sort(),
  );
  expect(await stranger.digests(["[datastore1] golden"])).toEqual(before);
});

test("a disk that was attached is taken out and stays, wherever it lies", async () => {
  await stranger.vm("data");
  await stranger.vm("vm");
  const given = await stranger.copyDisk("[datastore1] data/data.vmdk", "[datastore1] vm/given.vmdk");
  await stranger.attach("vm", given);
  await stranger.attach("vm", "[datastore1] data/data.vmdk", 1000, 10);
  await setting("pulumi-esxi-direct.labels", JSON.stringify({ given: { origin: "attached", file: given } }));
  const before = await disks();
  await remove();
  expect(stranger.diskPaths("vm")).toEqual(["[datastore1] vm/vm.vmdk"]);
  expect(await disks()).toEqual(before);
});

/** A copy of the machine's disk in a folder that may not be there yet. */
async function copyTo(path: string): Promise<string> {
  await mkdir(dirname(lab.raw.simulator.localFile(path)), { recursive: true });
  return stranger.copyDisk("[datastore1] vm/vm.vmdk", path);
}

/** Gives the machine a disk that has been made for it. */
async function made(path: string): Promise<void> {
  const file = await copyTo(path);
  await stranger.attach("vm", file);
  await setting("pulumi-esxi-direct.labels", JSON.stringify({ more: { origin: "made", file } }));
}

const onSsd = async () => (await lab.raw.contents()).files.filter((file) => file.startsWith("[ssd]"));

test("a disk that was made for it on another datastore goes with its bytes and its folder", async () => {
  await stranger.vm("data");
  await stranger.vm("vm");
  await made("[ssd] vm/vm_1.vmdk");
  await stranger.attach("vm", "[datastore1] data/data.vmdk", 1000, 10);
  await remove();
  expect(stranger.diskPaths("vm")).toEqual(["[datastore1] vm/vm.vmdk"]);
  expect(await onSsd()).toEqual([]);
  expect(await disks()).toContain("[datastore1] data/data.vmdk");
});

test("one that was made for it elsewhere under another name is left to the host, and so is one with snapshots", async () => {
  await stranger.vm("vm");
  await made("[ssd] data/data.vmdk");
  const before = await disks();
  await remove();
  expect(lab.raw.count("ReconfigVM_Task")).toBe(0);
  expect(await disks()).toEqual(before);
  await stranger.detach("vm", "[ssd] data/data.vmdk");
  await made("[ssd] vm/vm_1.vmdk");
  await stranger.snapshot("vm");
  const [, more] = stranger.diskPaths("vm");
  const after = await disks();
  await remove();
  expect(stranger.diskPaths("vm")).toContain(more);
  expect(await disks()).toEqual(after);
});

test("one there that a killed run has taken out goes, and one of another name is not believed", async () => {
  await stranger.vm("vm");
  const left = await copyTo("[ssd] vm/vm_1.vmdk");
  const other = await copyTo("[ssd] vm/data.vmdk");
  await setting(DETACHED, JSON.stringify([left, left.replace(".vmdk", "-flat.vmdk"), other]));
  await remove();
  expect((await onSsd()).filter((file) => file.endsWith(".vmdk"))).toEqual([
    "[ssd] vm/data-flat.vmdk",
    "[ssd] vm/data.vmdk",
  ]);
});

test("what its snapshots build on elsewhere stays, and what of theirs lies with it goes", async () => {
  await stranger.vm("golden");
  await stranger.vm("vm", ["new", { on: "[datastore1] golden/golden.vmdk" }]);
  await stranger.snapshot("vm");
  await stranger.detach("vm", stranger.diskPaths("vm")[1] ?? "");
  const golden = await stranger.digests(["[datastore1] golden"]);
  // What the snapshot froze, with its bytes; what was written to since then is nobody's now.
  const frozen = (await disks()).filter((file) => /\] vm\/vm_1(-[a-z]+)?\.vmdk/.test(file));
  expect(frozen).toHaveLength(2);
  const others = (await disks()).filter((file) => !frozen.includes(file));
  await remove();
  expect(await disks()).toEqual(others);
  expect(await stranger.digests(["[datastore1] golden"])).toEqual(golden);
});

test("what a run has taken out before it was killed, with its bytes, is deleted by the next one", async () => {
  await stranger.vm("golden");
  await stranger.vm("vm", [{ on: "[datastore1] golden/golden.vmdk" }]);
  const golden = await stranger.digests(["[datastore1] golden"]);
  const reason = "the run was killed here";
  lab.raw.simulator.faults.add({
    method: "DeleteDatastoreFile_Task",
    action: { taskFault: "SystemError", message: reason },
  });
  expect((await failure(remove())).message).toContain(reason);
  expect(stranger.diskPaths("vm")).toEqual([]);
  expect((await disks()).filter((file) => file.includes("] vm/"))).toHaveLength(2);
  lab.raw.simulator.faults.clear();
  await lab.restart();
  await remove();
  expect((await disks()).filter((file) => file.includes("] vm/"))).toEqual([]);
  expect(await stranger.digests(["[datastore1] golden"])).toEqual(golden);
});

test("a run that was killed is gone on with: what it has taken out goes, unless somebody needs it now", async () => {
  await stranger.vm("vm");
  const left = await stranger.copyDisk("[datastore1] vm/vm.vmdk", "[datastore1] vm/left.vmdk");
  await setting(DETACHED, JSON.stringify([left]));
  await stranger.vm("theirs", [{ attach: left }]);
  const before = await disks();
  expect((await failure(remove())).message).toContain(
    `"theirs" uses ${left}, so it is not possible to delete it`,
  );
  expect(await disks()).toEqual(before);
  await stranger.detach("theirs", left);
  await remove();
  expect(await disks()).not.toContain(left);
});

test.each([
  ["no list", "{}"],
  ["a list of nothing", "[]"],
  ["no JSON", "[datastore1] vm/other.vmdk"],
  ["files of other machines", JSON.stringify(["[datastore1] data/data.vmdk"])],
  ["files that are no disks", JSON.stringify(["[datastore1] vm/vm.vmx"])],
  ["what are no files", JSON.stringify([1, null, ["[datastore1] vm/other.vmdk"]])],
])("what somebody else has written there is not believed: %s", async (_, text) => {
  await stranger.vm("data");
  await stranger.vm("vm");
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", "[datastore1] vm/other.vmdk");
  await setting(DETACHED, text);
  const before = (await lab.raw.contents()).files;
  await remove();
  expect((await lab.raw.contents()).files).toEqual(before);
});

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ["says nothing", {}, false],
  ["has lost disks over SSH", { [DELETING]: "TRUE" }, true],
  ["has not", { [DELETING]: "FALSE" }, false],
  ["has lost disks by the API", { [DETACHED]: '["[ds] vm/vm.vmdk"]' }, true],
  ["lists none", { [DETACHED]: "[]" }, false],
  ["lists what is not its own", { [DETACHED]: '["[ds] data/data.vmdk"]' }, false],
  ["lists what it has lost, and that none", { [DETACHED]: '["[ds] vm/vm.vmdk"]', [DELETING]: "" }, true],
])("a machine that %s is half deleted, or not", (_, settings, isSo) => {
  expect(isHalfDeleted(machineWith([], settings))).toBe(isSo);
});
