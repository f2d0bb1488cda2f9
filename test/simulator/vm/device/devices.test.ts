import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createVm, nic, startLab } from "../../host/lab.ts";
import { snapshotSpec } from "../snapshot/snapshot-spec.ts";
import {
  add,
  controller,
  device,
  edit,
  flat,
  iso,
  newDisk,
  onNetwork,
  outcome,
  plug,
  power,
  reconfigure,
  remove,
  vmxOf,
} from "./device-spec.ts";

const SCSI_TYPES = {
  ParaVirtualSCSIController: "pvscsi",
  VirtualLsiLogicController: "lsilogic",
  VirtualLsiLogicSASController: "lsisas1068",
  VirtualBusLogicController: "buslogic",
} as const;
const PVSCSI = "ParaVirtualSCSIController";
const AHCI = "VirtualAHCIController";

describe("controllers", () => {
  it("of every kind take disks, and stand in the .vmx", async () => {
    const { simulator, client } = await startLab();
    const kinds = Object.keys(SCSI_TYPES);
    const scsi = kinds
      .map((kind, bus) => controller(kind, bus, -10 - bus) + newDisk(-10 - bus, 1024))
      .join("");
    const others =
      controller(AHCI, 0, -20) +
      controller("VirtualNVMEController", 0, -21) +
      newDisk(-20, 1024) +
      newDisk(-21, 1024) +
      newDisk(201, 1024);
    await createVm(client, "a", { tail: scsi + others });
    const vmx = await vmxOf(simulator, "a");
    for (const [bus, name] of Object.values(SCSI_TYPES).entries())
      expect(vmx[`scsi${bus}.virtualDev`]).toBe(name);
    for (const [bus, kind] of kinds.entries()) {
      expect(device(simulator, 1000 + bus)).toMatchObject({
        $type: kind,
        busNumber: bus,
        device: [2000 + 16 * bus],
      });
    }
    expect(device(simulator, 16_000)).toMatchObject({
      $type: "VirtualDisk",
      controllerKey: 15_000,
      unitNumber: 0,
    });
    expect(device(simulator, 32_000)).toMatchObject({
      $type: "VirtualDisk",
      controllerKey: 31_000,
      unitNumber: 0,
    });
    expect(device(simulator, 3002)).toMatchObject({
      $type: "VirtualDisk",
      controllerKey: 201,
      unitNumber: 0,
    });
  });

  it.for([
    ["a bus that is taken", controller(PVSCSI, 0), "InvalidDeviceSpec"],
    ["a fifth bus", controller(PVSCSI, 4), "InvalidDeviceSpec"],
    ["the unit of the controller itself", newDisk(1000, 1024, "", 7), "InvalidDeviceSpec"],
    ["a unit that is taken", newDisk(1000, 1024, "", 0), "InvalidDeviceSpec"],
    ["a unit beyond the last", newDisk(1000, 1024, "", 16), "InvalidDeviceSpec"],
    ["a third unit of IDE", newDisk(200, 1024, "", 2), "InvalidDeviceSpec"],
    ["a controller that is not there", newDisk(1001, 1024), "InvalidController"],
    [
      "the controller's removal under its disk",
      remove(PVSCSI, { key: 1000, own: "<busNumber>0</busNumber><sharedBus>noSharing</sharedBus>" }),
      "InvalidDeviceOperation",
    ],
    [
      "another type in an edit",
      edit("VirtualLsiLogicController", {
        key: 1000,
        own: "<busNumber>0</busNumber><sharedBus>noSharing</sharedBus>",
      }),
      "InvalidDeviceSpec",
    ],
    [
      "an edit of what is not there",
      edit("VirtualDisk", { key: 2005, own: "<capacityInKB>4096</capacityInKB>" }),
      "InvalidDeviceSpec",
    ],
  ] as const)("refuse %s", async ([, spec, fault]) => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: controller(PVSCSI) + newDisk(-1, 1024) });
    const before = [await vmxOf(simulator, "a"), await simulator.files("datastore1")];
    expect(await outcome(client, vm, spec)).toBe(fault);
    expect([await vmxOf(simulator, "a"), await simulator.files("datastore1")]).toEqual(before);
  });

  it("go in one spec with the disks on them, in whatever order", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: controller(PVSCSI) + newDisk(-1, 1024) });
    const gone = remove(PVSCSI, {
      key: 1000,
      own: "<busNumber>0</busNumber><sharedBus>noSharing</sharedBus>",
    });
    const disk = remove("VirtualDisk", { key: 2000, own: "<capacityInKB>0</capacityInKB>" }, "destroy");
    expect(await outcome(client, vm, gone + disk)).toBe("");
    expect(device(simulator, 1000)).toBeUndefined();
    expect((await simulator.files("datastore1")).filter((file) => file.endsWith(".vmdk"))).toEqual([]);
  });

  it("need hardware that knows them", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", {
      head: "<version>vmx-09</version><guestId>otherGuest</guestId>",
    });
    expect(await outcome(client, vm, controller(AHCI))).toBe("DeviceUnsupportedForVmVersion");
    expect(await outcome(client, vm, controller("VirtualNVMEController"))).toBe(
      "DeviceUnsupportedForVmVersion",
    );
    expect(await outcome(client, vm, controller(PVSCSI))).toBe("");
  });
});

describe("disks", () => {
  it("are thin, thick or zeroed, in the VM's folder or where the spec says", async () => {
    const { simulator, client } = await startLab();
    await client.ok("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore2] data</name>");
    const disk = (unit: number, fileName: string, more: string): string =>
      add(
        "VirtualDisk",
        {
          backing: flat(fileName, "persistent", more),
          controllerKey: -1,
          unitNumber: unit,
          own: "<capacityInKB>2048</capacityInKB>",
        },
        "create",
      );
    await createVm(client, "a", {
      tail:
        controller(PVSCSI) +
        disk(0, "", "<thinProvisioned>true</thinProvisioned>") +
        disk(1, "[datastore2]", "<thinProvisioned>false</thinProvisioned>") +
        disk(
          2,
          "[datastore2] data/x.vmdk",
          "<thinProvisioned>false</thinProvisioned><eagerlyScrub>true</eagerlyScrub>",
        ),
    });
    const backing = (key: number) => device(simulator, key)?.backing;
    expect(backing(2000)).toMatchObject({ fileName: "[datastore1] a/a.vmdk", thinProvisioned: true });
    expect(backing(2001)).toMatchObject({ fileName: "[datastore2] a/a.vmdk", thinProvisioned: false });
    expect(backing(2002)).toMatchObject({
      fileName: "[datastore2] data/x.vmdk",
      thinProvisioned: false,
      eagerlyScrub: true,
    });
  });

  it("grow by real bytes, on while the VM runs, but not on IDE, and never shrink", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", {
      tail: controller(PVSCSI) + newDisk(-1, 1024) + newDisk(200, 1024),
    });
    const size = (key: number, kb: number): string =>
      edit("VirtualDisk", { key, own: `<capacityInKB>${kb}</capacityInKB>` });
    await power(client, vm, "On");
    expect(await outcome(client, vm, size(2000, 4096))).toBe("");
    expect(device(simulator, 2000)?.capacityInKB).toBe(4096);
    const file = device(simulator, 2000)?.backing ?? {};
    const path = "fileName" in file ? String(file.fileName) : "";
    expect((await stat(simulator.diskFile(path))).size).toBe(4096 * 1024);
    expect(await outcome(client, vm, size(3000, 4096))).toBe("InvalidPowerState");
    expect(await outcome(client, vm, size(2000, 2048))).toBe("InvalidDeviceSpec");
    await power(client, vm, "Off");
    expect(await outcome(client, vm, size(3000, 4096))).toBe("");
  });

  it("that snapshots freeze cannot grow, nor be destroyed, nor change their mode", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: controller(PVSCSI) + newDisk(-1, 1024) });
    await client.task("CreateSnapshot_Task", vm, snapshotSpec("s"));
    const files = await simulator.files("datastore1");
    const grow = edit("VirtualDisk", { key: 2000, own: "<capacityInKB>4096</capacityInKB>" });
    expect((await reconfigure(client, vm, grow)).message).toContain("cannot be extended");
    const gone = remove("VirtualDisk", { key: 2000, own: "<capacityInKB>0</capacityInKB>" }, "destroy");
    expect(await outcome(client, vm, gone)).toBe("InvalidDeviceOperation");
    const mode = edit("VirtualDisk", {
      key: 2000,
      backing: flat("", "independent_persistent"),
      own: "<capacityInKB>1024</capacityInKB>",
    });
    expect(await outcome(client, vm, mode)).toBe("DisallowedDiskModeChange");
    expect(await simulator.files("datastore1")).toEqual(files);
  });

  it("are attached as they are, and stay when they are taken out without a word of destroying", async () => {
    const { simulator, client } = await startLab();
    const a = await createVm(client, "a", { tail: controller(PVSCSI) + newDisk(-1, 2048) });
    const b = await createVm(client, "b", { tail: controller(PVSCSI) });
    const attach = add("VirtualDisk", {
      backing: flat("[datastore1] a/a.vmdk"),
      controllerKey: 1000,
      own: "<capacityInKB>0</capacityInKB>",
    });
    await power(client, a, "On");
    await power(client, b, "On");
    expect(await outcome(client, b, attach)).toBe("FileLocked");
    await power(client, a, "Off");
    expect(await outcome(client, b, attach)).toBe("");
    expect(device(simulator, 2000, 1)?.capacityInKB).toBe(2048);
    expect((await power(client, a, "On")).fault).toBe("FileLocked");
    expect(
      await outcome(client, b, remove("VirtualDisk", { key: 2000, own: "<capacityInKB>0</capacityInKB>" })),
    ).toBe("");
    expect(await simulator.files("datastore1")).toContain("a/a.vmdk");
    expect((await power(client, a, "On")).state).toBe("success");
    expect(await outcome(client, b, attach.replaceAll("a/a.vmdk", "a/none.vmdk"))).toBe("FileNotFound");
  });

  it("move to another slot while the VM is off", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", {
      tail: controller(PVSCSI) + newDisk(-1, 1024) + controller(AHCI, 0, -2),
    });
    const to = (key: number, controllerKey: number, unitNumber: number): string =>
      edit("VirtualDisk", { key, controllerKey, unitNumber, own: "<capacityInKB>1024</capacityInKB>" });
    expect(await outcome(client, vm, to(2000, 15_000, 3))).toBe("");
    expect(device(simulator, 2000)).toBeUndefined();
    expect(device(simulator, 16_003)).toMatchObject({
      $type: "VirtualDisk",
      backing: { fileName: "[datastore1] a/a.vmdk" },
    });
    expect(await outcome(client, vm, to(16_003, 1000, 7))).toBe("InvalidDeviceSpec");
    await power(client, vm, "On");
    expect(await outcome(client, vm, to(16_003, 1000, 0))).toBe("InvalidPowerState");
  });
});

describe("a running VM", () => {
  it("takes and gives disks, adapters and controllers", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: controller(PVSCSI) });
    await power(client, vm, "On");
    expect(await outcome(client, vm, newDisk(1000, 1024) + nic())).toBe("");
    expect(await outcome(client, vm, controller("VirtualLsiLogicSASController", 1) + newDisk(-1, 1024))).toBe(
      "",
    );
    expect(await outcome(client, vm, controller("VirtualNVMEController", 0) + newDisk(-1, 1024))).toBe("");
    expect(device(simulator, 4000)).toMatchObject({ connectable: { connected: true } });
    expect(
      await outcome(
        client,
        vm,
        remove("VirtualDisk", { key: 2000, own: "<capacityInKB>0</capacityInKB>" }, "destroy"),
      ),
    ).toBe("");
    expect(await outcome(client, vm, remove("VirtualVmxnet3", { key: 4000 }))).toBe("");
    expect(device(simulator, 4000)).toBeUndefined();
  });

  it.for([
    ["a BusLogic controller", controller("VirtualBusLogicController", 1)],
    ["a SATA controller", controller(AHCI, 1)],
    ["a disk on IDE", newDisk(201, 1024)],
    ["a disk on SATA", newDisk(15_000, 1024)],
    ["a CD drive", add("VirtualCdrom", { controllerKey: 15_000 })],
    ["a CD drive's removal", remove("VirtualCdrom", { key: 3000 })],
    ["a floppy drive", add("VirtualFloppy")],
    [
      "a serial port",
      add("VirtualSerialPort", {
        backing:
          '<backing xsi:type="VirtualSerialPortFileBackingInfo"><fileName>[datastore1] a/s.txt</fileName></backing>',
        own: "<yieldOnPoll>true</yieldOnPoll>",
      }),
    ],
    [
      "more video memory",
      edit("VirtualMachineVideoCard", { key: 500, own: "<videoRamSizeInKB>8192</videoRamSizeInKB>" }),
    ],
    [
      "another MAC address",
      edit("VirtualVmxnet3", {
        key: 4000,
        own: "<addressType>manual</addressType><macAddress>00:50:56:00:00:01</macAddress>",
      }),
    ],
    [
      "another disk mode",
      edit("VirtualDisk", {
        key: 2000,
        backing: flat("", "independent_persistent"),
        own: "<capacityInKB>1024</capacityInKB>",
      }),
    ],
  ] as const)("refuses %s", async ([, spec]) => {
    const { simulator, client } = await startLab();
    const cd = add("VirtualCdrom", { controllerKey: 200, unitNumber: 0 });
    const vm = await createVm(client, "a", {
      tail: controller(PVSCSI) + newDisk(-1, 1024) + controller(AHCI, 0, -2) + cd + nic(),
    });
    await power(client, vm, "On");
    const before = await vmxOf(simulator, "a");
    expect(await outcome(client, vm, spec)).toBe("InvalidPowerState");
    expect(await vmxOf(simulator, "a")).toEqual(before);
    await power(client, vm, "Off");
    expect(await outcome(client, vm, spec)).toBe("");
  });
});

describe("network adapters", () => {
  it("are of four kinds, with addresses of their own or given ones, and ten at most", async () => {
    const { simulator, client } = await startLab();
    const kinds = {
      VirtualVmxnet3: "vmxnet3",
      VirtualE1000: "e1000",
      VirtualE1000e: "e1000e",
      VirtualPCNet32: undefined,
    };
    const cards = Object.keys(kinds)
      .map((kind) => add(kind, { backing: onNetwork("lab-net") }))
      .join("");
    const fixed = add("VirtualVmxnet3", {
      backing: onNetwork("VM Network"),
      connectable: plug(false, false),
      own: "<addressType>manual</addressType><macAddress>00:50:56:3F:FF:FF</macAddress>",
    });
    const vm = await createVm(client, "a", { tail: cards + fixed });
    const vmx = await vmxOf(simulator, "a");
    for (const [number, [kind, name]] of Object.entries(kinds).entries()) {
      expect(vmx[`ethernet${number}.virtualDev`]).toBe(name);
      expect(device(simulator, 4000 + number)).toMatchObject({ $type: kind, addressType: "generated" });
    }
    expect(vmx).toMatchObject({
      "ethernet4.addressType": "static",
      "ethernet4.address": "00:50:56:3f:ff:ff",
      "ethernet4.startConnected": "FALSE",
    });
    expect((await power(client, vm, "On")).state).toBe("success");
    expect(device(simulator, 4004)?.connectable).toMatchObject({ startConnected: false, connected: false });
    await power(client, vm, "Off");
    expect(await outcome(client, vm, nic().repeat(5))).toBe("");
    expect(await outcome(client, vm, nic())).toBe("InvalidDeviceSpec");
  });

  it.for(["00:50:56:40:00:01", "00:0c:29:00:00:01", "01:00:5e:00:00:01"])(
    "with the address %s keep a VM from starting",
    async (mac) => {
      const { client } = await startLab();
      const card = add("VirtualVmxnet3", {
        backing: onNetwork("VM Network"),
        own: `<addressType>manual</addressType><macAddress>${mac}</macAddress>`,
      });
      const vm = await createVm(client, "a", { tail: card });
      expect(await power(client, vm, "On")).toMatchObject({
        fault: "GenericVmConfigFault",
        message: expect.stringContaining(mac),
      });
    },
  );

  it("are plugged out and in, and to another network, while the VM runs", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: nic() });
    await power(client, vm, "On");
    await expect.poll(() => client.value(vm, "guest.ipAddress")).toMatch(/^10\.123\./);
    const set = (connectable: string, network = "VM Network"): string =>
      edit("VirtualVmxnet3", { key: 4000, backing: onNetwork(network), connectable });
    expect(await outcome(client, vm, set(plug(true, false)))).toBe("");
    expect(device(simulator, 4000)?.connectable).toMatchObject({ startConnected: true, connected: false });
    expect(await client.value(vm, "guest.ipAddress")).toBeUndefined();
    expect(await outcome(client, vm, set(plug(true, true), "lab-net"))).toBe("");
    expect(await client.value(vm, "guest.ipAddress")).toMatch(/^10\.118\./);
    expect(await outcome(client, vm, set(plug(true, true), "none"))).toBe("InvalidDeviceBacking");
  });
});

describe("drives and ports", () => {
  it("have an ISO that is swapped and connected while the VM runs, if it is there", async () => {
    const { simulator, client } = await startLab();
    for (const name of ["one.iso", "two.iso"])
      await client.http("PUT", `/folder/${name}?dcPath=ha-datacenter&dsName=datastore1`, "CD001");
    const drive = add("VirtualCdrom", {
      backing: iso("[datastore1] one.iso"),
      connectable: plug(true, false),
      controllerKey: 200,
      unitNumber: 0,
    });
    const vm = await createVm(client, "a", { tail: drive });
    expect(await vmxOf(simulator, "a")).toMatchObject({
      "ide0:0.deviceType": "cdrom-image",
      "ide0:0.present": "TRUE",
    });
    await power(client, vm, "On");
    expect(device(simulator, 3000)?.connectable).toMatchObject({ connected: true, status: "ok" });
    const swap = (name: string): string =>
      edit("VirtualCdrom", {
        key: 3000,
        backing: iso(`[datastore1] ${name}`),
        connectable: plug(true, true),
      });
    expect(await outcome(client, vm, swap("two.iso"))).toBe("");
    expect(device(simulator, 3000)?.backing).toMatchObject({ fileName: "[datastore1] two.iso" });
    expect(await reconfigure(client, vm, swap("three.iso"))).toMatchObject({
      fault: "GenericVmConfigFault",
      message: "Connection control operation failed for disk 'ide0:0'.",
    });
    expect(device(simulator, 3000)?.backing).toMatchObject({ fileName: "[datastore1] two.iso" });
  });

  it("start disconnected when the ISO is not there, or the slave has no master at all", async () => {
    const { simulator, client } = await startLab();
    const drive = (unit: number): string =>
      add("VirtualCdrom", {
        backing: iso("[datastore1] none.iso"),
        connectable: plug(true, false),
        controllerKey: 200,
        unitNumber: unit,
      });
    const vm = await createVm(client, "a", { tail: drive(0) });
    expect((await power(client, vm, "On")).state).toBe("success");
    expect(device(simulator, 3000)?.connectable).toMatchObject({ startConnected: true, connected: false });
    const slave = await createVm(client, "b", { tail: drive(1) });
    expect((await power(client, slave, "On")).fault).toBe("GenericVmConfigFault");
  });

  it("are the host's own, a client's, or nobody's", async () => {
    const { simulator, client } = await startLab();
    const backing = (type: string, inner: string): string => `<backing xsi:type="${type}">${inner}</backing>`;
    const name = "<deviceName>/vmfs/devices/cdrom/mpx.vmhba0:C0:T4:L0</deviceName>";
    const own = add("VirtualCdrom", {
      backing: backing("VirtualCdromAtapiBackingInfo", name),
      connectable: plug(true, false),
      controllerKey: 200,
      unitNumber: 0,
    });
    const clients = add("VirtualCdrom", {
      backing: backing(
        "VirtualCdromRemotePassthroughBackingInfo",
        "<deviceName></deviceName><exclusive>false</exclusive>",
      ),
      controllerKey: 201,
      unitNumber: 0,
    });
    const vm = await createVm(client, "a", { tail: own + clients });
    expect(await vmxOf(simulator, "a")).toMatchObject({
      "ide0:0.deviceType": "atapi-cdrom",
      "ide1:0.deviceType": "cdrom-raw",
      "ide1:0.clientDevice": "TRUE",
    });
    await power(client, vm, "On");
    expect(device(simulator, 3000)).toMatchObject({
      backing: { $type: "VirtualCdromAtapiBackingInfo" },
      connectable: { connected: true },
    });
    expect(device(simulator, 3002)).toMatchObject({
      backing: { $type: "VirtualCdromRemotePassthroughBackingInfo" },
      connectable: { connected: false },
    });
  });

  it("are floppies and serial ports of every backing, as the .vmx has them", async () => {
    const { simulator, client } = await startLab();
    const backing = (type: string, inner: string): string => `<backing xsi:type="${type}">${inner}</backing>`;
    const serial = (type: string, inner: string): string =>
      add("VirtualSerialPort", { backing: backing(type, inner), own: "<yieldOnPoll>true</yieldOnPoll>" });
    const network = "<serviceURI>telnet://:12345</serviceURI><direction>server</direction>";
    const vm = await createVm(client, "a", {
      tail:
        add("VirtualFloppy", {
          backing: backing("VirtualFloppyImageBackingInfo", "<fileName>[datastore1] a/boot.flp</fileName>"),
        }) +
        add("VirtualFloppy", {
          backing: backing("VirtualFloppyDeviceBackingInfo", "<deviceName>/dev/fd0</deviceName>"),
        }) +
        serial("VirtualSerialPortFileBackingInfo", "<fileName>[datastore1] a/console.txt</fileName>") +
        serial("VirtualSerialPortURIBackingInfo", network) +
        serial("VirtualSerialPortDeviceBackingInfo", "<deviceName>/dev/char/serial/uart0</deviceName>"),
    });
    expect(await vmxOf(simulator, "a")).toMatchObject({
      "floppy0.fileType": "file",
      "floppy0.fileName": "boot.flp",
      "floppy1.fileType": "device",
      "floppy1.fileName": "/dev/fd0",
      "serial0.fileType": "file",
      "serial0.fileName": "console.txt",
      "serial1.fileType": "network",
      "serial1.fileName": "telnet://:12345",
      "serial1.network.endPoint": "server",
      "serial2.fileType": "device",
    });
    expect(device(simulator, 8000)?.backing).toMatchObject({ fileName: "[datastore1] a/boot.flp" });
    expect(device(simulator, 9000)?.backing).toMatchObject({ fileName: "[datastore1] a/console.txt" });
    expect(device(simulator, 9001)?.backing).toMatchObject({
      serviceURI: "telnet://:12345",
      direction: "server",
    });
    expect(device(simulator, 9002)?.backing).toMatchObject({ deviceName: "/dev/char/serial/uart0" });
    expect(await outcome(client, vm, add("VirtualFloppy"))).toBe("InvalidDeviceSpec");
    const wrong = serial("VirtualSerialPortURIBackingInfo", network.replace("server", "sideways"));
    expect(await outcome(client, vm, wrong)).toBe("InvalidDeviceBacking");
    expect(
      await outcome(
        client,
        vm,
        remove("VirtualSerialPort", { key: 9001, own: "<yieldOnPoll>true</yieldOnPoll>" }),
      ),
    ).toBe("");
    expect(device(simulator, 9001)).toBeUndefined();
  });

  it("are a video card whose memory has bounds", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const card = (own: string): string => edit("VirtualMachineVideoCard", { key: 500, own });
    expect(
      await outcome(
        client,
        vm,
        card(
          "<videoRamSizeInKB>16384</videoRamSizeInKB><numDisplays>2</numDisplays><useAutoDetect>false</useAutoDetect>",
        ),
      ),
    ).toBe("");
    expect(await vmxOf(simulator, "a")).toMatchObject({
      "svga.vramSize": "16777216",
      "svga.numDisplays": "2",
      "svga.autodetect": "FALSE",
    });
    expect(device(simulator, 500)).toMatchObject({
      videoRamSizeInKB: 16_384,
      numDisplays: 2,
      useAutoDetect: false,
    });
    expect(await outcome(client, vm, card("<videoRamSizeInKB>16</videoRamSizeInKB>"))).toBe(
      "InvalidDeviceSpec",
    );
    expect(await outcome(client, vm, card("<numDisplays>11</numDisplays>"))).toBe("InvalidDeviceSpec");
  });
});
