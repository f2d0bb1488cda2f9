import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { macAddressesOf } from "../../support/mac-addresses.ts";
import { configSpec, createVm, disk, nic, POOL, SCSI, startLab } from "../host/lab.ts";
import { allTexts, firstText, VM_FOLDER } from "../host/raw-client.ts";

describe("CreateVM_Task", () => {
  it("makes a folder with a .vmx and the disks", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "alpha", { tail: SCSI + disk(2048) + nic() });
    expect(await simulator.files("datastore1")).toEqual([
      "alpha/",
      "alpha/alpha-flat.vmdk",
      "alpha/alpha.vmdk",
      "alpha/alpha.vmsd",
      "alpha/alpha.vmx",
    ]);
    expect(await client.value(vm, "config.files.vmPathName")).toBe("[datastore1] alpha/alpha.vmx");
    expect((await readFile(simulator.diskFile("[datastore1] alpha/alpha.vmdk"))).byteLength).toBe(
      2048 * 1024,
    );
    const config = simulator.vms()[0]?.config;
    expect(config?.uuid).toMatch(/^564d/);
    expect(config?.instanceUuid).toMatch(/^52/);
    expect(config?.version).toBe("vmx-21");
  });

  it("takes another folder where one of the VM's name is left over", async () => {
    const { simulator, client } = await startLab();
    await client.ok("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore1] alpha</name>");
    await createVm(client, "alpha");
    expect(simulator.vms()[0]?.vmxPath).toBe("[datastore1] alpha_1/alpha.vmx");
  });

  it("refuses a name that is taken, and leaves no file", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "alpha");
    const before = await simulator.files("datastore1");
    const end = await client.task("CreateVM_Task", VM_FOLDER, configSpec("alpha") + POOL);
    expect(end).toMatchObject({ fault: "DuplicateName", message: "The name 'alpha' already exists." });
    expect(await simulator.files("datastore1")).toEqual(before);
  });

  it("refuses a name of more than 80 characters, counted as it is escaped", async () => {
    const { client } = await startLab();
    const spec = (name: string): string => configSpec(name) + POOL;
    expect((await client.task("CreateVM_Task", VM_FOLDER, spec("x".repeat(81)))).fault).toBe("InvalidName");
    expect((await client.task("CreateVM_Task", VM_FOLDER, spec("/".repeat(27)))).fault).toBe("InvalidName");
    expect((await client.task("CreateVM_Task", VM_FOLDER, spec("/".repeat(26)))).state).toBe("success");
  });

  it("removes what it made when a device is wrong", async () => {
    const { simulator, client } = await startLab();
    const spec = configSpec("alpha", { tail: SCSI + disk(2048) + nic("no such network") });
    const end = await client.task("CreateVM_Task", VM_FOLDER, spec + POOL);
    expect(end).toMatchObject({
      fault: "InvalidDeviceBacking",
      message: "Incompatible device backing specified for device '2'.",
    });
    expect(await simulator.files("datastore1")).toEqual([]);
    expect(simulator.vms()).toEqual([]);
  });

  it("refuses a disk that does not fit", async () => {
    const { simulator, client } = await startLab({
      datastores: [{ name: "datastore1", capacityBytes: 1024 * 1024 }],
    });
    const thick = disk(4096).replace("<thinProvisioned>true", "<thinProvisioned>false");
    const end = await client.task(
      "CreateVM_Task",
      VM_FOLDER,
      configSpec("alpha", { tail: SCSI + thick }) + POOL,
    );
    expect(end).toMatchObject({
      fault: "NoDiskSpace",
      message: "Insufficient disk space on datastore 'datastore1'.",
    });
    expect(await simulator.files("datastore1")).toEqual([]);
  });

  it("gives every adapter its own MAC address", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "a", { tail: nic() + nic("lab-net") });
    await createVm(client, "b", { tail: nic() });
    const macs = simulator.vms().flatMap(macAddressesOf);
    expect(new Set(macs).size).toBe(3);
    for (const mac of macs) expect(mac).toMatch(/^00:0c:29:/);
  });
});

describe("the .vmx", () => {
  it("quotes what would end a value", async () => {
    const { simulator, client } = await startLab();
    const folder = simulatorFolder(simulator.diskFile("[datastore1] alpha/alpha.vmdk"));
    const vm = await createVm(client, "alpha", {
      head: '<guestId>otherLinux64Guest</guestId><annotation>say "hi" | bye\nnow</annotation>',
    });
    const text = await readFile(join(folder, "alpha.vmx"), "utf8");
    expect(text).toContain('annotation = "say |22hi|22 |7C bye|0Anow"');
    expect(text).toContain('guestOS = "otherlinux-64"');
    expect(text).toContain('memSize = "64"');
    expect(firstText(await client.read(vm, "config.annotation"), "val")).toBe('say "hi" | bye\nnow');
  });
});

function simulatorFolder(diskFile: string): string {
  return diskFile.slice(0, diskFile.lastIndexOf("/"));
}

describe("ReconfigVM_Task", () => {
  it("changes size and annotation of a VM that is off", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    const spec =
      "<spec><annotation>new</annotation><numCPUs>4</numCPUs><numCoresPerSocket>2</numCoresPerSocket><memoryMB>512</memoryMB></spec>";
    expect((await client.task("ReconfigVM_Task", vm, spec)).state).toBe("success");
    expect(await client.value(vm, "config.hardware.numCPU")).toBe("4");
    expect(await client.value(vm, "config.hardware.numCoresPerSocket")).toBe("2");
    expect(await client.value(vm, "summary.config.memorySizeMB")).toBe("512");
    expect(await client.value(vm, "config.annotation")).toBe("new");
  });

  it("sets, changes and removes extraConfig, and keeps its hands off what has a property of its own", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    const set = (key: string, value: string): Promise<unknown> =>
      client.task(
        "ReconfigVM_Task",
        vm,
        `<spec><extraConfig><key>${key}</key><value xsi:type="xsd:string">${value}</value></extraConfig></spec>`,
      );
    await set("guestinfo.a", "1");
    await set("guestinfo.b", "2");
    await set("GuestInfo.A", "3");
    await set("guestinfo.b", "");
    await set("displayName", "taken over");
    expect(await client.value(vm, 'config.extraConfig["guestinfo.a"].value')).toBe("3");
    expect(await client.value(vm, 'config.extraConfig["guestinfo.b"].value')).toBeUndefined();
    expect(await client.value(vm, "name")).toBe("a");
  });

  it.each([
    [
      "<numCPUs>2</numCPUs>",
      "CpuHotPlugNotSupported",
      "CPU hot plug is not supported for this virtual machine.",
    ],
    [
      "<memoryMB>128</memoryMB>",
      "MemoryHotPlugNotSupported",
      "Memory hot plug is not supported for this virtual machine.",
    ],
    [
      "<firmware>efi</firmware>",
      "InvalidPowerState",
      "The attempted operation cannot be performed in the current state (Powered on).",
    ],
  ])("refuses %s while the VM runs", async (change, fault, message) => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    await client.task("PowerOnVM_Task", vm);
    expect(await client.task("ReconfigVM_Task", vm, `<spec>${change}</spec>`)).toMatchObject({
      fault,
      message,
    });
    expect(await client.value(vm, "config.hardware.numCPU")).toBe("1");
  });

  it("adds memory and CPUs to a running VM that allows it, and takes none away", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", {
      tail: "<memoryHotAddEnabled>true</memoryHotAddEnabled><cpuHotAddEnabled>true</cpuHotAddEnabled>",
    });
    await client.task("PowerOnVM_Task", vm);
    expect(
      (await client.task("ReconfigVM_Task", vm, "<spec><numCPUs>2</numCPUs><memoryMB>128</memoryMB></spec>"))
        .state,
    ).toBe("success");
    expect((await client.task("ReconfigVM_Task", vm, "<spec><memoryMB>64</memoryMB></spec>")).fault).toBe(
      "MemoryHotPlugNotSupported",
    );
    expect((await client.task("ReconfigVM_Task", vm, "<spec><numCPUs>1</numCPUs></spec>")).fault).toBe(
      "CpuHotPlugNotSupported",
    );
  });

  it("changes nothing if one part is wrong", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const files = await simulator.files("datastore1");
    const end = await client.task(
      "ReconfigVM_Task",
      vm,
      `<spec><memoryMB>128</memoryMB>${SCSI}${disk(1024)}${nic("nowhere")}</spec>`,
    );
    expect(end.fault).toBe("InvalidDeviceBacking");
    expect(await client.value(vm, "config.hardware.memoryMB")).toBe("64");
    expect(await simulator.files("datastore1")).toEqual(files);
  });

  it("refuses a change that was made on an older configuration", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    const version = await client.value(vm, "config.changeVersion");
    const spec = `<spec><changeVersion>${version}</changeVersion><annotation>x</annotation></spec>`;
    expect((await client.task("ReconfigVM_Task", vm, spec)).state).toBe("success");
    expect((await client.task("ReconfigVM_Task", vm, spec)).fault).toBe("ConcurrentAccess");
  });

  it("grows a disk, and refuses to shrink it", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: SCSI + disk(1024) });
    const size = (kb: number): string =>
      `<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualDisk"><key>2000</key><capacityInKB>${kb}</capacityInKB></device></deviceChange></spec>`;
    expect((await client.task("ReconfigVM_Task", vm, size(4096))).state).toBe("success");
    expect((await readFile(simulator.diskFile("[datastore1] a/a.vmdk"))).byteLength).toBe(4096 * 1024);
    expect((await client.task("ReconfigVM_Task", vm, size(1024))).fault).toBe("InvalidDeviceSpec");
  });
});

describe("power", () => {
  it("starts the guest, which reports addresses a moment later", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: nic("lab-net") });
    expect((await client.task("PowerOnVM_Task", vm)).state).toBe("success");
    expect(await client.value(vm, "runtime.powerState")).toBe("poweredOn");
    await expect.poll(() => client.value(vm, "guest.ipAddress")).toMatch(/^10\.118\.\d+\.\d+$/);
    const net = await client.read(vm, "guest.net");
    expect(firstText(net, "network")).toBe("lab-net");
    expect(allTexts(net, "ipAddress")[1]).toMatch(/^fe80::/);
    expect(await client.value(vm, "guest.toolsRunningStatus")).toBe("guestToolsRunning");
    expect(await simulator.files("datastore1")).toContain("a/a.nvram");
    await client.ok("ShutdownGuest", vm);
    await expect.poll(() => client.value(vm, "runtime.powerState")).toBe("poweredOff");
    expect(await client.value(vm, "guest.ipAddress")).toBeUndefined();
  });

  it("has no Tools to ask in a VM without network", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    await client.task("PowerOnVM_Task", vm);
    expect((await client.call("ShutdownGuest", vm)).fault).toBe("ToolsUnavailable");
  });

  it.each([
    ["PowerOffVM_Task", false, "Powered off"],
    ["PowerOnVM_Task", true, "Powered on"],
    ["Destroy_Task", true, "Powered on"],
  ])("refuses %s in the wrong state", async (method, on, state) => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    if (on) await client.task("PowerOnVM_Task", vm);
    expect(await client.task(method, vm)).toMatchObject({
      fault: "InvalidPowerState",
      message: `The attempted operation cannot be performed in the current state (${state}).`,
    });
  });

  it("refuses to start with a memory size that is no multiple of 4 MB", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { memoryMB: 66 });
    const end = await client.task("PowerOnVM_Task", vm);
    expect(end.fault).toBe("GenericVmConfigFault");
    expect(end.message).toContain("should be a multiple of 4 MB");
  });

  it("refuses to start with a static MAC address that VMware keeps for itself", async () => {
    const { client } = await startLab();
    const manual = nic().replace(
      "</backing>",
      "</backing><addressType>manual</addressType><macAddress>00:50:56:40:00:01</macAddress>",
    );
    const vm = await createVm(client, "a", { tail: manual });
    expect((await client.task("PowerOnVM_Task", vm)).message).toContain(
      "is not an allowed static Ethernet address",
    );
  });

  it("refuses to start with a disk that another running VM holds", async () => {
    const { client } = await startLab();
    const first = await createVm(client, "a", { tail: SCSI + disk(1024) });
    const attach = disk(1024, "[datastore1] a/a.vmdk").replace("<fileOperation>create</fileOperation>", "");
    const second = await createVm(client, "b", { tail: SCSI + attach });
    expect((await client.task("PowerOnVM_Task", first)).state).toBe("success");
    expect(await client.task("PowerOnVM_Task", second)).toMatchObject({
      fault: "FileLocked",
      message: "Unable to access file [datastore1] a/a.vmdk since it is locked",
    });
  });
});

describe("tasks", () => {
  it("let one VM be worked on by one task at a time", async () => {
    const { client } = await startLab({ taskDurationMs: 200 });
    const vm = await createVm(client, "a");
    const task = firstText(await client.ok("PowerOnVM_Task", vm), "returnval");
    const refused = await client.call("ReconfigVM_Task", vm, "<spec><annotation>x</annotation></spec>");
    expect(refused.fault).toBe("TaskInProgress");
    expect(refused.text).toContain(`<task type="Task">${task}</task>`);
    expect((await client.taskEnd(task)).state).toBe("success");
    expect((await client.task("PowerOffVM_Task", vm)).state).toBe("success");
  });

  it("are forgotten after a while", async () => {
    const { simulator, client } = await startLab({ taskRetentionSeconds: 0.05 });
    const vm = await createVm(client, "a");
    const task = firstText(await client.ok("PowerOnVM_Task", vm), "returnval");
    await expect
      .poll(async () => (await client.call("Fetch", `Task:${task}`, "<prop>info</prop>")).fault)
      .toBe("ManagedObjectNotFound");
    expect(simulator.vms()[0]?.powerState).toBe("poweredOn");
  });
});

describe("going away", () => {
  it("Destroy_Task removes files and disks, and the folder with them", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: SCSI + disk(1024) });
    expect((await client.task("Destroy_Task", vm)).state).toBe("success");
    expect(await simulator.files("datastore1")).toEqual([]);
    expect((await client.call("PowerOnVM_Task", vm)).fault).toBe("ManagedObjectNotFound");
  });

  it("Destroy_Task leaves an attached ISO and what else is in the folder", async () => {
    const { simulator, client } = await startLab();
    await client.ok("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore1] iso</name>");
    await client.http("PUT", "/folder/iso/a.iso?dcPath=ha-datacenter&dsName=datastore1", "image");
    const drive =
      '<deviceChange><operation>add</operation><device xsi:type="VirtualCdrom"><key>-9</key><backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>[datastore1] iso/a.iso</fileName></backing>' +
      "<controllerKey>200</controllerKey><unitNumber>0</unitNumber></device></deviceChange>";
    const vm = await createVm(client, "a", { tail: drive });
    await client.http("PUT", "/folder/a/notes.txt?dcPath=ha-datacenter&dsName=datastore1", "mine");
    await client.task("Destroy_Task", vm);
    expect(await simulator.files("datastore1")).toEqual(["a/", "a/notes.txt", "iso/", "iso/a.iso"]);
  });

  it("UnregisterVM leaves the files, and RegisterVM_Task brings the VM back as it was", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { memoryMB: 128, tail: SCSI + disk(1024) + nic() });
    const before = simulator.vms()[0];
    const files = await simulator.files("datastore1");
    await client.ok("UnregisterVM", vm);
    expect(simulator.vms()).toEqual([]);
    expect(await simulator.files("datastore1")).toEqual(files);
    const end = await client.task(
      "RegisterVM_Task",
      VM_FOLDER,
      `<path>[datastore1] a/a.vmx</path><asTemplate>false</asTemplate>${POOL}`,
    );
    expect(end.state).toBe("success");
    const after = simulator.vms()[0];
    expect(after?.instanceUuid).toBe(before?.instanceUuid);
    expect(after?.config.hardware.device).toEqual(before?.config.hardware.device);
  });

  it("Rename_Task does not move the files", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    expect((await client.task("Rename_Task", vm, "<newName>b</newName>")).state).toBe("success");
    expect(simulator.vms()[0]).toMatchObject({ name: "b", vmxPath: "[datastore1] a/a.vmx" });
  });
});
