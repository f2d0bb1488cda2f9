import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { ResourceLab } from "../../resource-lab.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let vms: ResourceLab;

beforeAll(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(() => {
  expect(vms.lab.raw.count()).toBe(0);
});

afterAll(() => vms.lab.close());

const many = <T>(count: number, entry: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => entry(index));

test.each<[settings: Properties, property: string, reason: string | RegExp]>([
  [{ disks: [{ size: 0 }] }, "disks.0.size", "must be at least 1 MB, which is 1/1024 GB"],
  [{ disks: [{ size: 63_489 }] }, "disks.0.size", "must be at most 63488 GB (62 TB)"],
  [{ disks: [{ size: "10" }] }, "disks.0.size", "must be a number (GB), not a text: write it without quotes"],
  [{ disks: [{}] }, "disks.0.size", "is required for a new disk, unless one is attached"],
  [{ disks: [{ label: "data" }] }, "disks.0.size", "is required for a new disk, unless one is attached"],
  [{ disks: [{ label: "a/b", size: 1 }] }, "disks.0.label", /must have at most 40 letters/],
  [{ disks: many(2, () => ({ label: "a", size: 1 })) }, "disks.1.label", "is also that of disks.0"],
  [
    { disks: [{ size: 1, provisioning: "fat" }] },
    "disks.0.provisioning",
    "must be one of thin, thick, eagerZeroedThick",
  ],
  [{ disks: [{ size: 1, controller: "scsi" }] }, "disks.0.controller", /must be one of pvscsi, lsilogic/],
  [{ disks: [{ size: 1, mode: "nonpersistent" }] }, "disks.0.mode", /must be one of persistent/],
  [
    { disks: [{ size: 1, controller: "pvscsi", unitNumber: 7 }] },
    "disks.0.unitNumber",
    "cannot be 7, which is the controller's own",
  ],
  [
    { disks: [{ size: 1, controller: "ide", busNumber: 2 }] },
    "disks.0.busNumber",
    "must be at most 1 for ide",
  ],
  [
    { disks: [{ size: 1, controller: "nvme", unitNumber: 15 }] },
    "disks.0.unitNumber",
    "must be at most 14 for nvme",
  ],
  [{ disks: [{ size: 1, busNumber: 4 }] }, "disks.0.busNumber", "must be at most 3"],
  [
    { disks: many(2, () => ({ size: 1, controller: "sata", busNumber: 0, unitNumber: 3 })) },
    "disks.1.unitNumber",
    "is also that of disks.0 on the same bus",
  ],
  [
    {
      disks: [
        { size: 1, controller: "pvscsi", busNumber: 1 },
        { size: 1, controller: "lsilogic", busNumber: 1 },
      ],
    },
    "disks.1.controller",
    "is pvscsi for disks.0, which has the same busNumber",
  ],
  [
    { disks: many(4, () => ({ size: 1, controller: "ide" })), cdroms: [{ controller: "ide" }] },
    "disks",
    "has 5 drives for ide controllers, those in cdroms counted too. They take at most 4",
  ],
  [
    { disks: many(61, () => ({ size: 1, controller: "pvscsi" })) },
    "disks",
    "has 61 drives for scsi controllers, those in cdroms counted too. They take at most 60",
  ],
  [
    { disks: [{ attach: "data.vmdk" }] },
    "disks.0.attach",
    'must be a datastore path like "[datastore1] data/shared.vmdk"',
  ],
  [{ disks: [{ attach: "[ds] a/b-flat.vmdk" }] }, "disks.0.attach", /must be a disk's descriptor/],
  [
    { disks: [{ attach: "[ds] a.vmdk", size: 1 }] },
    "disks.0.size",
    "cannot be given for a disk that is attached",
  ],
  [
    { cdroms: [{ iso: "Core-5.4.iso" }] },
    "cdroms.0.iso",
    /must be a datastore path like "\[datastore1\] iso\/Core-5.4.iso"\. A DatastoreFile brings a file of your own machine there/,
  ],
  [{ cdroms: [{ iso: "[]" }] }, "cdroms.0.iso", /must be a datastore path/],
  [{ cdroms: [{ iso: "[] tools.iso" }] }, "cdroms.0.iso", /must be a datastore path/],
  [{ cdroms: [{ iso: 7 }] }, "cdroms.0.iso", /must be a text/],
  [{ disks: [{ attach: "[] /a.vmdk" }] }, "disks.0.attach", /must be a datastore path/],
  [{ cdroms: [{ iso: "[datastore1]" }] }, "cdroms.0.iso", /must be a datastore path/],
  [{ cdroms: [{ iso: "[datastore1] ../x.iso" }] }, "cdroms.0.iso", /must be a datastore path/],
  [
    { cdroms: [{ iso: "[ds] a.iso", hostDevice: true }] },
    "cdroms.0.hostDevice",
    "cannot be given together with iso",
  ],
  [{ cdroms: [{ connected: true }] }, "cdroms.0.connected", /cannot be true for an empty drive/],
  [{ cdroms: [{ hostDevice: false }] }, "cdroms.0.hostDevice", "must be true, or a device's name"],
  [{ cdroms: [{ drive: 1 }] }, "cdroms.0.drive", "there is no such setting"],
  [{ floppy: { image: "a.flp" } }, "floppy.image", /must be a datastore path/],
  [{ floppy: { connected: true } }, "floppy.connected", /cannot be true for an empty drive/],
  [{ serialPorts: [{}] }, "serialPorts.0", "must have exactly one of file, networkUri and hostDevice"],
  [{ serialPorts: [{ networkUri: ":7000" }] }, "serialPorts.0.networkUri", /must be a URI/],
  [
    { serialPorts: [{ file: "[ds] a", direction: "client" }] },
    "serialPorts.0.direction",
    "is only allowed with networkUri",
  ],
  ...[
    ["00:0c:29:00:00:01", /must not be in a range in which VMware generates addresses/],
    ["00:50:56:40:00:00", /must not be in a range in which VMware generates addresses/],
    ["01:00:5e:00:00:01", /must be the address of one machine/],
    ["00:00:00:00:00:00", /must be the address of one machine/],
    ["00-50-56-01-02-03", /must be six pairs/],
  ].map(
    ([macAddress, reason]) =>
      [{ networkInterfaces: [{ network: "x", macAddress }] }, "networkInterfaces.0.macAddress", reason] as [
        Record<string, unknown>,
        string,
        RegExp,
      ],
  ),
  [
    {
      networkInterfaces: ["a", "A"].map((digit) => ({
        network: "x",
        macAddress: `00:50:56:00:00:0${digit}`,
      })),
    },
    "networkInterfaces.1.macAddress",
    "is also that of networkInterfaces.0",
  ],
  [{ networkInterfaces: many(11, () => ({ network: "x" })) }, "networkInterfaces", "must have at most ten"],
])("%j is refused at preview, with the setting's path", async (settings, property, reason) => {
  const { failures } = await vms.check("vm", settings);
  expect(failures).toContainEqual({
    property,
    reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
  });
});

describe("what is not known yet", () => {
  test("is passed over, and comes back as it was", async () => {
    const settings = {
      disks: [
        { label: UNKNOWN, size: 1 },
        { label: "b", size: UNKNOWN },
      ],
      cdroms: [{ iso: UNKNOWN }, UNKNOWN],
      networkInterfaces: [{ network: UNKNOWN, macAddress: UNKNOWN }],
    };
    const { inputs, failures } = await vms.check("vm", settings);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(settings);
  });
});

describe("a disk without a label", () => {
  const labels = async (disks: Properties[], before: Properties[] = []) => {
    const olds = await vms.inputs("vm", { disks: before });
    const { inputs, failures } = await vms.check("vm", { disks }, olds);
    if (failures.length > 0) return failures.map(({ property, reason }) => `${property} ${reason}`);
    return (inputs.disks as { label: string }[]).map(({ label }) => label);
  };
  const one = { size: 1 };
  const two = { size: 2 };
  const three = { size: 3 };

  test("has the one of its position", async () => {
    expect(await labels([one, two])).toEqual(["disk0", "disk1"]);
    expect(await labels([{ label: "data", size: 1 }, two])).toEqual(["data", "disk1"]);
    expect(await labels([one, { size: 4 }, three], [one, two])).toEqual(["disk0", "disk1", "disk2"]);
  });

  test("keeps its own when another is taken out of the middle", async () => {
    expect(await labels([one, three], [one, two, three])).toEqual(["disk0", "disk2"]);
    expect(await labels([three], [one, two, three])).toEqual(["disk2"]);
    expect(await labels([], [one, two, three])).toEqual([]);
  });

  test("is refused where it is not certain which disk is to go", async () => {
    const [message] = await labels([one], [one, one]);
    expect(message).toMatch(/^disks\.0\.label must be given: the list has become shorter.*disk0, disk1/);
    expect((await labels([one, { size: 4 }], [one, two, three]))[0]).toMatch(/must be given/);
    expect(await labels([{ label: "disk1", size: 1 }], [one, one])).toEqual(["disk1"]);
  });
});

describe("a disk that exists", () => {
  test.each<[after: Properties, property: string]>([
    [{ label: "a", size: 0.5 }, "disks.0.size"],
    [{ label: "a", size: 1, provisioning: "thick" }, "disks.0.provisioning"],
    [{ label: "a", size: 1, datastore: "ds2" }, "disks.0.datastore"],
    [{ label: "a", attach: "[ds] a.vmdk" }, "disks.0.attach"],
  ])("cannot become %j", async (after, property) => {
    const olds = await vms.inputs("vm", {
      disks: [{ label: "a", size: 1, provisioning: "thin", datastore: "ds1" }],
    });
    const { failures } = await vms.check("vm", { disks: [after] }, olds);
    expect(failures.map((failure) => failure.property)).toEqual([property]);
    expect(failures[0]?.reason).toMatch(/another label$/);
  });
});
