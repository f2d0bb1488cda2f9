/** The devices that a copy gets, and those that it does not. */
import { expect, test } from "vitest";
import { devicesOfCopy } from "../../../../provider/host/clone/clone-devices.ts";
import type { CloneSource } from "../../../../provider/host/clone/clone-source.ts";
import { ISO_NAMES } from "../../../../provider/host/ovf-environment/iso-files.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDisk } from "../../../../schema/index.ts";

const described = (label: string) => create("Description", { label, summary: "" });
const connectable = (startConnected: boolean) => ({
  connectable: create("VirtualDeviceConnectInfo", {
    startConnected,
    allowGuestControl: false,
    connected: !startConnected,
    status: "ok",
  }),
});
/** What belongs to its own machine, of any device. */
const OWN = {
  deviceInfo: described("own"),
  slotInfo: { $type: "VirtualDevicePciBusSlotInfo" },
};
const iso = (fileName: string) => ({ backing: create("VirtualCdromIsoBackingInfo", { fileName }) });
const cdrom = (key: number, fileName: string) =>
  create("VirtualCdrom", {
    key,
    controllerKey: 15_000,
    unitNumber: key - 16_000,
    ...OWN,
    ...iso(fileName),
    ...connectable(true),
  });
const disk = (key: number, unitNumber: number, controllerKey = 1000): VirtualDisk =>
  create("VirtualDisk", {
    key,
    controllerKey,
    unitNumber,
    capacityInKB: key,
    ...OWN,
    backing: create("VirtualDiskFlatVer2BackingInfo", {
      fileName: `[d] golden/${key}.vmdk`,
      diskMode: "persistent",
    }),
  });
const scsi = (key: number, busNumber: number, device: readonly number[] = []) =>
  create("ParaVirtualSCSIController", {
    key,
    busNumber,
    controllerKey: 100,
    sharedBus: "noSharing",
    device: [...device],
    ...OWN,
  });

/** Changes and leavings for a copy of a machine with these devices. */
function copyOf(devices: readonly VirtualDevice[], adapters?: Parameters<typeof devicesOfCopy>[2]) {
  const disks = devices.filter((device): device is VirtualDisk => device.$type === "VirtualDisk");
  const source = {
    vmxPath: { datastore: "d", path: "golden/golden.vmx" },
    devices,
    disks,
  } as unknown as CloneSource;
  const diskOf = ({ key }: VirtualDisk, index: number) => ({
    backing: create("VirtualDiskFlatVer2BackingInfo", {
      fileName: `copy ${index} of ${key}`,
      diskMode: "persistent",
    }),
    ...(index === 1 && { fileOperation: "create" as const }),
  });
  const { changes, left } = devicesOfCopy(source, diskOf, adapters);
  expect(changes.every(({ $type }) => $type === "VirtualDeviceConfigSpec")).toBe(true);
  expect(new Set(changes.map(({ device }) => device.key)).size).toBe(changes.length);
  expect(changes.every(({ operation, device }) => operation === "add" && device.key < 0)).toBe(true);
  return {
    devices: changes.map(({ device }) => device),
    operations: changes.map(({ fileOperation }) => fileOperation),
    left,
  };
}

test("each disk is on its twin controller and unit, with the file of its own copy", () => {
  const { devices, operations, left } = copyOf([
    disk(2016, 3, 1001),
    create("VirtualIDEController", { key: 200, busNumber: 0 }),
    scsi(1000, 0, [2000]),
    scsi(1001, 1, [2016]),
    disk(2000, 0),
    disk(3000, 1, 200),
  ]);
  const [first, second, ...disks] = devices;
  expect([first, second]).toEqual([
    expect.objectContaining({
      $type: "ParaVirtualSCSIController",
      busNumber: 0,
      controllerKey: 100,
      device: undefined,
    }),
    expect.objectContaining({
      $type: "ParaVirtualSCSIController",
      busNumber: 1,
      controllerKey: 100,
      device: undefined,
    }),
  ]);
  expect(
    disks.map(({ controllerKey, unitNumber, backing }) => [
      controllerKey,
      unitNumber,
      (backing as { fileName?: string }).fileName,
    ]),
  ).toEqual([
    [second?.key, 3, "copy 0 of 2016"],
    [first?.key, 0, "copy 1 of 2000"],
    [200, 1, "copy 2 of 3000"],
  ]);
  expect(disks.map((each) => each.$type)).toEqual(["VirtualDisk", "VirtualDisk", "VirtualDisk"]);
  expect(disks.map((each) => (each as VirtualDisk).capacityInKB)).toEqual([2016, 2000, 3000]);
  expect(operations).toEqual([undefined, undefined, undefined, "create", undefined]);
  expect(left).toEqual([]);
});

test.each([
  "VirtualLsiLogicController",
  "VirtualAHCIController",
  "VirtualNVMEController",
  "VirtualUSBController",
  "VirtualUSBXHCIController",
] as const)("a controller of the kind %s is asked for", ($type) => {
  const { devices, left } = copyOf([create($type, { key: 7000, busNumber: 0 } as never)]);
  expect(devices.map((device) => device.$type)).toEqual([$type]);
  expect(left).toEqual([]);
});

test.each([
  "VirtualIDEController",
  "VirtualKeyboard",
  "VirtualPointingDevice",
  "VirtualMachineVideoCard",
  "VirtualMachineVMCIDevice",
] as const)("a device of the kind %s is there without asking, and nothing is lost", ($type) => {
  expect(copyOf([create($type, { key: 7000 } as never)])).toEqual({ devices: [], operations: [], left: [] });
});

test("a network adapter is another one: with a MAC address of its own, on a slot that the host chooses", () => {
  const card = create("VirtualVmxnet3", {
    key: 4000,
    controllerKey: 100,
    unitNumber: 7,
    addressType: "manual",
    macAddress: "00:50:56:01:02:03",
    wakeOnLanEnabled: true,
    backing: create("VirtualEthernetCardNetworkBackingInfo", { deviceName: "VM Network" }),
    ...OWN,
    ...connectable(false),
  });
  expect(copyOf([card])).toEqual({
    devices: [
      {
        ...card,
        key: -100,
        controllerKey: undefined,
        unitNumber: undefined,
        addressType: "generated",
        macAddress: undefined,
        deviceInfo: undefined,
        slotInfo: undefined,
        deviceGroupInfo: undefined,
        numaNode: undefined,
        connectable: { startConnected: false, allowGuestControl: false, connected: false },
      },
    ],
    operations: [undefined],
    left: [],
  });
  const wished = copyOf([card, scsi(1000, 0)], [{ network: "Lab" }, { network: "Lab 2" }]).devices.slice(1);
  expect(
    wished.map(({ $type, backing }) => [$type, (backing as { deviceName?: string }).deviceName]),
  ).toEqual([
    ["VirtualVmxnet3", "Lab"],
    ["VirtualVmxnet3", "Lab 2"],
  ]);
  expect(copyOf([card], []).devices).toEqual([]);
  expect(copyOf([card, { ...card, key: 4001 }]).devices).toHaveLength(2);
});

test("a drive has the image of its source, but for the source's own OVF environment", () => {
  const [first = ""] = ISO_NAMES;
  const { devices } = copyOf([
    cdrom(16_000, "[d] iso/tools.iso"),
    cdrom(16_001, `[d] golden/${first}`),
    cdrom(16_002, `[d] other/${first}`),
  ]);
  expect(devices.map(({ backing }) => (backing as { fileName?: string }).fileName)).toEqual([
    "[d] iso/tools.iso",
    undefined,
    `[d] other/${first}`,
  ]);
  expect(
    devices.map((device) => [device.controllerKey, device.unitNumber, device.connectable?.startConnected]),
  ).toEqual([
    [15_000, 0, true],
    [15_000, 1, false],
    [15_000, 2, true],
  ]);
});

test("devices that only one machine can have are left, and named", () => {
  const port = (key: number, backing: VirtualDevice["backing"], label?: string) =>
    create("VirtualSerialPort", {
      key,
      yieldOnPoll: true,
      backing,
      ...(label !== undefined && { deviceInfo: described(label) }),
    });
  const { devices, left } = copyOf([
    port(
      9000,
      create("VirtualSerialPortFileBackingInfo", { fileName: "[d] golden/serial.txt" }),
      "Serial port 1",
    ),
    port(9001, create("VirtualSerialPortURIBackingInfo", { serviceURI: "telnet://:1", direction: "server" })),
    create("VirtualFloppy", { key: 8000 }),
    { $type: "VirtualHdAudioCard", key: 5000 } as VirtualDevice,
    { $type: "VirtualPCIPassthrough", key: 13_000 } as VirtualDevice,
    { key: 14_000 } as VirtualDevice,
  ]);
  expect(devices.map(({ $type }) => $type)).toEqual([
    "VirtualSerialPort",
    "VirtualFloppy",
    "VirtualHdAudioCard",
  ]);
  expect(left).toEqual(["Serial port 1", "VirtualPCIPassthrough", "14000"]);
});
