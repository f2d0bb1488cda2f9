import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { create, isA } from "../../../../provider/vim/codec/objects.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { failure, Lab } from "../lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

test("a create makes the VM that was asked for, and outputs say what the host has", async () => {
  const { id, outs, inputs } = await lab.create({
    name: "web 01",
    datastore: "datastore1",
    ovfNetworkMap: { "VM Network": "lab-net" },
    numCpus: 2,
    numCoresPerSocket: 2,
    memory: 128,
    annotation: "Line one\nand <two>",
    extraConfig: { "guestinfo.role": "web" },
    waitFor: { ip: true },
    timeouts: { createSeconds: 60 },
  });

  const vm = lab.raw.vm("web 01");
  expect(vm).toMatchObject({ instanceUuid: id, powerState: "poweredOn", importing: false });
  expect(vm.config).toMatchObject({
    annotation: "Line one\nand <two>",
    hardware: { numCPU: 2, numCoresPerSocket: 2, memoryMB: 128 },
  });
  expect(lab.extraConfig(vm, "guestinfo.role")).toBe("web");
  expect(outs).toEqual({
    name: "web 01",
    ovaPath: tinyOva.path,
    ovaDigest: inputs.ovaDigest,
    datastore: "datastore1",
    diskProvisioning: "thin",
    ovfNetworkMap: { "VM Network": "lab-net" },
    numCpus: 2,
    numCoresPerSocket: 2,
    memory: 128,
    annotation: "Line one\nand <two>",
    extraConfig: { "guestinfo.role": "web" },
    powerOn: true,
    allowPowerCycle: true,
    waitFor: { ip: true },
    timeouts: { createSeconds: 60 },
    moid: vm.moid,
    uuid: vm.uuid,
    instanceUuid: vm.instanceUuid,
    vmxPath: vm.vmxPath,
    powerState: "poweredOn",
    macAddresses: [expect.stringMatching(/^00:0c:29:/)],
    defaultIpAddress: expect.stringMatching(/^10\.118\./),
    guestIpAddresses: expect.arrayContaining([expect.stringMatching(/^fe80:/)]),
    hostUuid: lab.raw.simulator.hostUuid,
    __ovfNetworks: ["VM Network"],
    __phase: "done",
    __state: 1,
    __urn: inputs.__urn,
  });
});

test("a proxy of the environment is not asked for the host", async () => {
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
  vi.stubEnv("NO_PROXY", "");
  vi.stubEnv("no_proxy", "");
  try {
    await lab.create({ powerOn: false });
  } finally {
    vi.unstubAllEnvs();
  }
  expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
});

test("outputs are plain JSON, of which Pulumi stores every bit", async () => {
  const { outs } = await lab.create();
  expect(JSON.parse(JSON.stringify(outs))).toEqual(outs);
});

test("the disk's bytes are on the datastore", async () => {
  await lab.create({ powerOn: false });
  const { files } = await lab.raw.contents();
  const descriptor = files.filter((file) => file.endsWith(".vmdk") && !file.endsWith("-flat.vmdk"));
  expect(descriptor).toHaveLength(1);
  const disk = await readFile(lab.raw.simulator.diskFile(descriptor[0] ?? ""));
  expect(createHash("sha256").update(disk).digest("hex")).toBe(tinyOva.rawSha256);
});

test("without settings the VM is what the OVF says, in the only datastore, and runs", async () => {
  const { outs } = await lab.create();
  expect(outs).toMatchObject({ datastore: "datastore1", powerState: "poweredOn", powerOn: true });
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  await lab.raw.until(() => lab.raw.simulator.leases().length === 0, "no lease is left");
});

test("a VM that is not to run is not powered on", async () => {
  const { outs } = await lab.create({ powerOn: false });
  expect(outs).toMatchObject({ powerState: "poweredOff", powerOn: false, guestIpAddresses: [] });
  expect(outs).not.toHaveProperty("defaultIpAddress");
  expect(lab.raw.count("PowerOnVM_Task")).toBe(0);
});

test("the same program twice shows nothing, right after a create and after a refresh", async () => {
  const settings = { memory: 128, extraConfig: { "guestinfo.a": "1" }, annotation: "n" };
  const vm = await lab.create(settings);
  expect(await lab.diff(vm, settings)).toMatchObject({ changes: false });
  const read = await lab.read(vm);
  expect(await lab.diff(read ?? vm, settings)).toMatchObject({ changes: false });
});

test("an update sends only what differs, while the VM runs where it can", async () => {
  const vm = await lab.create({ extraConfig: { "guestinfo.a": "1", "guestinfo.b": "2" } });
  lab.raw.simulator.requests.clear();
  const updated = await lab.update(vm, {
    name: "renamed",
    annotation: "new",
    extraConfig: { "guestinfo.b": "3" },
  });

  const raw = lab.raw.vm("renamed");
  expect(raw).toMatchObject({ instanceUuid: vm.id, powerState: "poweredOn", vmxPath: vm.outs.vmxPath });
  expect(raw.config.annotation).toBe("new");
  expect(raw.config.extraConfig?.map(({ key }) => key)).not.toContain("guestinfo.a");
  expect(lab.extraConfig(raw, "guestinfo.b")).toBe("3");
  expect(updated.outs).toMatchObject({
    name: "renamed",
    annotation: "new",
    extraConfig: { "guestinfo.b": "3" },
  });
  expect(lab.raw.count("ReconfigVM_Task")).toBe(1);
  expect(lab.raw.count("PowerOffVM_Task") + lab.raw.count("ShutdownGuest")).toBe(0);
});

test("advanced settings that others have put there stay", async () => {
  const vm = await lab.create({ extraConfig: { "guestinfo.ours": "1" } });
  const { moid } = lab.raw.vm("vm");
  await lab.raw.simulator.behindBack.reconfigure(moid, {
    extraConfig: [{ $type: "OptionValue", key: "guestinfo.theirs", value: "2" }],
  });
  const read = (await lab.read(vm)) ?? vm;
  expect(await lab.diff(read, { extraConfig: { "guestinfo.ours": "1" } })).toMatchObject({ changes: false });
  await lab.update(read, {});
  const raw = lab.raw.vm("vm");
  expect(lab.extraConfig(raw, "guestinfo.theirs")).toBe("2");
  expect(raw.config.extraConfig?.map(({ key }) => key)).not.toContain("guestinfo.ours");
});

test("an update that changes nothing on the host writes nothing", async () => {
  const vm = await lab.create();
  lab.raw.simulator.requests.clear();
  await lab.update(vm, { timeouts: { updateSeconds: 60 } });
  const writes = lab.raw.simulator.requests
    .entries()
    .filter(({ method }) => /Reconfig|Power|Rename|Shutdown|Destroy/.test(method));
  expect(writes).toEqual([]);
});

test("what was changed behind Pulumi's back is seen by a refresh, and set right by an update", async () => {
  const settings = { memory: 64, annotation: "ours", extraConfig: { "guestinfo.a": "1" } };
  const vm = await lab.create(settings);
  const { moid } = lab.raw.vm("vm");
  const { behindBack } = lab.raw.simulator;
  await behindBack.powerOff(moid);
  await behindBack.rename(moid, "their name");
  await behindBack.reconfigure(moid, {
    memoryMB: 128,
    annotation: "theirs",
    extraConfig: [{ $type: "OptionValue", key: "guestinfo.a", value: "changed" }],
  });

  const read = (await lab.read(vm)) ?? vm;
  expect(read.outs).toMatchObject({
    name: "their name",
    annotation: "theirs",
    memory: 128,
    powerState: "poweredOff",
    powerOn: false,
    extraConfig: { "guestinfo.a": "changed" },
  });
  expect(await lab.diff(read, settings)).toMatchObject({ changes: true, replaces: [] });
  await lab.update(read, settings);
  const raw = lab.raw.vm("vm");
  expect(raw).toMatchObject({ instanceUuid: vm.id, powerState: "poweredOn" });
  expect(raw.config).toMatchObject({ annotation: "ours", hardware: { memoryMB: 64 } });
  expect(lab.extraConfig(raw, "guestinfo.a")).toBe("1");
});

test("a VM that is gone is gone for a refresh, a delete has nothing to do, an update says so", async () => {
  const vm = await lab.create();
  await lab.raw.simulator.behindBack.destroy(lab.raw.vm("vm").moid);
  expect(await lab.read(vm)).toBeUndefined();
  await lab.delete(vm);
  const error = await failure(lab.update(vm, { annotation: "x" }));
  expect(error.message).toContain('The VM "vm" (instance UUID ');
  expect(error.message).toContain("is not on esxi1 any more");
  expect(error.message).toContain("pulumi refresh");
});

test("a VM that was unregistered and registered again is known by its instance UUID", async () => {
  const vm = await lab.create();
  const { moid, vmxPath } = lab.raw.vm("vm");
  await lab.raw.simulator.behindBack.powerOff(moid);
  await lab.raw.simulator.behindBack.unregister(moid);
  await lab.register(vmxPath);
  const read = (await lab.read(vm)) ?? vm;
  expect(read.outs.moid).not.toBe(vm.outs.moid);
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("a host that does not answer has not lost its VMs", async () => {
  const vm = await lab.create();
  await lab.restart();
  lab.raw.simulator.faults.add({ action: "disconnect" });
  await expect(lab.read(vm)).rejects.toThrow("esxi1");
  await expect(lab.delete(vm)).rejects.toThrow("esxi1");
  lab.raw.simulator.faults.clear();
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
});

test("a delete powers off, removes VM and files, and may be done again", async () => {
  const vm = await lab.create();
  await lab.delete(vm);
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
});

test("a delete leaves a disk that is not the VM's own, and removes the rest", async () => {
  await lab.create({ name: "other", powerOn: false });
  const vm = await lab.create({ powerOn: false });
  const [theirs] = disksOf("other");
  const [ours] = disksOf("vm");
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, {
    deviceChange: [
      create("VirtualDeviceConfigSpec", {
        operation: "add",
        device: create("VirtualDisk", {
          key: -1,
          controllerKey: ours?.controllerKey,
          unitNumber: 3,
          capacityInKB: theirs?.capacityInKB ?? 0,
          backing: theirs?.backing,
        }),
      }),
    ],
  });
  expect(disksOf("vm")).toHaveLength(2);
  const { files: before } = await lab.raw.contents();

  await lab.delete(vm);

  const { vms, files } = await lab.raw.contents();
  expect(vms).toEqual(["other: poweredOff"]);
  expect(files).toEqual(before.filter((file) => !file.startsWith("[datastore1] vm/")));
});

function disksOf(name: string) {
  return (lab.raw.vm(name).config.hardware.device ?? []).filter((device) => isA(device, "VirtualDisk"));
}

test("another host's VMs are left alone, and the error names both hosts", async () => {
  const vm = await lab.create();
  const second = await Lab.open();
  try {
    await second.create();
    const errors = await Promise.all([
      failure(second.read(vm)),
      failure(second.update(vm, { annotation: "x" })),
      failure(second.delete(vm)),
    ]);
    for (const { message } of errors) {
      expect(message).toContain(lab.raw.simulator.hostUuid);
      expect(message).toContain(second.raw.simulator.hostUuid);
      expect(message).toContain("Nothing was changed");
    }
    expect(second.raw.vm("vm")).toMatchObject({ powerState: "poweredOn" });
    expect(second.raw.vm("vm").config.annotation).not.toBe("x");
  } finally {
    await second.close();
  }
});

test("a VM of the same identity on another host, a restored copy say, is left alone as well", async () => {
  const vm = await lab.create();
  const hostUuid = "00000000-0000-0000-0000-000000000000";
  const elsewhere = { ...vm, outs: { ...vm.outs, hostUuid } };
  const before = await lab.raw.contents();
  lab.raw.simulator.requests.clear();
  const errors = await Promise.all([
    failure(lab.read(elsewhere)),
    failure(lab.update(elsewhere, { annotation: "x" })),
    failure(lab.delete(elsewhere)),
  ]);
  for (const { message } of errors) {
    expect(message).toContain(`is on the host with the hardware UUID ${hostUuid}`);
  }
  const asked = lab.raw.simulator.requests.entries().map(({ method }) => method);
  expect(asked.filter((method) => !method.startsWith("Retrieve"))).toEqual([]);
  expect(await lab.raw.contents()).toEqual(before);
  expect(lab.raw.vm("vm").config.annotation).not.toBe("x");
});

test("names that the host spells in another way are the same names", async () => {
  const name = "50% of a/b\\c";
  const vm = await lab.create({ name, powerOn: false });
  expect(vm.outs.name).toBe(name);
  expect(await lab.diff((await lab.read(vm)) ?? vm, { name, powerOn: false })).toMatchObject({
    changes: false,
  });
  const renamed = await lab.update(vm, { name: "100%/x", powerOn: false });
  expect(renamed.outs.name).toBe("100%/x");
  await lab.delete(renamed);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("a refresh of many reads the inventory once", async () => {
  const vms = await Promise.all(
    Array.from({ length: 12 }, (_, index) => lab.create({ name: `vm${index}`, powerOn: false })),
  );
  await lab.restart();
  lab.raw.simulator.requests.clear();
  const reads = await Promise.all(vms.map((vm) => ovaDeployment.read(vm.id, vm.outs, lab.context())));
  expect(reads.map(({ id }) => id)).toEqual(vms.map(({ id }) => id));
  expect(lab.raw.count()).toBeLessThanOrEqual(20);
});

test("a VM that Pulumi gave up on in time says which setting allows more", async () => {
  lab.raw.simulator.faults.add({ method: "nfc", atByte: 0, action: "hang" });
  const error = await failure(lab.create({ timeouts: { createSeconds: 1 } }));
  expect(error.message).toContain("longer than 1 s");
  expect(error.message).toContain("timeouts.createSeconds");
  lab.raw.simulator.faults.clear();
  await expect.poll(async () => (await lab.raw.contents()).files).toEqual([]);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], leases: 0 });
});
