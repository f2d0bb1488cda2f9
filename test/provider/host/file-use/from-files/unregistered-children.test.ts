/** Machines of no inventory whose disks build on those of a machine that is to be changed: only their files tell. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { refuseWithChildren } from "../../../../../provider/host/file-use/refuse-loss.ts";
import { shellOf } from "../../../../../provider/host/shell/host-shell.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { failure, type Lab } from "../../../resources/lab.ts";
import type { Stranger } from "../../../resources/stranger.ts";
import { openShellLab } from "../../shell/shell-lab.ts";

const { signal } = new AbortController();
const BASE = "[datastore1] vm/vm.vmdk";

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  ({ lab, stranger } = await openShellLab());
});

afterAll(() => lab.close());

beforeEach(() => stranger.vm("vm"));

afterEach(async () => {
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { moid } of simulator.vms()) await simulator.behindBack.destroy(moid);
  for (const file of (await lab.raw.contents()).files)
    await rm(simulator.localFile(file), { recursive: true, force: true });
});

const unregister = (name: string) => lab.raw.simulator.behindBack.unregister(lab.raw.vm(name).moid);

async function refuse(name = "vm"): Promise<void> {
  // Another run, which knows nothing of before.
  await lab.restart();
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (vm === undefined) throw new Error(`The host has no machine ${name}.`);
  lab.raw.simulator.requests.clear();
  await refuseWithChildren(lab.host, vm, "power it on");
}

/** The files that were read for it. */
const reads = () => lab.raw.simulator.requests.entries().filter(({ target }) => /\.vm(x|dk)\b/.test(target));

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const file = lab.raw.simulator.localFile(path);
  const text = await readFile(file, "latin1");
  expect(change(text)).not.toBe(text);
  await writeFile(file, change(text), "latin1");
}

test("where the inventory has every machine, no more than their files are looked for", async () => {
  await stranger.vm("child", [{ on: BASE }]);
  expect((await failure(refuse())).message).toMatch(/the disks of "child" build on those of "vm"/);
  await stranger.vm("alone");
  await refuse("alone");
  expect(lab.raw.count("SearchDatastoreSubFolders_Task")).toBe(lab.datastores.length);
  expect(reads()).toEqual([]);
});

test("all that build on it are named, and what is to be done", async () => {
  for (const name of ["one", "two"]) {
    await stranger.vm(name, ["new", { on: BASE }]);
    await unregister(name);
  }
  await stranger.vm("alone");
  await unregister("alone");
  const { message } = await failure(refuse());
  expect(message).toMatch(
    /^esxi1: machines that are not in its inventory need \[datastore1\] vm\/vm\.vmdk: .*so it is not possible to power it on/,
  );
  expect(message).toMatch(/\] one\/one\.vmx.*\] two\/two\.vmx/);
  expect(message).not.toContain("alone");
});

test("those that build on other machines alone are no reason", async () => {
  await stranger.vm("golden");
  await stranger.vm("child", [{ on: "[datastore1] golden/golden.vmdk" }]);
  await unregister("child");
  await refuse();
  expect((await failure(refuse("golden"))).message).toContain("child.vmx");
});

test("a machine that somebody takes out of the inventory is missed at once", async () => {
  await stranger.vm("child", [{ on: BASE }]);
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm("vm").moid });
  const refuseNow = () => refuseWithChildren(lab.host, vm as ObservedVm, "power it on");
  expect((await failure(refuseNow())).message).toContain('"child"');
  await unregister("child");
  expect((await failure(refuseNow())).message).toContain("child.vmx");
});

test("a disk that builds on one that builds on it does so too", async () => {
  await stranger.vm("child", [{ on: BASE }]);
  await stranger.vm("grandchild", [{ on: "[datastore1] child/child.vmdk" }]);
  await unregister("grandchild");
  expect((await failure(refuse())).message).toContain("grandchild.vmx");
});

test("a parent is known by the datastore's name, by its UUID, and from the child's folder", async () => {
  await stranger.vm("child", [{ on: BASE }]);
  await unregister("child");
  const real = await (await shellOf(lab.host).open()).realPath("/vmfs/volumes/datastore1", signal);
  for (const parent of ["/vmfs/volumes/datastore1/vm/vm.vmdk", `${real}/vm/vm.vmdk`, "../vm/vm.vmdk"]) {
    await edit("[datastore1] child/child.vmdk", (text) =>
      text.replace(/parentFileNameHint=.*/, `parentFileNameHint="${parent}" `),
    );
    expect((await failure(refuse())).message, parent).toContain("child.vmx");
  }
  for (const parent of ["/vmfs/volumes/other/vm_1/vm.vmdk", "vm.vmdk", "../vm/vm_1.vmdk"]) {
    await edit("[datastore1] child/child.vmdk", (text) =>
      text.replace(/parentFileNameHint=.*/, `parentFileNameHint="${parent}"`),
    );
    await refuse();
  }
});

test("they are found on every datastore, and by disks of the machine that lie elsewhere", async () => {
  await stranger.vm("far", [{ on: BASE }], "[ssd]");
  await unregister("far");
  expect((await failure(refuse())).message).toContain("[ssd] far/far.vmx");
  await stranger.vm("wide", ["new"], "[ssd]");
  await stranger.vm("owner", [{ attach: "[ssd] wide/wide.vmdk" }]);
  await stranger.vm("child", [{ on: "[ssd] wide/wide.vmdk" }], "[ssd]");
  await unregister("child");
  const shell = await shellOf(lab.host).open();
  const real = await shell.realPath("/vmfs/volumes/ssd", signal);
  for (const parent of [`${real}/wide/wide.vmdk`, "/vmfs/volumes/ssd/wide/wide.vmdk", "../wide//wide.vmdk"]) {
    await edit("[ssd] child/child.vmdk", (text) =>
      text.replace(/parentFileNameHint=.*/, `parentFileNameHint="${parent}" `),
    );
    expect((await failure(refuse("owner"))).message, parent).toContain("child.vmx");
  }
  await stranger.attach("owner", BASE);
  const other = await shell.realPath("/vmfs/volumes/datastore1", signal);
  await edit("[ssd] child/child.vmdk", (text) =>
    text.replace(/parentFileNameHint=.*/, `parentFileNameHint="${other}/other/wide.vmdk"`),
  );
  await rm(lab.raw.simulator.localFile("[ssd] far"), { recursive: true });
  await refuse("owner");
});

test("a datastore that is away has none that could run, and is looked into when it is back", async () => {
  await stranger.vm("far", [{ on: BASE }], "[ssd]");
  await unregister("far");
  const { behindBack } = lab.raw.simulator;
  behindBack.setAway("ssd", true);
  await lab.restart();
  await refuse();
  expect(lab.raw.count("SearchDatastoreSubFolders_Task")).toBe(1);
  behindBack.setAway("ssd", false);
  expect((await failure(refuse())).message).toContain("far.vmx");
});

test("a disk that builds on itself ends the search", async () => {
  await stranger.vm("child", [{ on: BASE }]);
  await unregister("child");
  await edit("[datastore1] child/child.vmdk", (text) =>
    text.replace(/parentFileNameHint=.*/, 'parentFileNameHint="child.vmdk"'),
  );
  await refuse();
  expect(reads().filter(({ target }) => target.includes("child.vmdk"))).toHaveLength(32);
});

test("what has no disks, or is no machine at all, is no reason", async () => {
  await stranger.vm("empty", []);
  await unregister("empty");
  await stranger.vm("broken", [{ on: BASE }]);
  await unregister("broken");
  await writeFile(lab.raw.simulator.localFile("[datastore1] broken/broken.vmx"), "no machine at all");
  await refuse();
});

test("the machine that a linked clone needs for a moment is none of them", async () => {
  await stranger.vm(
    "child",
    [{ on: BASE }],
    "[datastore1] student/pulumi-linking-0123456789abcdef/linking.vmx",
  );
  await unregister("child");
  await refuse();
});

test("a machine of which the host tells no more than a mount point keeps no other from being changed", async () => {
  await stranger.vm("far", ["new"], "[ssd]");
  const { moid } = lab.raw.vm("far");
  const { behindBack } = lab.raw.simulator;
  behindBack.setUnreadable(moid, { state: "inaccessible", tells: "path" });
  expect((await lab.host.vms.inventory()).unreadable.map(({ vmxPath }) => vmxPath)).toEqual([
    expect.stringMatching(/^\[\] \/vmfs\/volumes\//),
  ]);
  await refuse();
  await stranger.vm("child", [{ on: BASE }]);
  await unregister("child");
  expect((await failure(refuse())).message).toContain("child.vmx");
  behindBack.setUnreadable(moid, undefined);
});
