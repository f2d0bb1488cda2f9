/** Machines that were copied by hand and have one instance UUID: only the one that state means is touched. */
import { cp } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { getVm } from "../../../provider/resources/look-ups/reads.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { failure, type Managed as InLab } from "./lab.ts";
import { Managed } from "./managed.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(async () => {
  await vms.lab.close();
});

const SMALL: Properties = { powerOn: false, disks: [{ size: 0.125 }] };

const moidAt = (vmxPath: string) =>
  vms.lab.raw.simulator.vms().find((vm) => vm.vmxPath === vmxPath)?.moid ?? "";
const vmxOf = (folder: string) => `[datastore1] ${folder}/a.vmx`;

/** Copies the folder of the machine "a" with a copy's answer "I moved it", as somebody does it by hand. */
async function copyTo(folder: string): Promise<void> {
  const { simulator } = vms.lab.raw;
  const from = dirname(simulator.localFile(vmxOf("a")));
  await cp(from, simulator.localFile(`[datastore1] ${folder}`), { recursive: true });
  await vms.lab.register(vmxOf(folder));
  const copy = simulator.vms().find(({ vmxPath }) => vmxPath === vmxOf(folder));
  expect(copy?.instanceUuid).toBe(
    simulator.vms().find(({ vmxPath }) => vmxPath === vmxOf("a"))?.instanceUuid,
  );
}

async function anew(folder: string): Promise<void> {
  await vms.lab.raw.simulator.behindBack.unregister(moidAt(vmxOf(folder)));
  await vms.lab.register(vmxOf(folder));
}

const paths = () =>
  vms.lab.raw.simulator
    .vms()
    .map(({ vmxPath }) => vmxPath)
    .sort();

/** Both ways in which a run comes to a deletion: after it has looked at all machines, and first of all. */
async function refuses(vm: InLab, reason: RegExp): Promise<void> {
  const before = await vms.lab.raw.contents();
  const changes = { ...SMALL, memory: 512 };
  for (const attempt of [() => vms.read(vm), () => vms.update(vm, changes), () => vms.delete(vm)]) {
    expect((await failure(attempt())).message).toMatch(reason);
    await vms.lab.restart();
    expect((await failure(attempt())).message).toMatch(reason);
  }
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: before.vms, files: before.files });
}

describe("with a copy beside it", () => {
  test("the machine of the id that state knows is refreshed, changed and deleted, the copy left alone", async () => {
    const vm = await vms.create("a", SMALL);
    await copyTo("copy");
    await copyTo("0-before");
    await vms.lab.restart();
    expect((await vms.read(vm))?.outs).toEqual(vm.outs);
    const changed = await vms.update(vm, { ...SMALL, memory: 512 });
    expect(changed.outs).toMatchObject({ vmxPath: vmxOf("a"), memory: 512 });
    const sizes = vms.lab.raw.simulator
      .vms()
      .map(({ vmxPath, config }) => [vmxPath, config.hardware.memoryMB]);
    expect(Object.fromEntries(sizes)).toMatchObject({ [vmxOf("a")]: 512, [vmxOf("copy")]: 1024 });
    await vms.delete(changed);
    expect(paths()).toEqual([vmxOf("0-before"), vmxOf("copy")]);
    expect((await vms.lab.raw.contents()).files.filter((file) => file.includes("/a-flat.vmdk"))).toHaveLength(
      2,
    );
  });

  test("the machine is where state says, if it was registered anew", async () => {
    const vm = await vms.create("a", SMALL);
    await copyTo("copy");
    await anew("a");
    await vms.lab.restart();
    const seen = await vms.read(vm);
    expect(seen?.outs).toEqual({ ...vm.outs, moid: moidAt(vmxOf("a")) });
    await vms.delete(vm);
    expect(paths()).toEqual([vmxOf("copy")]);
  });

  test("nothing is touched if both are elsewhere", async () => {
    const vm = await vms.create("a", SMALL);
    await copyTo("b");
    await copyTo("c");
    await vms.lab.raw.simulator.behindBack.destroy(moidAt(vmxOf("a")));
    await vms.lab.restart();
    await refuses(vm, /\[datastore1\] b\/a\.vmx.*\[datastore1\] c\/a\.vmx.*Nothing was changed/s);
  });

  test("nothing is touched if state of an early release knows the UUID alone", async () => {
    const { outs, ...vm } = await vms.create("a", SMALL);
    const { moid: _moid, vmxPath: _path, ...early } = outs;
    expect((await vms.read({ ...vm, outs: early }))?.outs).toEqual(outs);
    await copyTo("copy");
    await vms.lab.restart();
    await refuses({ ...vm, outs: early }, /\[datastore1\] a\/a\.vmx.*\[datastore1\] copy\/a\.vmx/s);
  });
});

test("a destroy that was killed when the machine had gone does not take its copy", async () => {
  const vm = await vms.create("a", SMALL);
  await copyTo("copy");
  await vms.delete(vm);
  await vms.lab.restart();
  await refuses(
    vm,
    /only "a" \(id \d+, \[datastore1\] copy\/a\.vmx\).*moved, or a copy.*Nothing was changed/s,
  );
});

test("copies are told apart by their path where a person names one", async () => {
  await vms.create("a", SMALL);
  await copyTo("copy");
  const uuid = vms.lab.raw.simulator.vms()[0]?.instanceUuid ?? "";
  const both =
    /2 (virtual )?machines with the instance UUID.*\[datastore1\] a\/a\.vmx.*\[datastore1\] copy\/a\.vmx.*(vmxPath|path of its)/;
  const clones = new Managed(vms.lab, "DatastoreClone", datastoreClone);
  const snapshots = new Managed(vms.lab, "VmSnapshot", vmSnapshot);
  const ask = (args: Properties) => getVm.read("id", args, vms.lab.context());
  for (const attempt of [
    () => ask({ instanceUuid: uuid }),
    () => clones.create({ name: "clone", source: uuid, powerOn: false }),
    () => snapshots.create({ name: "s", vm: uuid }),
    async () => {
      const { failures } = await vms.check("b", { ...SMALL, adopt: { instanceUuid: uuid } });
      throw new Error(failures.map(({ reason }) => reason).join());
    },
  ]) {
    expect((await failure(attempt())).message).toMatch(both);
  }
  expect((await ask({ vmxPath: vmxOf("copy") })).props?.result).toMatchObject({ vmxPath: vmxOf("copy") });
  const adopt = { vmxPath: vmxOf("copy") };
  const adopted = await vms.create("a", { ...SMALL, memory: 1024, adopt });
  await vms.delete(adopted);
  expect(paths()).toEqual([vmxOf("a")]);
});

describe("a snapshot of a machine with a copy", () => {
  const snapshots = () => new Managed(vms.lab, "VmSnapshot", vmSnapshot);
  const names = async (folder: string) =>
    (await vms.lab.raw.contents()).files.filter((file) => file.includes(`${folder}/`) && /vmsn$/.test(file))
      .length;

  test("is the one of the machine that state means, after it was registered anew too", async () => {
    await vms.create("a", SMALL);
    const taken = await snapshots().create({ name: "s", vm: "a" });
    await copyTo("copy");
    expect((await snapshots().read(taken))?.outs).toEqual(taken.outs);
    await anew("a");
    const seen = await snapshots().read(taken);
    expect(seen?.outs.snapshotMoid).toBe(`${moidAt(vmxOf("a"))}-snapshot-1`);
    await snapshots().delete(taken);
    expect([await names("a"), await names("copy")]).toEqual([0, 1]);
  });

  test("is left alone where state does not tell whose it is", async () => {
    await vms.create("a", SMALL);
    const { outs, ...taken } = await snapshots().create({ name: "s", vm: "a" });
    const { __vmxPath, ...early } = outs;
    expect((await snapshots().read({ ...taken, outs: early }))?.outs).toEqual(outs);
    await copyTo("copy");
    await anew("a");
    const attempts = [
      () => snapshots().read({ ...taken, outs: early }),
      () => snapshots().delete({ ...taken, outs: early }),
    ];
    for (const attempt of attempts)
      expect((await failure(attempt())).message).toMatch(/copy\/a\.vmx.*\] a\/a\.vmx/s);
    expect([await names("a"), await names("copy")]).toEqual([1, 1]);
  });
});
