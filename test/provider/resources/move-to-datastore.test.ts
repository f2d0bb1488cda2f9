/** Another datastore, or folder: the machine goes there with all that makes it this machine. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MOVE_KEY } from "../../../provider/host/vm/reading/move-mark.ts";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { retrieveOne } from "../../../provider/vim/reads/property-collector.ts";
import type { SimulatedVm } from "../../../simulator/index.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { killAt } from "./kill-at.ts";
import { failure, Lab, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

const GIB = 1024 ** 3;
const BIG = { datastore: "big" };

let lab: Lab;
let vms: ResourceLab;

beforeEach(async () => {
  lab = await Lab.open({
    datastores: ["datastore1", "big"].map((name) => ({ name, capacityBytes: 100 * GIB })),
  });
  vms = ResourceLab.in(lab, scratchVm, "ScratchVm");
});

afterEach(() => lab.close());

const files = async (datastore: string): Promise<readonly string[]> =>
  (await lab.raw.contents()).files.filter((file) => file.startsWith(`[${datastore}]`));

/** What must not change. */
function identity({ config, instanceUuid }: SimulatedVm) {
  const devices = config.hardware.device ?? [];
  return {
    instanceUuid,
    uuid: config.uuid,
    macAddresses: devices.flatMap((device) => ("macAddress" in device ? [device.macAddress] : [])),
    diskUuids: devices.flatMap(({ backing }) =>
      backing !== undefined && "uuid" in backing && backing.uuid !== undefined ? [backing.uuid] : [],
    ),
    nvram: config.extraConfig?.find(({ key }) => key === "nvram")?.value,
  };
}

const small = { datastore: "datastore1", memory: 64, guestId: "otherGuest", disks: [{ size: 0.0625 }] };

test("another datastore moves a machine that runs, with one power cycle, its identity and its bytes", async () => {
  const deployments = ResourceLab.in(lab, ovaDeployment, "OvaDeployment");
  const ova = {
    ovaPath: tinyOva.path,
    datastore: "datastore1",
    networkInterfaces: [{ network: "VM Network" }],
  };
  const vm = await deployments.create("core", ova);
  const before = identity(lab.raw.vm("core"));
  const bytes = await lab.raw.rawDisk("core");
  expect(before.macAddresses).toHaveLength(1);
  expect(before.diskUuids).toHaveLength(1);

  lab.said.length = 0;
  expect(await deployments.diff(vm, { ...ova, ...BIG })).toMatchObject({ changes: true, replaces: [] });
  expect(lab.texts("info")).toEqual(['move to datastore "big" from "datastore1" (one power cycle)']);

  const moved = await deployments.update(vm, { ...ova, ...BIG });
  const now = lab.raw.vm("core");
  expect(now).toMatchObject({ vmxPath: "[big] core/core.vmx", powerState: "poweredOn" });
  expect(identity(now)).toEqual(before);
  expect(lab.raw.diskPaths("core")).toEqual(["[big] core/core.vmdk"]);
  expect(await lab.raw.rawDisk("core")).toBe(bytes);
  expect(moved.outs).toMatchObject({ ...BIG, vmxPath: now.vmxPath, moid: now.moid, powerState: "poweredOn" });
  expect(await files("datastore1")).toEqual([]);
  expect((await files("big")).filter((file) => /moves|copying/.test(file))).toEqual([]);
  expect(lab.raw.count("PowerOnVM_Task")).toBe(2);
  expect(lab.extraConfig(now, "uuid.action")).toBeUndefined();
  expect(await deployments.diff(moved, { ...ova, ...BIG })).toMatchObject({ changes: false });

  await deployments.delete(moved);
  expect((await lab.raw.contents()).vms).toEqual([]);
  expect([...(await files("datastore1")), ...(await files("big"))]).toEqual([]);
});

test("a machine that is off stays off, and the preview speaks of no power cycle", async () => {
  const off = { ...small, powerOn: false };
  const vm = await vms.create("core", off);
  lab.said.length = 0;
  await vms.diff(vm, { ...off, ...BIG });
  expect(lab.texts("info")).toEqual(['move to datastore "big" from "datastore1" (powered off)']);
  const moved = await vms.update(vm, { ...off, ...BIG });
  expect(lab.raw.vm("core")).toMatchObject({ vmxPath: "[big] core/core.vmx", powerState: "poweredOff" });
  expect(lab.raw.count("PowerOnVM_Task")).toBe(0);
  // Who starts it then is not asked whether it was moved or copied, and the next update takes that answer out.
  const started = await vms.update(moved, { ...small, ...BIG });
  expect(started.outs).toMatchObject({ uuid: vm.outs.uuid, powerState: "poweredOn" });
  expect(lab.extraConfig(lab.raw.vm("core"), "uuid.action")).toBeUndefined();
});

test("other changes of the same run take no power cycle of their own", async () => {
  const vm = await vms.create("core", small);
  lab.said.length = 0;
  const wish = { ...small, ...BIG, memory: 128, annotation: "new" };
  await vms.diff(vm, wish);
  expect(lab.texts("info")).toEqual([
    'move to datastore "big" from "datastore1" (one power cycle)',
    "update with the same power cycle: memory 64 → 128",
    "update in place: annotation",
  ]);
  await vms.update(vm, wish);
  expect(lab.raw.vm("core").config).toMatchObject({ annotation: "new", hardware: { memoryMB: 128 } });
  expect([lab.raw.count("PowerOffVM_Task"), lab.raw.count("PowerOnVM_Task")]).toEqual([1, 2]);
});

test("a machine that its user has started with powerOn once runs again", async () => {
  const once = { ...small, powerOn: "once" };
  const vm = await vms.create("core", once);
  await vms.update(vm, { ...once, ...BIG });
  expect(lab.raw.vm("core")).toMatchObject({ vmxPath: "[big] core/core.vmx", powerState: "poweredOn" });
});

test("without leave for a power cycle the preview says that it cannot be, and nothing happens", async () => {
  const vm = await vms.create("core", small);
  const wish = { ...small, ...BIG, allowPowerCycle: false };
  lab.said.length = 0;
  await vms.diff(vm, wish);
  expect(lab.texts("warn")).toEqual([
    "allowPowerCycle is false, so `pulumi up` cannot change datastore while the machine runs",
  ]);
  const { message } = await failure(vms.update(vm, wish));
  expect(message).toMatch(/"core" must be powered off to change its datastore, and allowPowerCycle is false/);
  expect(lab.raw.vm("core")).toMatchObject({
    vmxPath: "[datastore1] core/core.vmx",
    powerState: "poweredOn",
  });
  expect(await files("big")).toEqual([]);
});

test("disks with a datastore of their own stay, and go with the machine in the end", async () => {
  const disks = [
    { size: 0.0625 },
    { label: "data", size: 0.0625 },
    { label: "far", size: 0.0625, datastore: "big" },
  ];
  const there = ["datastore1", "big", "third"].map((name) => ({ name, capacityBytes: 100 * GIB }));
  const other = await Lab.open({ datastores: there });
  try {
    const machines = ResourceLab.in(other, scratchVm, "ScratchVm");
    const wish = { ...small, disks };
    const vm = await machines.create("core", wish);
    const far = other.raw.diskPaths("core").find((file) => file.startsWith("[big]"));
    const moved = await machines.update(vm, { ...wish, datastore: "third" });
    const now = other.raw.diskPaths("core");
    expect(now).toHaveLength(3);
    expect(now.filter((file) => file.startsWith("[third] core/"))).toHaveLength(2);
    expect(now).toContain(far);
    expect((await other.raw.contents()).files.filter((file) => file.startsWith("[datastore1]"))).toEqual([]);
    // The machine knows its disks by their labels at their new places.
    expect(await machines.diff(moved, { ...wish, datastore: "third" })).toMatchObject({ changes: false });
    const fewer = await machines.update(moved, {
      ...wish,
      datastore: "third",
      disks: [{ label: "disk0", size: 0.0625 }],
    });
    expect(other.raw.diskPaths("core")).toEqual([now[0]]);
    await machines.delete(fewer);
    expect((await other.raw.contents()).files.filter((file) => !file.endsWith("/"))).toEqual([]);
  } finally {
    await other.close();
  }
});

test("its place in the list of those that start with the host goes along, though the program says nothing of it", async () => {
  const first = await vms.create("first", { ...small, autoStart: { order: 1, startDelaySeconds: 7 } });
  const second = await vms.create("second", { ...small, autoStart: { order: 2 } });
  await vms.update(first, { ...small, ...BIG });
  const raw = await RawClient.loggedIn(lab.raw);
  try {
    const { config } = await retrieveOne(
      lab.host.client,
      { type: "HostAutoStartManager", value: "ha-autostart-mgr" },
      "HostAutoStartManager",
      ["config"],
    );
    expect(config?.powerInfo).toMatchObject([
      { key: { value: lab.raw.vm("first").moid }, startDelay: 7, startAction: "powerOn" },
      { key: { value: second.outs.moid } },
    ]);
  } finally {
    await raw.close();
  }
});

test("a host that has each name once gives it back when the old machine is gone", async () => {
  await lab.raw.restart({ behaviour: { registeredName: "unique" } });
  await lab.restart();
  const vm = await vms.create("core", small);
  const moved = await vms.update(vm, { ...small, ...BIG });
  expect(moved.outs).toMatchObject({ name: "core", vmxPath: "[big] core/core.vmx", uuid: vm.outs.uuid });
  expect((await lab.raw.contents()).vms).toEqual(["core: poweredOn"]);
});

test("a folder of that name that is somebody else's is left alone", async () => {
  const vm = await vms.create("core", small);
  await mkdir(lab.raw.simulator.localFile("[big] core"));
  await writeFile(lab.raw.simulator.localFile("[big] core/notes.txt"), "somebody else's");
  const moved = await vms.update(vm, { ...small, ...BIG });
  expect(moved.outs.vmxPath).toBe("[big] core_1/core.vmx");
  await vms.delete(moved);
  expect(await files("big")).toEqual(["[big] core/", "[big] core/notes.txt"]);
});

test("images in the machine's folder go along, and its drives have them there", async () => {
  const wish = { ...small, cdroms: [{ iso: "[datastore1] core/own.iso" }] };
  const vm = await vms.create("core", small);
  await writeFile(lab.raw.simulator.localFile("[datastore1] core/own.iso"), "an image");
  const withIso = await vms.update(vm, wish);
  await vms.update(withIso, { ...wish, ...BIG, cdroms: [{ iso: "[big] core/own.iso" }] });
  expect(await readFile(lab.raw.simulator.localFile("[big] core/own.iso"), "utf8")).toBe("an image");
  const drives = lab.raw.vm("core").config.hardware.device?.filter(({ $type }) => $type === "VirtualCdrom");
  expect(drives).toMatchObject([{ backing: { fileName: "[big] core/own.iso" } }]);
});

test("files of people in the machine's folder stay there", async () => {
  const vm = await vms.create("core", small);
  await writeFile(lab.raw.simulator.localFile("[datastore1] core/notes.txt"), "somebody's");
  await vms.update(vm, { ...small, ...BIG });
  expect(await files("datastore1")).toEqual(["[datastore1] core/", "[datastore1] core/notes.txt"]);
});

describe("refuses, with nothing changed and the machine running, to move", () => {
  const unmoved = async (vm: Managed, settings: Properties, reason: RegExp) => {
    const { message } = await failure(vms.update(vm, settings));
    expect(message).toMatch(reason);
    expect(message).toMatch(/Nothing was (changed|created)/);
    expect(lab.raw.vm("core")).toMatchObject({
      moid: vm.outs.moid,
      vmxPath: vm.outs.vmxPath,
      powerState: "poweredOn",
    });
    expect(lab.extraConfig(lab.raw.vm("core"), MOVE_KEY)).toBeUndefined();
    expect(await files("big")).toEqual([]);
  };

  test("a machine with snapshots", async () => {
    const vm = await vms.create("core", small);
    const snapshots = ResourceLab.in(lab, vmSnapshot, "VmSnapshot");
    await snapshots.create("before", { vm: vm.id });
    await unmoved(vm, { ...small, ...BIG }, /"core" cannot be moved: it has snapshots \("before"\)/);
  });

  test("a machine whose disk is pinned by its own datastore to the one that it leaves", async () => {
    const pinned = { ...small, disks: [{ size: 0.0625, datastore: "datastore1" }] };
    const vm = await vms.create("core", pinned);
    await unmoved(vm, { ...pinned, ...BIG }, /its disk "disk0" lies in the machine's own folder/);
  });

  test("a machine to a datastore that does not exist, or has no room", async () => {
    const wish = { ...small, disks: [{ size: 2, provisioning: "thick" }] };
    const vm = await vms.create("core", wish);
    await unmoved(vm, { ...wish, datastore: "bigg" }, /no datastore "bigg": did you mean "big"/);
    await lab.raw.restart({
      datastores: [
        { name: "datastore1", capacityBytes: 100 * GIB },
        { name: "big", capacityBytes: GIB },
      ],
    });
    await lab.restart();
    await unmoved(vm, { ...wish, ...BIG }, /its disks take 2.0 GiB, and big has 1.0 GiB left/);
  });
});

test("the base of linked clones is refused with their names, and a clone of it at the preview", async () => {
  const golden = await lab.create({ name: "golden", powerOn: false, datastore: "datastore1" });
  const clones = ResourceLab.in(lab, datastoreClone, "DatastoreClone");
  const wish = { source: golden.id, mode: "linked", datastore: "datastore1" };
  const clone = await clones.create("student", wish);
  const { message } = await failure(lab.update(golden, { name: "golden", powerOn: false, datastore: "big" }));
  expect(message).toMatch(/the disks of "student" build on those of "golden" \(linked clones\)/);
  expect(lab.raw.vm("golden").vmxPath).toBe("[datastore1] golden/golden.vmx");

  const refused = await failure(clones.diff(clone, { ...wish, ...BIG }));
  expect(refused.message).toMatch(
    /"student" cannot be moved \(datastore "datastore1" → "big"\): it is a linked clone.*allowReplace: true/s,
  );
  expect(await clones.diff(clone, { ...wish, ...BIG, allowReplace: true })).toMatchObject({
    replaces: ["datastore"],
  });
});

test("another host is refused at the preview unless the program allows the replacement", async () => {
  const vm = await vms.create("core", small);
  const { message } = await failure(vms.diff(vm, { ...small, host: "esxi2" }));
  expect(message).toMatch(
    /"core" cannot be moved \(host unset → "esxi2"\): no machine is moved from one host/,
  );
  expect(await vms.diff(vm, { ...small, host: "esxi2", allowReplace: true })).toMatchObject({
    replaces: ["host"],
  });
});

test("a full clone goes to another folder too, and to none that has files in it", async () => {
  await lab.create({ name: "golden", powerOn: false, datastore: "datastore1" });
  const clones = ResourceLab.in(lab, datastoreClone, "DatastoreClone");
  const wish = { source: "golden", datastore: "datastore1", folder: "class/a" };
  const clone = await clones.create("student", wish);
  const bytes = await lab.raw.rawDisk("student");
  lab.said.length = 0;
  await clones.diff(clone, { ...wish, folder: "class/b" });
  expect(lab.texts("info")).toEqual(['move to folder "class/b" (one power cycle)']);
  const moved = await clones.update(clone, { ...wish, folder: "class/b" });
  expect(lab.raw.vm("student").vmxPath).toBe("[datastore1] class/b/a.vmx");
  expect(await lab.raw.rawDisk("student")).toBe(bytes);
  const { message } = await failure(clones.update(moved, { ...wish, folder: "golden" }));
  expect(message).toMatch(/there are files in that folder already. Nothing was changed/);
  expect(lab.raw.vm("student")).toMatchObject({
    vmxPath: "[datastore1] class/b/a.vmx",
    powerState: "poweredOn",
  });
});

test("what the host cannot copy stays where it was, and runs again", async () => {
  const vm = await vms.create("core", small);
  const before = identity(lab.raw.vm("core"));
  lab.raw.simulator.faults.add({
    method: "CopyVirtualDisk_Task",
    count: 1,
    action: { taskFault: "NoDiskSpace" },
  });
  await failure(vms.update(vm, { ...small, ...BIG }));
  expect(lab.raw.vm("core")).toMatchObject({ vmxPath: vm.outs.vmxPath, powerState: "poweredOn" });
  expect(identity(lab.raw.vm("core"))).toEqual(before);
  expect(lab.extraConfig(lab.raw.vm("core"), MOVE_KEY)).toBeUndefined();
  expect(await files("big")).toEqual([]);
});

describe("a run that is killed", () => {
  // What else can happen at each request of a move tries the table of faults (any-fault).
  const MOMENTS = [
    ["MakeDirectory", "before"],
    ["CopyVirtualDisk_Task", "after"],
    ["CopyDatastoreFile_Task", "after"],
    ["RegisterVM_Task", "after"],
    ["Destroy_Task", "before"],
    ["Destroy_Task", "after"],
  ] as const;

  const core = async () => {
    const vm = await vms.create("core", small);
    return { vm, before: identity(lab.raw.vm("core")), bytes: await lab.raw.rawDisk("core") };
  };

  /** Moves with a process that dies there. What the host has begun it ends. */
  const killed = async (vm: Managed, method: string, moment: "before" | "after") => {
    const host = lab.connect();
    const { call } = host.client;
    const dead = killAt(host, method, moment);
    const run = vms.update(vm, { ...small, ...BIG }, lab.context(undefined, host));
    run.catch(() => {});
    expect(await Promise.race([dead, run])).toBe(method);
    lab.restartAfterKill();
    // Only so that it can be closed at the end; what it was waiting for never comes.
    host.client.call = call;
    // Whoever looks finds the machine, whichever of the two it is.
    const seen = await vms.read(vm);
    expect(seen?.outs).toMatchObject({ instanceUuid: vm.id, uuid: vm.outs.uuid });
    return seen ?? vm;
  };

  const expectWhole = async (path: string, { before, bytes }: Awaited<ReturnType<typeof core>>) => {
    expect((await lab.raw.contents()).vms).toEqual(["core: poweredOn"]);
    const now = lab.raw.vm("core");
    expect(now.vmxPath).toBe(path);
    expect(identity(now)).toEqual(before);
    expect(await lab.raw.rawDisk("core")).toBe(bytes);
    const folder = path.replace(/[^/]*$/, "");
    expect((await lab.raw.contents()).files.filter((file) => !file.startsWith(folder))).toEqual([]);
    expect((await lab.raw.contents()).files.filter((file) => /moves|copying/.test(file))).toEqual([]);
  };

  test.each(MOMENTS)("at %s, %s it is done, is made good by the next", async (method, moment) => {
    const it = await core();
    const seen = await killed(it.vm, method, moment);
    const moved = await vms.update(seen, { ...small, ...BIG });
    await expectWhole("[big] core/core.vmx", it);
    expect(moved.outs).toMatchObject({ ...BIG, moid: lab.raw.vm("core").moid });
    expect(await vms.diff(moved, { ...small, ...BIG })).toMatchObject({ changes: false });
    expect(lab.ownerMark(lab.raw.vm("core"))?.phase).toBe("created");
  });

  test.each(MOMENTS)("at %s, %s it is done, leaves nothing behind for a destroy", async (method, moment) => {
    const { vm } = await core();
    await vms.delete(await killed(vm, method, moment));
    expect((await lab.raw.contents()).vms).toEqual([]);
    expect((await lab.raw.contents()).files).toEqual([]);
  });

  const started = async (path: string) => {
    const { simulator } = lab.raw;
    const moid = simulator.vms().find(({ vmxPath }) => vmxPath === path)?.moid ?? "";
    await simulator.behindBack.powerOn(moid);
    await lab.restart();
  };

  test("leaves a copy alone that somebody has started since, and says what to do", async () => {
    const { vm } = await core();
    await killed(vm, "RegisterVM_Task", "after");
    await lab.raw.until(() => lab.raw.simulator.vms().length === 2, "the copy is registered");
    await started("[big] core/core.vmx");
    const { message } = await failure(vms.update(vm, { ...small, ...BIG }));
    expect(message).toMatch(/somebody has started the copy at \[big\] core\/core.vmx since/);
    expect(lab.raw.simulator.vms().map(({ vmxPath, powerState }) => [vmxPath, powerState])).toEqual([
      ["[datastore1] core/core.vmx", "poweredOff"],
      ["[big] core/core.vmx", "poweredOn"],
    ]);
  });

  test("leaves the old machine alone that somebody has started since, and says what to do", async () => {
    const { vm } = await core();
    await killed(vm, "Destroy_Task", "before");
    await started("[datastore1] core/core.vmx");
    const { message } = await failure(vms.update(vm, { ...small, ...BIG }));
    expect(message).toMatch(
      /was moved to \[big\] core\/core.vmx, and somebody has started it at its old place since/,
    );
    expect(lab.raw.simulator.vms()).toHaveLength(2);
  });

  test("before the copy was compared is taken back if the program wants no move any more", async () => {
    const it = await core();
    const seen = await killed(it.vm, "RegisterVM_Task", "after");
    await vms.update(seen, { ...small, annotation: "" });
    await expectWhole("[datastore1] core/core.vmx", it);
    expect(lab.extraConfig(lab.raw.vm("core"), MOVE_KEY)).toBeUndefined();
  });
});
