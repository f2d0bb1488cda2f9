/** No host starts a machine that has a second drive on an IDE channel but no first one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { settingsLab } from "../random-settings-lab.ts";
import { ResourceLab } from "../resource-lab.ts";

const SMALL = 0.0078125;
const IDE_DISK = { label: "old", size: SMALL, controller: "ide" };

describe.each(["api", "ssh"] as const)("by %s", (transport) => {
  let vms: ResourceLab;

  beforeEach(async () => {
    const lab = await settingsLab({ ssh: transport === "ssh" });
    vms = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect({ transport }));
  });

  afterEach(() => vms.lab.close());

  const running = (settings: Properties) => ({ datastore: "datastore1", memory: 64, ...settings });

  /** Drives on the raw host's IDE channels, as `ide0:1`, with their kinds. */
  const ideDrives = () => {
    const devices = vms.lab.raw.vm("vm").config.hardware?.device ?? [];
    return devices.flatMap(({ $type, controllerKey, unitNumber }) =>
      controllerKey === 200 || controllerKey === 201
        ? [`ide${controllerKey - 200}:${unitNumber} ${$type}`]
        : [],
    );
  };

  async function expectSettled(vm: Awaited<ReturnType<ResourceLab["create"]>>, settings: Properties) {
    const read = (await vms.read(vm)) ?? vm;
    expect(await vms.diff(read, settings)).toMatchObject({ changes: false });
    await vms.delete(read);
    expect((await vms.lab.raw.contents()).vms).toEqual([]);
  }

  test("a CD drive moves to the place of the disk that leaves, with its new medium", async () => {
    const vm = await vms.create("vm", running({ disks: [IDE_DISK], cdroms: [{}] }));
    expect(ideDrives().sort()).toEqual(["ide0:0 VirtualDisk", "ide0:1 VirtualCdrom"]);
    const settings = running({ disks: [], cdroms: [{ hostDevice: true }] });
    const updated = await vms.update(vm, settings);
    expect(ideDrives()).toEqual(["ide0:0 VirtualCdrom"]);
    expect(vms.lab.raw.vm("vm").powerState).toBe("poweredOn");
    await expectSettled(updated, settings);
  });

  test("a disk moves to the place of the disk that leaves, and keeps its content", async () => {
    const disks = [IDE_DISK, { ...IDE_DISK, label: "data" }];
    const further = { cdroms: [], bootOrder: ["disk"] };
    const vm = await vms.create("vm", running({ disks, ...further }));
    const before = (await vms.lab.raw.contents()).files.filter((file) => file.endsWith("-flat.vmdk"));
    const settings = running({ disks: disks.slice(1), ...further });
    const updated = await vms.update(vm, settings);
    expect(ideDrives()).toEqual(["ide0:0 VirtualDisk"]);
    expect(vms.lab.raw.vm("vm").powerState).toBe("poweredOn");
    const after = (await vms.lab.raw.contents()).files.filter((file) => file.endsWith("-flat.vmdk"));
    expect(before).toEqual(expect.arrayContaining(after));
    expect(before.length - after.length).toBe(1);
    await expectSettled(updated, settings);
  });

  test("a disk that is made while the first drive leaves gets the first place", async () => {
    const vm = await vms.create("vm", running({ cdroms: [{}] }));
    expect(ideDrives()).toEqual(["ide0:0 VirtualCdrom"]);
    const settings = running({ disks: [IDE_DISK], cdroms: [], bootOrder: ["disk"] });
    const updated = await vms.update(vm, settings);
    expect(ideDrives()).toEqual(["ide0:0 VirtualDisk"]);
    await expectSettled(updated, settings);
  });

  test("a disk that is to be in the second place alone is refused at preview", async () => {
    const disks = [{ ...IDE_DISK, busNumber: 1, unitNumber: 1 }];
    const { failures } = await vms.check("vm", running({ disks }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(
        /^"vm": the disk "old" is to be at ide1:1, and nothing is at ide1:0\. No host starts such a machine\./,
      ),
    ]);
  });
});
