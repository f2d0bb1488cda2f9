/** What VirtualBox and others export becomes a machine that starts, if `relax` says so, and each change is told. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VirtualDevice } from "../../../schema/index.ts";
import { type VirtualBoxMachine, virtualBoxExport } from "../../support/virtualbox-export.ts";
import { failure, Lab, type Managed } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const RELAXED = { relax: true, ovfNetworkMap: { NAT: "VM Network" } };

async function deploy(machine: VirtualBoxMachine): Promise<Managed> {
  const ovaPath = await lab.write("box.ova", virtualBoxExport(machine));
  return lab.create({ ...RELAXED, ovaPath });
}

const devices = (): readonly VirtualDevice[] => lab.raw.vm("vm").config.hardware.device ?? [];
const typesAmong = (pattern: RegExp): string[] =>
  devices()
    .map(({ $type }) => $type ?? "")
    .filter((type) => pattern.test(type));
/** Each drive as `controller's type:unit`. */
const drives = (type: string): string[] =>
  devices()
    .filter(({ $type }) => $type === type)
    .map(({ controllerKey, unitNumber }) => {
      const controller = devices().find(({ key }) => key === controllerKey);
      return `${controller?.$type}:${unitNumber}`;
    });
/** What is told of each change, without the file's name and the line. */
const changes = (): string[] =>
  lab
    .texts("warn")
    .filter((text) => text.startsWith("changed for the host by relax: "))
    .map((text) => text.replace(/^.*?, line \d+: /, ""));

const EVERYTHING: VirtualBoxMachine = {
  disks: [{ on: "sata", at: 0 }],
  cdroms: [{ on: "ide", at: 1 }],
  adapters: ["E1000", "PCNet32", "virtio"],
  sound: true,
  usb: true,
  floppies: 1,
};

describe.each(["0.9", "1.0", "2.0"] as const)("what VirtualBox exports as OVF %s", (version) => {
  test("is refused without relax, with everything at once and by line", async () => {
    const ovaPath = await lab.write("box.ova", virtualBoxExport({ ...EVERYTHING, version }));
    const { failures } = await lab.check({ ...RELAXED, relax: false, ovaPath });
    expect(failures.map(({ property }) => property)).toEqual(["ovaPath"]);
    const [{ reason } = { reason: "" }] = failures;
    expect(reason).toMatch(/the OVF is not made for ESXi: .* \(line \d+\); /);
    expect(reason).toMatch(/it needs the sound card "sound", which a host does not have \(line \d+\)/);
    expect(reason).toMatch(/With relax: true all of this is changed for the host/);
    for (const [known, text] of [
      [version === "0.9", "a draft of OVF 0.9"],
      [version === "2.0", "hardware in the form of OVF 2 (StorageItem, EthernetPortItem)"],
      [true, "virtualbox-2.2"],
      [true, '"sataController0" is of the type AHCI'],
      [true, "is of the type virtio"],
    ] as const) {
      expect(reason.includes(text), text).toBe(known);
    }
    expect(lab.raw.count()).toBe(0);
  });

  test("is refused by the host itself, whatever the client thinks of it", async () => {
    const ovaPath = await lab.write("box.ova", virtualBoxExport({ ...EVERYTHING, version }));
    const inputs = await lab.inputs({ ...RELAXED, ovaPath });
    const { ovaDeployment } = await import("../../../provider/resources/vm/ova-deployment.lifecycle.ts");
    const error = await failure(ovaDeployment.create({ ...inputs, relax: false }, lab.context()));
    expect(error.message).toMatch(
      version === "0.9" ? /Unsupported namespace/ : /Unsupported (hardware family|element)/,
    );
    expect((await lab.raw.contents()).vms).toEqual([]);
  });

  test("starts with relax, each drive and adapter in its place", async () => {
    await deploy({ ...EVERYTHING, version });
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
    expect(lab.raw.vm("vm").config.version).toBe("vmx-13");
    expect(drives("VirtualDisk")).toEqual(["VirtualAHCIController:0"]);
    expect(drives("VirtualCdrom")).toEqual(["VirtualIDEController:0"]);
    expect(typesAmong(/E1000|PCNet|Vmxnet/)).toEqual(["VirtualE1000", "VirtualPCNet32", "VirtualE1000"]);
    expect(typesAmong(/Floppy|USBController/).sort()).toEqual(["VirtualFloppy", "VirtualUSBController"]);
  });

  test("tells each change in the resource's row", async () => {
    await deploy({ ...EVERYTHING, version });
    const told = changes();
    const draft =
      "it is of a draft of OVF 0.9 (namespace http://www.vmware.com/schema/ovf/1/envelope), and a host accepts OVF 1: it is read as OVF 1.";
    const second =
      "it has hardware in the form of OVF 2 (StorageItem, EthernetPortItem), and hosts know only that of OVF 1: it is written in the form of OVF 1.";
    expect(told).toEqual([
      ...(version === "0.9" ? [draft] : []),
      ...(version === "2.0" ? [second] : []),
      "its hardware is of the family virtualbox-2.2, and a host accepts only families that begin with vmx-: it becomes vmx-13.",
      'its IDE controller "ideController0" is of the type PIIX4: the host takes its own.',
      'its storage controller "sataController0" is of the type AHCI, which a host does not know by that name: it becomes vmware.sata.ahci.',
      'its network adapter "Ethernet adapter on NAT" is of the type virtio, which a host does not know by that name: it becomes E1000.',
      'it needs the sound card "sound", which a host does not have: the machine is made without it.',
      'its drive "cdrom1" has a place that is taken, or with which the machine would not start: it is put at place 0 of the controller "ideController0".',
      "VirtualBox calls its guest Debian_64: the host is told debian10_64Guest; guestId says otherwise.",
    ]);
  });
});

test.each([
  [
    "IDE disks",
    {
      disks: [
        { on: "ide", at: 0 },
        { on: "ide", at: 1 },
      ],
    },
    ["VirtualIDEController:0", "VirtualIDEController:1"],
  ],
  ["a SCSI disk", { disks: [{ on: "scsi", at: 0 }] }, ["VirtualLsiLogicController:0"]],
  ["an NVMe disk", { disks: [{ on: "nvme", at: 0 }] }, ["VirtualNVMEController:0"]],
  ["a disk of virtio", { disks: [{ on: "virtio", at: 0 }] }, ["VirtualAHCIController:0"]],
  [
    "disks that have the same place",
    {
      disks: [
        { on: "sata", at: 0 },
        { on: "sata", at: 0 },
      ],
    },
    ["VirtualAHCIController:0", "VirtualAHCIController:1"],
  ],
] satisfies [string, VirtualBoxMachine, string[]][])(
  "a machine with %s starts",
  async (_, machine, places) => {
    await deploy(machine);
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
    expect(drives("VirtualDisk")).toEqual(places);
  },
);

test("more drives than an IDE controller has room for go to the other one", async () => {
  await deploy({
    disks: [{ on: "ide", at: 0 }],
    cdroms: [
      { on: "ide", at: 0 },
      { on: "ide", at: 0 },
    ],
  });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  const keys = devices()
    .filter(({ $type }) => $type === "VirtualDisk" || $type === "VirtualCdrom")
    .map(({ controllerKey, unitNumber }) => `${controllerKey}:${unitNumber}`);
  expect(new Set(keys).size).toBe(3);
});

test("two floppy drives with one place get one each", async () => {
  await deploy({ floppies: 2 });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  expect(
    devices()
      .filter(({ $type }) => $type === "VirtualFloppy")
      .map(({ unitNumber }) => unitNumber),
  ).toEqual([0, 1]);
});

test("a machine that VirtualBox starts by EFI is one here, with the guest that it has", async () => {
  await deploy({ efi: true, guest: "Ubuntu22_LTS_64" });
  expect(lab.raw.vm("vm").config).toMatchObject({ firmware: "efi", guestId: "ubuntu64Guest" });
});

test("memory that a host would not start is rounded up", async () => {
  await deploy({ memoryMb: 510 });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  expect(lab.raw.vm("vm").config.hardware.memoryMB).toBe(512);
});

test("changes are told whatever else is said of the OVA's guest", async () => {
  const ovaPath = await lab.write("box.ova", virtualBoxExport({ sound: true }));
  await lab.check({ ...RELAXED, ovaPath, ovfTransport: "iso" });
  expect(changes()).toContainEqual(expect.stringContaining("sound card"));
});

test("relax is no part of what the machine is: neither setting it later nor removing it replaces anything", async () => {
  const ovaPath = await lab.ova({});
  const vm = await lab.create({ ovaPath, powerOn: false });
  const set = await lab.diff(vm, { ovaPath, powerOn: false, relax: true });
  expect(set.replaces).toEqual([]);
  const updated = await lab.update(vm, { ovaPath, powerOn: false, relax: true });
  expect(updated.outs.moid).toBe(vm.outs.moid);
  expect(updated.inputs.ovaDigest).toBe(vm.inputs.ovaDigest);
  expect((await lab.diff(updated, { ovaPath, powerOn: false })).replaces).toEqual([]);
});

test("a relaxed machine shows no difference afterwards", async () => {
  const vm = await deploy({ ...EVERYTHING, version: "2.0" });
  const ovaPath = String(vm.inputs.ovaPath);
  const seen = await lab.read(vm);
  expect(seen).toBeDefined();
  expect(await lab.diff(seen ?? vm, { ...RELAXED, ovaPath })).toMatchObject({ changes: false, replaces: [] });
});

describe("what only the host knows", () => {
  /** An OVA for `family`, with a controller of that type. */
  const ovaOf = (family: string, hardware = "") =>
    lab.ova({
      manifest: null,
      hardware,
      tamper: (entries) => {
        const text = String(entries.get("tiny.ovf")).replace(">vmx-13<", `>${family}<`);
        entries.set("tiny.ovf", Buffer.from(text));
      },
    });
  const on = async (apiVersion: string) => {
    await lab.close();
    lab = await Lab.open({ apiVersion });
  };
  const device = (type: number, subType: string) =>
    `<Item><rasd:Address>1</rasd:Address><rasd:ElementName>further</rasd:ElementName><rasd:InstanceID>60</rasd:InstanceID>
     <rasd:ResourceSubType>${subType}</rasd:ResourceSubType><rasd:ResourceType>${type}</rasd:ResourceType></Item>`;

  test("is that its hardware is older: the error says that relax helps, and it does", async () => {
    await on("7.0.2.0");
    const ovaPath = await ovaOf("vmx-21");
    const error = await failure(lab.create({ ovaPath, powerOn: false }));
    expect(error.message).toContain("Unsupported hardware family 'vmx-21'");
    expect(error.message).toMatch(/With relax: true this is changed for the host\.$/);
    expect((await lab.raw.contents()).vms).toEqual([]);
    await lab.create({ ovaPath, relax: true });
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
    expect(lab.raw.vm("vm").config.version).toBe("vmx-19");
    expect(changes()).toEqual([
      "its hardware is of the family vmx-21, which this host does not run: it becomes vmx-19.",
    ]);
  });

  test.each([
    [
      "an NVMe controller of an old machine",
      "vmx-11",
      device(20, "vmware.nvme.controller"),
      "it becomes a SATA controller",
    ],
    [
      "a SATA controller of an older one",
      "vmx-09",
      device(20, "vmware.sata.ahci"),
      "it becomes a SCSI controller (LSI Logic)",
    ],
    [
      "a device that it does not have",
      "vmx-13",
      device(1, "vmware.pci.passthrough"),
      "the machine is made without it",
    ],
    [
      "a setting that it does not know",
      "vmx-13",
      `<vmw:Config vmw:key="tools.syncTime" vmw:value="true"/>`,
      "the machine is made without it",
    ],
  ])("is %s", async (_, family, hardware, change) => {
    const ovaPath = await ovaOf(family, hardware);
    const error = await failure(lab.create({ ovaPath, powerOn: false }));
    expect(error.message).toMatch(/With relax: true this is changed for the host\.$/);
    await lab.create({ ovaPath, relax: true });
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
    expect(changes().at(-1)).toContain(change);
  });

  test("is a section that the OVF requires", async () => {
    const ovaPath = await lab.ova({
      manifest: null,
      sections: "<SpaceSection><Info>s</Info></SpaceSection>",
    });
    await failure(lab.create({ ovaPath, powerOn: false }));
    await lab.create({ ovaPath, relax: true, powerOn: false });
    expect(changes()).toEqual([
      "it requires the section SpaceSection, which this host does not know: the machine is made without it.",
    ]);
  });

  test("and relax cannot help with is told as the host tells it", async () => {
    const ovaPath = await lab.ova({
      manifest: null,
      hardware: device(17, "none").replace(
        "</Item>",
        "<rasd:HostResource>ovf:/disk/none</rasd:HostResource></Item>",
      ),
    });
    const error = await failure(lab.create({ ovaPath, relax: true, powerOn: false }));
    expect(error.message).toMatch(/Invalid value 'ovf:\/disk\/none'.*Nothing was created\.$/);
    expect((await lab.raw.contents()).vms).toEqual([]);
  });
});
