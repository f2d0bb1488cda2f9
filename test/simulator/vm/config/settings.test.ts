import { describe, expect, it } from "vitest";
import { configSpec, createVm, POOL, restart, SCSI, startLab } from "../../host/lab.ts";
import { VM_FOLDER } from "../../host/raw-client.ts";
import { add, newDisk, onNetwork, outcome, power, reconfigure, vmxOf } from "../device/device-spec.ts";

const allocation = (element: string, inner: string): string => `<${element}>${inner}</${element}>`;
const shares = (level: string, count = 0): string =>
  `<shares><shares>${count}</shares><level>${level}</level></shares>`;
const bootable = (type: string, key?: number): string =>
  `<bootOrder xsi:type="VirtualMachineBootOptionsBootable${type}Device">${key === undefined ? "" : `<deviceKey>${key}</deviceKey>`}</bootOrder>`;

const EVERYTHING =
  "<tools><afterPowerOn>false</afterPowerOn><toolsUpgradePolicy>upgradeAtPowerCycle</toolsUpgradePolicy><syncTimeWithHost>true</syncTimeWithHost></tools>" +
  "<flags><enableLogging>false</enableLogging><diskUuidEnabled>true</diskUuidEnabled><virtualMmuUsage>on</virtualMmuUsage><virtualExecUsage>hvOn</virtualExecUsage><snapshotPowerOffBehavior>revert</snapshotPowerOffBehavior></flags>" +
  "<powerOpInfo><powerOffType>hard</powerOffType></powerOpInfo>" +
  "<numCPUs>4</numCPUs><numCoresPerSocket>2</numCoresPerSocket><memoryMB>512</memoryMB>" +
  "<memoryHotAddEnabled>true</memoryHotAddEnabled><cpuHotAddEnabled>true</cpuHotAddEnabled><cpuHotRemoveEnabled>true</cpuHotRemoveEnabled>" +
  allocation("cpuAllocation", `<reservation>500</reservation><limit>2000</limit>${shares("high")}`) +
  allocation("memoryAllocation", `<reservation>256</reservation><limit>-1</limit>${shares("custom", 777)}`) +
  "<bootOptions><bootDelay>1500</bootDelay><enterBIOSSetup>true</enterBIOSSetup><efiSecureBootEnabled>true</efiSecureBootEnabled><bootRetryEnabled>true</bootRetryEnabled><bootRetryDelay>7000</bootRetryDelay></bootOptions>" +
  "<firmware>efi</firmware><nestedHVEnabled>true</nestedHVEnabled>";

describe("the settings of a VM", () => {
  it("stand in the .vmx, and are read from it, after a restart and after a registration too", async () => {
    const { host, simulator: first, client } = await startLab();
    const vm = await createVm(client, "a");
    expect(await outcome(client, vm, EVERYTHING)).toBe("");
    expect(await vmxOf(first, "a")).toMatchObject({
      numvcpus: "4",
      "cpuid.coresPerSocket": "2",
      memSize: "512",
      "mem.hotadd": "TRUE",
      "vcpu.hotadd": "TRUE",
      "vcpu.hotremove": "TRUE",
      "vhv.enable": "TRUE",
      firmware: "efi",
      "uefi.secureBoot.enabled": "TRUE",
      "bios.bootDelay": "1500",
      "bios.forceSetupOnce": "TRUE",
      "bios.bootRetry.enabled": "TRUE",
      "bios.bootRetry.delay": "7",
      "sched.cpu.units": "mhz",
      "sched.cpu.min": "500",
      "sched.cpu.max": "2000",
      "sched.cpu.shares": "high",
      "sched.mem.min": "256",
      "sched.mem.minSize": "256",
      "sched.mem.max": "unlimited",
      "sched.mem.shares": "777",
      "disk.EnableUUID": "TRUE",
      "monitor.virtual_mmu": "hardware",
      "monitor.virtual_exec": "hardware",
      "snapshot.action": "autoRevert",
      logging: "FALSE",
      "toolScripts.afterPowerOn": "FALSE",
      "tools.upgrade.policy": "upgradeAtPowerCycle",
      "tools.syncTime": "TRUE",
      "powerType.powerOff": "hard",
    });
    const shown = {
      cpuAllocation: { reservation: 500, limit: 2000, shares: { shares: 8000, level: "high" } },
      memoryAllocation: { reservation: 256, limit: -1, shares: { shares: 777, level: "custom" } },
      bootOptions: {
        bootDelay: 1500,
        enterBIOSSetup: true,
        efiSecureBootEnabled: true,
        bootRetryEnabled: true,
        bootRetryDelay: 7000,
      },
      flags: {
        enableLogging: false,
        diskUuidEnabled: true,
        virtualMmuUsage: "on",
        virtualExecUsage: "hvOn",
        snapshotPowerOffBehavior: "revert",
      },
      tools: { afterPowerOn: false, toolsUpgradePolicy: "upgradeAtPowerCycle", syncTimeWithHost: true },
      defaultPowerOps: { powerOffType: "hard", defaultPowerOffType: "hard" },
      firmware: "efi",
      nestedHVEnabled: true,
      cpuHotRemoveEnabled: true,
    };
    expect(first.vms()[0]?.config).toMatchObject(shown);

    const { simulator: second, client: again } = await restart(host);
    expect(second.vms()[0]?.config).toMatchObject(shown);
    await again.ok("UnregisterVM", vm);
    const path = "<path>[datastore1] a/a.vmx</path><asTemplate>false</asTemplate>";
    expect((await again.task("RegisterVM_Task", VM_FOLDER, path + POOL)).state).toBe("success");
    expect(second.vms()[0]?.config).toMatchObject(shown);
  });

  it("compute shares from the level and the size", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { numCPUs: 2, memoryMB: 128 });
    const levels = { low: [1000, 640], normal: [2000, 1280], high: [4000, 2560] } as const;
    for (const [level, [cpu, memory]] of Object.entries(levels)) {
      const spec = allocation("cpuAllocation", shares(level)) + allocation("memoryAllocation", shares(level));
      expect(await outcome(client, vm, spec)).toBe("");
      expect(simulator.vms()[0]?.config).toMatchObject({
        cpuAllocation: { shares: { shares: cpu, level } },
        memoryAllocation: { shares: { shares: memory, level } },
      });
    }
  });

  it.for([
    [
      "a reservation above the limit",
      allocation("cpuAllocation", "<reservation>500</reservation><limit>400</limit>"),
      "cpuAllocation.reservation",
    ],
    [
      "a negative reservation",
      allocation("cpuAllocation", "<reservation>-1</reservation>"),
      "cpuAllocation.reservation",
    ],
    ["a limit below -1", allocation("memoryAllocation", "<limit>-2</limit>"), "memoryAllocation.limit"],
    [
      "more memory reserved than there is",
      allocation("memoryAllocation", "<reservation>65</reservation>"),
      "memoryAllocation.reservation",
    ],
    [
      "custom shares of nothing",
      allocation("cpuAllocation", shares("custom", 0)),
      "cpuAllocation.shares.shares",
    ],
    [
      "cores that do not divide the CPUs",
      "<numCPUs>3</numCPUs><numCoresPerSocket>2</numCoresPerSocket>",
      "numCoresPerSocket",
    ],
    [
      "secure boot without EFI",
      "<bootOptions><efiSecureBootEnabled>true</efiSecureBootEnabled></bootOptions>",
      "bootOptions.efiSecureBootEnabled",
    ],
    ["another firmware", "<firmware>uefi</firmware>", "firmware"],
    [
      "a negative boot delay",
      "<bootOptions><bootDelay>-1</bootDelay></bootOptions>",
      "bootOptions.bootDelay",
    ],
    [
      "a boot device that is not there",
      `<bootOptions>${bootable("Disk", 2000)}</bootOptions>`,
      "bootOptions.bootOrder",
    ],
    ["a drive that is not there", `<bootOptions>${bootable("Cdrom")}</bootOptions>`, "bootOptions.bootOrder"],
    ["an upgrade of the hardware", "<version>vmx-19</version>", "version"],
    [
      "an unknown Tools policy",
      "<tools><toolsUpgradePolicy>never</toolsUpgradePolicy></tools>",
      "tools.toolsUpgradePolicy",
    ],
    [
      "an unknown flag's value",
      "<flags><virtualExecUsage>on</virtualExecUsage></flags>",
      "flags.virtualExecUsage",
    ],
  ] as const)("refuse %s, and stay as they were", async ([, spec, property]) => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const before = await vmxOf(simulator, "a");
    expect(await reconfigure(client, vm, spec)).toMatchObject({
      fault: "InvalidArgument",
      message: `A specified parameter was not correct: configSpec.${property}`,
    });
    expect(await vmxOf(simulator, "a")).toEqual(before);
  });

  it("keep memory that is locked reserved in full, whatever its size", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    expect(
      await outcome(client, vm, "<memoryReservationLockedToMax>true</memoryReservationLockedToMax>"),
    ).toBe("");
    expect(await outcome(client, vm, "<memoryMB>128</memoryMB>")).toBe("");
    expect(simulator.vms()[0]?.config.memoryAllocation?.reservation).toBe(128);
    expect(await outcome(client, vm, allocation("memoryAllocation", "<reservation>64</reservation>"))).toBe(
      "InvalidArgument",
    );
  });
});

describe("the boot order", () => {
  it("has a place for all disks, one for all CD drives, and one for each adapter", async () => {
    const { simulator, client } = await startLab();
    const cd = add("VirtualCdrom", { controllerKey: 200, unitNumber: 0 });
    const nic = add("VirtualVmxnet3", { backing: onNetwork("VM Network") });
    const disks = newDisk(-1, 1024, "", 0) + newDisk(-1, 1024, "", 1);
    const vm = await createVm(client, "a", { tail: SCSI + disks + cd + nic });
    const order =
      bootable("Ethernet", 4000) + bootable("Disk", 2001) + bootable("Cdrom") + bootable("Disk", 2000);
    expect(await outcome(client, vm, `<bootOptions>${order}</bootOptions>`)).toBe("");
    expect(await vmxOf(simulator, "a")).toMatchObject({
      "bios.bootOrder": "ethernet0,hdd,cdrom",
      "bios.hddOrder": "scsi0:1,scsi0:0",
    });
    const shown = () => simulator.vms()[0]?.config.bootOptions?.bootOrder?.map((one) => ({ ...one }));
    expect(shown()).toEqual([
      { $type: "VirtualMachineBootOptionsBootableEthernetDevice", deviceKey: 4000 },
      { $type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: 2001 },
      { $type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: 2000 },
      { $type: "VirtualMachineBootOptionsBootableCdromDevice" },
    ]);
    const remove =
      '<deviceChange><operation>remove</operation><device xsi:type="VirtualVmxnet3"><key>4000</key></device></deviceChange>';
    expect(await outcome(client, vm, remove)).toBe("");
    expect(shown()?.[0]).toMatchObject({ deviceKey: 2001 });
  });

  it("is taken back by an entry of the general type alone", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: SCSI + newDisk(-1, 1024) });
    expect(await outcome(client, vm, `<bootOptions>${bootable("Disk", 2000)}</bootOptions>`)).toBe("");
    expect(await outcome(client, vm, `<bootOptions>${bootable("")}</bootOptions>`)).toBe("");
    expect(simulator.vms()[0]?.config.bootOptions?.bootOrder).toBeUndefined();
    const both = `<bootOptions>${bootable("")}${bootable("Disk", 2000)}</bootOptions>`;
    expect(await outcome(client, vm, both)).toBe("InvalidArgument");
  });

  it("is taken as the VM is made, of devices that the same spec has", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "a", {
      tail: `${SCSI}${newDisk(-1, 1024)}<bootOptions>${bootable("Disk", 2000)}</bootOptions>`,
    });
    expect((await vmxOf(simulator, "a"))["bios.hddOrder"]).toBe("scsi0:0");
  });

  it("opens the firmware's setup at one start only", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", {
      tail: "<bootOptions><enterBIOSSetup>true</enterBIOSSetup></bootOptions>",
    });
    expect(simulator.vms()[0]?.config.bootOptions?.enterBIOSSetup).toBe(true);
    await power(client, vm, "On");
    expect(simulator.vms()[0]?.config.bootOptions?.enterBIOSSetup).toBe(false);
  });
});

describe("a running VM", () => {
  it.for([
    ["<memoryHotAddEnabled>true</memoryHotAddEnabled>", "InvalidPowerState"],
    ["<cpuHotAddEnabled>true</cpuHotAddEnabled>", "InvalidPowerState"],
    ["<nestedHVEnabled>true</nestedHVEnabled>", "InvalidPowerState"],
    ["<firmware>efi</firmware>", "InvalidPowerState"],
    ["<guestId>dosGuest</guestId>", "InvalidPowerState"],
    ["<numCPUs>2</numCPUs>", "CpuHotPlugNotSupported"],
    ["<memoryMB>128</memoryMB>", "MemoryHotPlugNotSupported"],
  ] as const)("refuses %s", async ([spec, fault]) => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    await power(client, vm, "On");
    expect(await outcome(client, vm, spec)).toBe(fault);
  });

  it("takes CPUs and memory if it was told before, but gives no memory back", async () => {
    const { simulator, client } = await startLab();
    const flags = "<memoryHotAddEnabled>true</memoryHotAddEnabled><cpuHotAddEnabled>true</cpuHotAddEnabled>";
    const vm = await createVm(client, "a", { tail: flags });
    await power(client, vm, "On");
    expect(await outcome(client, vm, "<numCPUs>2</numCPUs><memoryMB>128</memoryMB>")).toBe("");
    expect(simulator.vms()[0]?.config.hardware).toMatchObject({ numCPU: 2, memoryMB: 128 });
    expect(await outcome(client, vm, "<memoryMB>64</memoryMB>")).toBe("MemoryHotPlugNotSupported");
    expect(await outcome(client, vm, "<numCPUs>1</numCPUs>")).toBe("CpuHotPlugNotSupported");
    expect(await outcome(client, vm, "<memoryMB>130</memoryMB>")).toBe("InvalidArgument");
  });

  it("takes shares, limits and reservations that the host has left", async () => {
    const { client } = await startLab();
    const big = await createVm(client, "big", {
      memoryMB: 200 * 1024,
      tail: allocation("memoryAllocation", "<reservation>204800</reservation>"),
    });
    const small = await createVm(client, "small", { memoryMB: 100 * 1024 });
    expect((await power(client, big, "On")).state).toBe("success");
    expect((await power(client, small, "On")).state).toBe("success");
    const reserve = (mb: number): string =>
      allocation("memoryAllocation", `<reservation>${mb}</reservation>`);
    expect(await outcome(client, small, reserve(50 * 1024))).toBe("");
    expect(await outcome(client, small, reserve(60 * 1024))).toBe("InsufficientMemoryResourcesFault");
  });
});

describe("a start", () => {
  it("fails for a reservation that the host has not left", async () => {
    const { simulator, client } = await startLab();
    const mhz = (count: number): string => allocation("cpuAllocation", `<reservation>${count}</reservation>`);
    const first = await createVm(client, "first", { numCPUs: 32, tail: mhz(60_000) });
    const second = await createVm(client, "second", { numCPUs: 32, tail: mhz(7_041) });
    expect((await power(client, first, "On")).state).toBe("success");
    const end = await power(client, second, "On");
    expect(end).toMatchObject({
      fault: "InsufficientCpuResourcesFault",
      message: "The available CPU resources in the parent resource pool are insufficient for the operation.",
    });
    expect(end.text).toContain("<unreserved>7040</unreserved><requested>7041</requested>");
    expect(simulator.vms()[1]?.powerState).toBe("poweredOff");
  });

  it("fails with more CPUs than the host has", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { numCPUs: 65 });
    expect((await power(client, vm, "On")).fault).toBe("NotEnoughLogicalCpus");
  });

  it("fails with memory that is no multiple of 4 MB", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { memoryMB: 66 });
    expect(await power(client, vm, "On")).toMatchObject({
      fault: "GenericVmConfigFault",
      message: expect.stringContaining("66 MB"),
    });
  });
});

describe("UpgradeVM_Task", () => {
  it("goes up to a version that the host has, of a VM that is off", async () => {
    const { simulator, client } = await startLab();
    const config = configSpec("a").replace("<guestId>", "<version>vmx-14</version><guestId>");
    const vm = `VirtualMachine:${(await client.task("CreateVM_Task", VM_FOLDER, config + POOL)).result}`;
    const upgrade = (version?: string) =>
      client.task("UpgradeVM_Task", vm, version === undefined ? "" : `<version>${version}</version>`);
    expect((await upgrade("vmx-99")).fault).toBe("VirtualHardwareVersionNotSupported");
    expect((await upgrade("nonsense")).fault).toBe("VirtualHardwareVersionNotSupported");
    expect((await upgrade("vmx-13")).fault).toBe("AlreadyUpgraded");
    expect((await upgrade("vmx-19")).state).toBe("success");
    expect(simulator.vms()[0]?.config.version).toBe("vmx-19");
    await power(client, vm, "On");
    expect((await upgrade()).fault).toBe("InvalidPowerState");
    await power(client, vm, "Off");
    expect((await upgrade()).state).toBe("success");
    expect(simulator.vms()[0]?.config.version).toBe("vmx-21");
    expect((await upgrade()).fault).toBe("AlreadyUpgraded");
  });
});
