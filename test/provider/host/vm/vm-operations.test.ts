/** Changes, another name, and the deletion of a machine; what is gone when the host says that something is. */
import { rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chainOf } from "../../../../provider/host/vm/reading/disk-chain.ts";
import { decodeVmName } from "../../../../provider/host/vm/reading/vm-name.ts";
import { deviceChange } from "../../../../provider/host/vm/settings/device-changes.ts";
import { destroyVm, reconfigureVm, renameVm } from "../../../../provider/host/vm/vm-operations.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let lab: Lab;

let stranger: Stranger;

beforeEach(async () => {
  const datastores = ["datastore1", "data"].map((name) => ({ name, capacityBytes: 2 ** 36 }));
  lab = await Lab.open({ datastores });
  stranger = new Stranger(lab);
  await stranger.vm("it");
});

afterEach(() => lab.close());

const { signal } = new AbortController();
const it = async () => {
  const vm = (await lab.host.vms.inventory()).vms.find(({ name }) => name === "it");
  if (vm === undefined) throw new Error("The host has it.");
  return vm;
};
const files = async () => (await lab.raw.contents()).files;
const setOn = (key: string, value: string) =>
  lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("it").moid, {
    extraConfig: [create("OptionValue", { key, value })],
  });

test("a machine that is gone by now needs no deletion", async () => {
  const vm = await it();
  await lab.raw.simulator.behindBack.destroy(vm.moid);
  await destroyVm(lab.host, vm, signal);
});

test("a machine is not taken for deleted because another object is gone at which its deletion looks", async () => {
  const vm = await it();
  lab.raw.simulator.faults.add({
    method: "RetrievePropertiesEx",
    action: {
      fault: "ManagedObjectNotFound",
      message: "it has already been deleted",
      properties: { obj: { type: "VirtualMachineSnapshot", value: "9-snapshot-1" } },
    },
  });
  expect((await failure(destroyVm(lab.host, vm, signal))).message).toContain("already been deleted");
  expect(lab.raw.vm("it").moid).toBe(vm.moid);
});

describe("a machine is left alone, with all its files,", () => {
  const leftAlone = async (work: () => Promise<unknown>): Promise<Error> => {
    const before = await files();
    const error = await failure(work());
    expect(await files()).toEqual(before);
    expect(lab.raw.vm("it").name).toBe("it");
    expect(lab.raw.count("Destroy_Task")).toBe(0);
    return error;
  };

  test("while another one needs its disk, also one that has got it since all were looked at", async () => {
    const vm = await it();
    await stranger.vm("other", [{ attach: stranger.diskPaths("it")[0] ?? "" }]);
    const error = await leftAlone(() => destroyVm(lab.host, vm, signal));
    expect(error.message).toContain('"other"');
  });

  test("if the run is to end", async () => {
    const vm = await it();
    const stopped = AbortSignal.abort(new Error("^C"));
    expect((await leftAlone(() => destroyVm(lab.host, vm, stopped))).message).toBe("^C");
  });
});

test("a machine that somebody has powered on again is not deleted, and the error says why", async () => {
  const vm = await it();
  await lab.raw.simulator.behindBack.powerOn(vm.moid);
  const error = await failure(destroyVm(lab.host, vm, signal));
  expect(error.message).toContain('esxi1: "it" was powered on again while it was being deleted.');
  expect(lab.raw.vm("it").powerState).toBe("poweredOn");
});

test("a machine that the host does not delete for another reason keeps the host's error", async () => {
  const vm = await it();
  lab.raw.simulator.faults.add({
    method: "Destroy_Task",
    action: { taskFault: "SystemError", message: "not now" },
  });
  expect((await failure(destroyVm(lab.host, vm, signal))).message).toContain("not now");
  expect(lab.raw.vm("it").moid).toBe(vm.moid);
});

test("images from its OVA go with a machine but for those of others, which are told once it has gone", async () => {
  await setOn("pulumi-esxi-direct.images", "mine.iso\nours.iso");
  const images = ["mine", "ours"].map((name) => `[datastore1] it/${name}.iso`);
  for (const image of images) await writeFile(lab.raw.simulator.localFile(image), "an image");
  await stranger.vm("other", []);
  await stranger.mount("other", "[datastore1] it/ours.iso");
  const told: string[] = [];
  const onWarning = (text: string) => void told.push(text);
  lab.raw.simulator.faults.add({ method: "Destroy_Task", count: 1, action: { taskFault: "SystemError" } });
  await failure(destroyVm(lab.host, await it(), signal, { onWarning }));
  expect(told).toEqual([]);
  await destroyVm(lab.host, await it(), signal, { onWarning });
  expect(told).toEqual([expect.stringContaining("ours.iso")]);
  const left = (await files()).filter((file) => file.startsWith("[datastore1] it/"));
  expect(left).toEqual(["[datastore1] it/", "[datastore1] it/ours.iso"]);
});

test("the folder of a disk elsewhere goes too if the machine was gone already", async () => {
  await stranger.vm("other", ["new"], "[data]");
  await stranger.attach("it", "[data] other/other.vmdk");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("other").moid);
  const made = { data: { origin: "made", file: "[data] other/other.vmdk" } };
  await setOn("pulumi-esxi-direct.labels", JSON.stringify(made));
  const vm = await it();
  await lab.raw.simulator.behindBack.destroy(vm.moid);
  for (const file of (await files()).filter(
    (each) => each.startsWith("[data] other/") && !each.endsWith("/"),
  ))
    await rm(lab.raw.simulator.localFile(file));
  expect(await files()).toEqual(["[data] other/"]);
  await destroyVm(lab.host, vm, signal);
  expect(await files()).toEqual([]);
});

describe("a change of the configuration", () => {
  const changes = () =>
    lab.raw.simulator.requests
      .entries()
      .map(({ method }) => method)
      .filter((method) => /^(Reconfig|Upgrade)/.test(method));
  const change = async (spec: VirtualMachineConfigSpec) => {
    const vm = await it();
    await reconfigureVm(lab.host, vm, () => spec, signal);
    return changes();
  };

  test("of nothing calls nobody", async () => {
    expect(await change({ annotation: undefined })).toEqual([]);
  });

  test("to another version of the hardware alone is one call, and the version comes before the rest", async () => {
    await lab.raw.simulator.behindBack.destroy(lab.raw.vm("it").moid);
    await lab.create({ name: "it", datastore: "datastore1", powerOn: false });
    lab.raw.simulator.requests.clear();
    const version = "vmx-19";
    expect(await change({ version })).toEqual(["UpgradeVM_Task"]);
    expect(lab.raw.vm("it").config.version).toBe(version);
    lab.raw.simulator.requests.clear();
    expect(await change({ version: "vmx-20", annotation: "new" })).toEqual([
      "UpgradeVM_Task",
      "ReconfigVM_Task",
    ]);
    expect(lab.raw.vm("it").config).toMatchObject({ version: "vmx-20", annotation: "new" });
  });
});

test.each([
  ["deletes a disk elsewhere takes its folder along", "destroy", []],
  [
    "takes a disk out leaves it with its folder",
    undefined,
    ["[data] far/", "[data] far/far-flat.vmdk", "[data] far/far.vmdk"],
  ],
] as const)("a change that %s", async (_, fileOperation, left) => {
  await stranger.vm("far", ["new"], "[data]");
  await stranger.attach("it", "[data] far/far.vmdk");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("far").moid);
  for (const file of (await files()).filter(
    (each) => /^\[data\].*[^/]$/.test(each) && !each.endsWith(".vmdk"),
  ))
    await rm(lab.raw.simulator.localFile(file));
  const vm = await it();
  const device = vm.devices.find((each) => chainOf(each)[0] === "[data] far/far.vmdk");
  if (device === undefined) throw new Error("It has the disk.");
  const change = deviceChange("remove", device, fileOperation);
  await reconfigureVm(lab.host, vm, () => ({ deviceChange: [change] }), signal);
  expect((await files()).filter((file) => file.startsWith("[data]")).sort()).toEqual(left);
});

test("a change that takes a disk out leaves its folder, also where somebody has deleted the disk", async () => {
  await stranger.vm("far", ["new"], "[data]");
  await stranger.attach("it", "[data] far/far.vmdk");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("far").moid);
  const vm = await it();
  const device = vm.devices.find((each) => chainOf(each)[0] === "[data] far/far.vmdk");
  if (device === undefined) throw new Error("It has the disk.");
  for (const file of (await files()).filter((each) => /^\[data\].*[^/]$/.test(each)))
    await rm(lab.raw.simulator.localFile(file));
  const change = deviceChange("remove", device);
  await reconfigureVm(lab.host, vm, () => ({ deviceChange: [change] }), signal);
  expect((await files()).filter((file) => file.startsWith("[data]"))).toEqual(["[data] far/"]);
});

test("a run that is to end begins neither a new version of the hardware nor another name", async () => {
  const vm = await it();
  const stopped = AbortSignal.abort(new Error("^C"));
  const works = [
    reconfigureVm(lab.host, vm, () => ({ version: "vmx-20" }), stopped),
    renameVm(lab.host, vm.ref, "other", stopped),
  ];
  for (const work of works) expect((await failure(work)).message).toBe("^C");
  expect([lab.raw.count("UpgradeVM_Task"), lab.raw.count("Rename_Task")]).toEqual([0, 0]);
  expect(lab.raw.vm("it").moid).toBe(vm.moid);
});

test("a name with signs that a host escapes is the machine's name as people write it", async () => {
  const vm = await it();
  await renameVm(lab.host, vm.ref, "50 % a/b", signal);
  expect(lab.raw.simulator.vms().map(({ name }) => decodeVmName(name))).toEqual(["50 % a/b"]);
  expect(lab.raw.count("Rename_Task")).toBe(1);
});
