/** A machine that is deleted over SSH: what goes with it, what stays, and what a run that ends half-way leaves. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { unregisteredVms } from "../../../../../provider/host/file-use/from-files/unregistered.ts";
import { CLAIM } from "../../../../../provider/host/ovf-environment/iso-files.ts";
import { shellOf } from "../../../../../provider/host/shell/host-shell.ts";
import { destroyBySsh } from "../../../../../provider/host/shell/vm/destroy-vm.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { killShellAt } from "../../../resources/kill-shell-at.ts";
import { failure, type Lab } from "../../../resources/lab.ts";
import type { Stranger } from "../../../resources/stranger.ts";
import { openShellLab } from "../shell-lab.ts";

const { signal } = new AbortController();
const LABELS = "pulumi-esxi-direct.labels";
const OWNER = "pulumi-esxi-direct.owner";
const RECORD = "pulumi-esxi-direct.disks";
const DELETING = "pulumi-esxi-direct.deleting";
const MARK = { schema: 1, urn: "u", digest: "d", phase: "creating", session: "s" };
/** After URN and digest, as every release has named it. */
const TOKEN = "8378e5f37bb01d82";
const FLAG = `pulumi-creating-${TOKEN}`;

let lab: Lab;
let stranger: Stranger;
let before: readonly string[];

beforeAll(async () => {
  ({ lab, stranger } = await openShellLab());
  await stranger.vm("theirs");
});

afterAll(() => lab.close());

beforeEach(async () => {
  lab.raw.simulator.requests.clear();
  before = await files();
});

afterEach(async () => {
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { name, moid } of simulator.vms())
    if (name !== "theirs") await simulator.behindBack.destroy(moid);
  for (const file of await left()) await rm(simulator.localFile(file), { recursive: true, force: true });
});

const files = async () => (await lab.raw.contents()).files;
/** What is on the host now that was not there before the test. */
const left = async () => (await files()).filter((file) => !before.includes(file));
const names = () => lab.raw.simulator.vms().map(({ name }) => name);
const commands = () =>
  lab.raw.simulator.requests
    .entries()
    .flatMap(({ method, target }) => (method === "ssh.exec" ? [target] : []));

async function seen(name: string, host = lab.host): Promise<ObservedVm> {
  const vm = await host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (vm === undefined) throw new Error(`The host has no machine ${name}.`);
  return vm;
}

async function destroy(vm: ObservedVm | string, host = lab.host): Promise<void> {
  const which = typeof vm === "string" ? await seen(vm, host) : vm;
  await destroyBySsh(host, await shellOf(host).open(), which, signal);
}

/** Writes advanced settings, behind the back of everybody. */
async function set(name: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const extraConfig = Object.entries(settings).map(([key, value]) =>
    create("OptionValue", { key, value: typeof value === "string" ? value : JSON.stringify(value) }),
  );
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm(name).moid, { extraConfig });
}

async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await writeFile(lab.raw.simulator.localFile(path), "bytes");
}

const made = (file: string) => ({ origin: "made", file });
/** As a copy by hand of the stranger's disk. */
const copy = (to: string) => stranger.copyDisk("[datastore1] theirs/theirs.vmdk", to);

/** The machine "vm" with a disk that came with it, and two that were made for it: one of them on the other datastore. */
async function ours(): Promise<void> {
  await stranger.vm("vm", ["new", "new"]);
  await mkdir(lab.raw.simulator.localFile("[ssd] vm"), { recursive: true });
  await copy("[ssd] vm/vm.vmdk");
  await stranger.attach("vm", "[ssd] vm/vm.vmdk");
  await set("vm", {
    [LABELS]: { more: made("[datastore1] vm/vm_1.vmdk"), far: made("[ssd] vm/vm.vmdk") },
  });
}

test("a machine goes with the disks in its folder and those that were made for it elsewhere, and their folders", async () => {
  await ours();
  expect(lab.raw.diskPaths("vm")).toEqual([
    "[datastore1] vm/vm.vmdk",
    "[datastore1] vm/vm_1.vmdk",
    "[ssd] vm/vm.vmdk",
  ]);
  await destroy("vm");
  expect(names()).toEqual(["theirs"]);
  expect(await left()).toEqual([]);
});

test("an empty folder that the host leaves goes too, and the machine is known to be gone", async () => {
  await stranger.vm("vm");
  const vm = await seen("vm");
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmsvc/destroy'",
    count: 1,
    onWork: async (moment) => {
      if (moment === "after") return;
      await lab.raw.simulator.behindBack.destroy(vm.moid);
      await mkdir(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true });
    },
    action: { status: 0 },
  });
  expect((await lab.host.vms.entries()).map(({ ref }) => ref.value)).toContain(vm.moid);
  await destroy(vm);
  expect((await lab.host.vms.entries()).map(({ ref }) => ref.value)).not.toContain(vm.moid);
  expect(await left()).toEqual([]);
});

test("what killed runs left beside it goes while the machine still says whose it is, and nothing else of somebody", async () => {
  const temporary = ["pulumi-changing-pool", "vm.vmx-draft", "vm.vmsd-draft"].map(
    (name) => `[datastore1] vm/${name}`,
  );
  for (const extra of [[], ["[datastore1] vm/notes.txt"]]) {
    await stranger.vm("vm");
    await put(...temporary, ...extra);
    const seenThen: string[][] = [];
    lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'vmsvc/destroy'",
      count: 1,
      action: "continue",
      onWork: async (moment) => {
        if (moment === "before") seenThen.push((await left()).filter((file) => temporary.includes(file)));
      },
    });
    await destroy("vm");
    expect(seenThen).toEqual([[]]);
    expect(await left()).toEqual(extra.length === 0 ? [] : ["[datastore1] vm/", ...extra]);
  }
});

test("what an earlier release left in the folder of a machine that is gone goes too", async () => {
  await stranger.vm("vm");
  const vm = await seen("vm");
  await lab.raw.simulator.behindBack.destroy(vm.moid);
  await mkdir(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true });
  await put("[datastore1] vm/pulumi-changing-pool", "[datastore1] vm/vm.vmx-draft");
  await destroy(vm);
  expect(await left()).toEqual([]);
});

test("disks that were attached, are to be kept, or lie elsewhere and nobody made stay with every byte", async () => {
  await ours();
  await mkdir(lab.raw.simulator.localFile("[ssd] data"), { recursive: true });
  const kept = ["[datastore1] vm/given.vmdk", "[ssd] data/kept.vmdk", "[ssd] data/unknown.vmdk"];
  for (const [index, file] of kept.entries()) {
    await copy(file);
    await stranger.attach("vm", file, 1000, 10 + index);
  }
  await set("vm", {
    [LABELS]: {
      far: made("[ssd] vm/vm.vmdk"),
      given: { origin: "attached", file: kept[0] },
      kept: { ...made(kept[1] ?? ""), keep: true },
    },
  });
  const starts = kept.map((file) => file.replace(".vmdk", ""));
  const digests = await stranger.digests(starts);
  expect(Object.keys(digests)).toHaveLength(6);
  await destroy("vm");
  expect(names()).toEqual(["theirs"]);
  expect(await stranger.digests(starts)).toEqual(digests);
  expect(await left()).toEqual(["[datastore1] vm/", "[ssd] data/", ...Object.keys(digests)].sort());
});

test("a machine goes as it is now, not as it was seen", async () => {
  await stranger.vm("vm");
  const early = await seen("vm");
  await copy("[datastore1] vm/late.vmdk");
  await stranger.attach("vm", "[datastore1] vm/late.vmdk");
  await destroy(early);
  expect(await left()).toEqual([]);
});

test("a disk that is to stay and was attached after a look stays", async () => {
  await stranger.vm("vm");
  const early = await seen("vm");
  const given = "[datastore1] vm/given.vmdk";
  await copy(given);
  await stranger.attach("vm", given);
  await set("vm", { [LABELS]: { given: { origin: "attached", file: given } } });
  await destroy(early);
  expect(await left()).toEqual(["[datastore1] vm/", "[datastore1] vm/given-flat.vmdk", given]);
});

test("the snapshots of a machine go with it", async () => {
  await stranger.vm("vm");
  for (const name of ["one", "two"]) await stranger.snapshot("vm", name);
  await destroy("vm");
  expect(names()).toEqual(["theirs"]);
  expect(await left()).toEqual([]);
});

test("a linked clone goes, and what it builds on stays", async () => {
  const digests = await stranger.digests(["[datastore1] theirs/"]);
  await stranger.vm("vm", [{ on: "[datastore1] theirs/theirs.vmdk" }]);
  await destroy("vm");
  expect(await left()).toEqual([]);
  expect(await stranger.digests(["[datastore1] theirs/"])).toEqual(digests);
});

test("what disks of others build on, have or keep is not deleted, and nothing is changed", async () => {
  await stranger.vm("vm");
  await stranger.vm("child", [{ on: "[datastore1] vm/vm.vmdk" }]);
  const digests = await stranger.digests(["["]);
  expect((await failure(destroy("vm"))).message).toMatch(/"child" build on those of "vm".*delete it/);
  expect(await stranger.digests(["["])).toEqual(digests);
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("child").moid);
  expect((await failure(destroy("vm"))).message).toMatch(
    /not in its inventory need \[datastore1\] vm\/vm\.vmdk: .*child\.vmx.*delete it/,
  );
  expect(await stranger.digests(["["])).toEqual(digests);
  await lab.register("[datastore1] child/child.vmx");
  await destroy("child");
  await destroy("vm");
  expect(await left()).toEqual([]);
});

test("a disk that the machine's record names goes too, unless another machine has it", async () => {
  await stranger.vm("vm");
  await copy("[datastore1] vm/vm_1.vmdk");
  await copy("[datastore1] vm/vm_2.vmdk");
  await set("vm", { [RECORD]: "[datastore1] vm/vm_1.vmdk\n[datastore1] vm/vm_2.vmdk" });
  await stranger.vm("other", ["new", { attach: "[datastore1] vm/vm_2.vmdk" }]);
  const digests = await stranger.digests(["["]);
  expect((await failure(destroy("vm"))).message).toMatch(
    /"other" uses .*vm_2\.vmdk, so it is not possible to delete it/,
  );
  expect(await stranger.digests(["["])).toEqual(digests);
  await stranger.detach("other", "[datastore1] vm/vm_2.vmdk");
  await destroy("vm");
  await destroy("other");
  expect(await left()).toEqual([]);
});

test("a machine without disks and records is written to as little as can be", async () => {
  await stranger.vm("vm", []);
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmsvc/destroy'",
    count: 1,
    action: { status: 1, stderr: "not now\n" },
  });
  expect((await failure(destroy("vm"))).message).toContain("not now");
  const keys = (lab.raw.vm("vm").config.extraConfig ?? []).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith("pulumi"))).toEqual([]);
  await destroy("vm");
  expect(await left()).toEqual([]);
});

test("a machine that the host does not delete has lost its disks, says so, and goes the next time", async () => {
  await stranger.vm("vm");
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmsvc/destroy'",
    count: 1,
    action: { status: 1, stderr: "not now\n" },
  });
  expect((await failure(destroy("vm"))).message).toContain("not now");
  expect(lab.raw.diskPaths("vm")).toEqual([]);
  expect(lab.extraConfig(lab.raw.vm("vm"), DELETING)).toBe("TRUE");
  expect(lab.extraConfig(lab.raw.vm("vm"), RECORD)).toBe("[datastore1] vm/vm.vmdk");
  await destroy("vm");
  expect(await left()).toEqual([]);
});

test("a machine whose file cannot be changed stays with all that it has", async () => {
  await ours();
  const digests = await stranger.digests(["["]);
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "vm.vmx-draft",
    count: 1,
    action: { status: 1, stderr: "Read-only file system\n" },
  });
  expect((await failure(destroy("vm"))).message).toContain("Read-only file system");
  expect(names()).toContain("vm");
  expect(await stranger.digests(["["])).toEqual(digests);
});

test("a disk elsewhere that the machine's record names stays with another machine that has it", async () => {
  await stranger.vm("vm");
  await stranger.vm("other");
  for (const [disk, says] of [
    ["[ssd] vm/vm.vmdk", /"other" uses .*vm\.vmdk, so it is not possible to delete it/],
    // No disk of ours has that name.
    ["[ssd] vm/data.vmdk", undefined],
  ] as const) {
    await mkdir(lab.raw.simulator.localFile("[ssd] vm"), { recursive: true });
    await copy(disk);
    await set("vm", { [RECORD]: disk });
    await stranger.attach("other", disk);
    const digests = await stranger.digests(["[ssd]"]);
    if (says === undefined) await destroy("vm");
    else expect((await failure(destroy("vm"))).message).toMatch(says);
    expect(await stranger.digests(["[ssd]"])).toEqual(digests);
    await stranger.detach("other", disk);
  }
});

test("the image that was made for a machine goes with it, and another one in its drive stays and is told", async () => {
  await stranger.vm("vm");
  const [environment, theirs] = [
    "[datastore1] vm/pulumi-esxi-direct-ovf-env-a.iso",
    "[datastore1] vm/theirs.iso",
  ];
  await put(environment, theirs);
  await set("vm", CLAIM);
  await stranger.mount("vm", theirs);
  const onWarning = vi.fn();
  await destroyBySsh(lab.host, await shellOf(lab.host).open(), await seen("vm"), signal, { onWarning });
  expect(await left()).toEqual(["[datastore1] vm/", theirs]);
  expect(onWarning.mock.calls).toEqual([[expect.stringContaining(`${theirs} stays`)]]);
});

test("the file of a machine that a run has deleted is not read for those that are in no inventory", async () => {
  await stranger.vm("vm");
  const vm = await seen("vm");
  await destroy(vm);
  await stranger.vm("vm", [{ on: "[datastore1] theirs/theirs.vmdk" }]);
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("vm").moid);
  const registered = new Set(["[datastore1] theirs/theirs.vmx"]);
  expect(await unregisteredVms(lab.host, registered, true)).toEqual([]);
  await lab.restart();
  expect(await unregisteredVms(lab.host, registered, true)).toMatchObject([{ vmxPath: vm.vmxPath }]);
});

test("a machine that somebody else has deleted is gone, and its folder if nothing else is in it", async () => {
  for (const extra of [[], ["[datastore1] vm/notes.txt"]]) {
    await stranger.vm("vm");
    const vm = await seen("vm");
    await put(...extra);
    await lab.raw.simulator.behindBack.destroy(vm.moid);
    await mkdir(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true });
    await destroy(vm);
    expect(await left()).toEqual(extra.length === 0 ? [] : ["[datastore1] vm/", ...extra]);
  }
});

test("of a machine at the top of a datastore no folder is asked for", async () => {
  for (const isThere of [true, false]) {
    await stranger.vm("vm");
    const vm = await seen("vm");
    await lab.raw.simulator.behindBack.unregister(vm.moid);
    await (await shellOf(lab.host).open()).move(
      "/vmfs/volumes/datastore1/vm/vm.vmx",
      "/vmfs/volumes/datastore1/vm.vmx",
      signal,
    );
    await lab.register("[datastore1] vm.vmx");
    const now = await seen("vm");
    if (!isThere) await lab.raw.simulator.behindBack.destroy(now.moid);
    lab.raw.simulator.requests.clear();
    await destroy(now);
    expect(names()).toEqual(["theirs"]);
    expect(commands().filter((command) => /rmdir.*datastore1/.test(command))).toEqual([]);
    expect(commands().length).toBeGreaterThan(0);
    await (await shellOf(lab.host).open()).removeTree("/vmfs/volumes/datastore1/vm", signal);
  }
});

test("a machine that was never finished takes along disks on their way, and what somebody put there stays", async () => {
  await stranger.vm("vm");
  await set("vm", { [OWNER]: { ...MARK, flag: FLAG } });
  await put(`[datastore1] vm/${FLAG}`);
  await writeFile(lab.raw.simulator.localFile(`[datastore1] vm/${FLAG}`), "s\n3");
  await copy("[datastore1] vm/vm_1.vmdk");
  await copy(`[datastore1] vm/copying-${TOKEN}-2.vmdk`);
  await put("[datastore1] vm/notes.txt", "[datastore1] vm/theirs.vmdk");
  await destroy("vm");
  expect(names()).toEqual(["theirs"]);
  expect(await left()).toEqual([
    "[datastore1] vm/",
    "[datastore1] vm/notes.txt",
    "[datastore1] vm/theirs.vmdk",
  ]);
});

test("a finished machine takes nothing along that looks like a disk on its way", async () => {
  await stranger.vm("vm");
  await set("vm", { [OWNER]: { ...MARK, flag: FLAG } });
  await copy("[datastore1] vm/vm_1.vmdk");
  await put(`[datastore1] vm/${FLAG}.txt`);
  await destroy("vm");
  expect(await left()).toEqual([
    "[datastore1] vm/",
    `[datastore1] vm/${FLAG}.txt`,
    "[datastore1] vm/vm_1-flat.vmdk",
    "[datastore1] vm/vm_1.vmdk",
  ]);
});

test("a run that is killed at any change is made good by the next one", async () => {
  for (let change = 1; ; change++) {
    await ours();
    await set("vm", { [OWNER]: { ...MARK, flag: FLAG } });
    await writeFile(lab.raw.simulator.localFile(`[datastore1] vm/${FLAG}`), "s\n4");
    await copy(`[datastore1] vm/copying-${TOKEN}-3.vmdk`);
    const doomed = lab.connect();
    const done: string[] = [];
    const { killed } = await killShellAt(doomed, change, "after", done);
    const vm = await seen("vm", doomed);
    const run = destroyBySsh(doomed, await shellOf(doomed).open(), vm, signal);
    const isKilled = await Promise.race([killed.then(() => true), run.then(() => false)]);
    await doomed.close();
    if (isKilled && names().includes("vm")) await destroy("vm");
    else if (isKilled) await destroy(vm);
    expect([names(), await left()], `${change}: ${done.at(-1)}`).toEqual([["theirs"], []]);
    if (!isKilled) return;
  }
});
