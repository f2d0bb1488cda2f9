import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import { need } from "../../support/prerequisites.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { Govc } from "./govc.ts";

interface Setup {
  readonly host: SimulatedHost;
  readonly govc: Govc;
}

/** A host with one VM, made by govc from nothing. */
async function start(context: TestContext): Promise<Setup> {
  const program = await need(context, "TEST_GOVC");
  const host = await SimulatedHost.start();
  onTestFinished(() => host.stop());
  const govc = await Govc.open(program, host, host.password);
  onTestFinished(() => govc.close());
  const hardware = [
    "-c=2",
    "-m=256",
    "-g=dosGuest",
    "-disk=16MB",
    "-disk.controller=pvscsi",
    "-net=VM Network",
  ];
  await govc.run("vm.create", "-on=false", ...hardware, "-net.adapter=e1000e", "-firmware=efi", "scratch");
  return { host, govc };
}

const typesOf = (host: SimulatedHost): (string | undefined)[] =>
  (host.vm("scratch").config.hardware.device ?? []).map((device) =>
    "$type" in device ? String(device.$type) : "",
  );

describe("govc and hardware", () => {
  test("vm.create makes a VM from nothing, of the kinds that were asked for", async (context) => {
    const { host, govc } = await start(context);
    await host.expectVms("scratch: poweredOff");
    expect(typesOf(host)).toEqual(
      expect.arrayContaining(["ParaVirtualSCSIController", "VirtualDisk", "VirtualE1000e"]),
    );
    expect(host.vm("scratch").config).toMatchObject({
      guestId: "dosGuest",
      firmware: "efi",
      hardware: { numCPU: 2, memoryMB: 256 },
    });
    expect(await govc.run("vm.info", "scratch")).toContain("Microsoft MS-DOS");
  });

  test("device.*.add adds controllers, drives and ports; device.boot orders them", async (context) => {
    const { host, govc } = await start(context);
    expect(await govc.run("device.scsi.add", "-vm", "scratch", "-type", "lsilogic-sas")).toBe(
      "lsilogic-sas-1001",
    );
    expect(await govc.run("device.sata.add", "-vm", "scratch")).toBe("ahci-15000");
    expect(await govc.run("device.cdrom.add", "-vm", "scratch")).toBe("cdrom-3000");
    expect(await govc.run("device.floppy.add", "-vm", "scratch")).toBe("floppy-8000");
    expect(await govc.run("device.serial.add", "-vm", "scratch")).toBe("serialport-9000");
    await govc.run("device.serial.connect", "-vm", "scratch", "-device", "serialport-9000", "telnet://:3000");
    await govc.run(
      "device.boot",
      "-vm",
      "scratch",
      "-order",
      "cdrom,disk,ethernet",
      "-delay",
      "1000",
      "-setup",
    );
    expect(host.vm("scratch").config.bootOptions).toMatchObject({
      bootDelay: 1000,
      enterBIOSSetup: true,
      bootOrder: [{}, { deviceKey: 2000 }, { deviceKey: 4000 }],
    });
    await govc.run("device.boot", "-vm", "scratch", "-order", "-");
    expect(host.vm("scratch").config.bootOptions?.bootOrder).toBeUndefined();
    await govc.run("device.remove", "-vm", "scratch", "floppy-8000");
    expect(typesOf(host)).not.toContain("VirtualFloppy");
  });

  test("vm.change sets limits, reservations, shares and hot plugging, which then works", async (context) => {
    const { host, govc } = await start(context);
    const cpu = ["-cpu.limit", "2000", "-cpu.reservation", "100", "-cpu.shares", "high"];
    const memory = ["-mem.limit", "-1", "-mem.reservation", "64", "-mem.shares", "low"];
    const hot = ["-cpu-hot-add-enabled=true", "-memory-hot-add-enabled=true", "-nested-hv-enabled=true"];
    await govc.run("vm.change", "-vm", "scratch", ...cpu, ...memory, ...hot, "-sync-time-with-host=true");
    expect(host.vm("scratch").config).toMatchObject({
      cpuAllocation: { limit: 2000, reservation: 100, shares: { level: "high", shares: 4000 } },
      memoryAllocation: { limit: -1, reservation: 64, shares: { level: "low", shares: 1280 } },
      nestedHVEnabled: true,
      tools: { syncTimeWithHost: true },
    });
    await govc.run("vm.power", "-on", "scratch");
    await govc.run("vm.change", "-vm", "scratch", "-c", "4", "-m", "512");
    expect(host.vm("scratch").config.hardware).toMatchObject({ numCPU: 4, memoryMB: 512 });
    const refused = await govc.try("vm.change", "-vm", "scratch", "-nested-hv-enabled=false");
    expect(refused.stderr).toContain("current state (Powered on)");
  });

  test("disks and adapters change while the VM runs; a drive cannot be pulled out", async (context) => {
    const { host, govc } = await start(context);
    await govc.run("device.cdrom.add", "-vm", "scratch");
    await govc.run("vm.power", "-on", "scratch");
    await govc.run("vm.disk.create", "-vm", "scratch", "-name", "scratch/data", "-size", "32MB");
    await govc.run("vm.disk.change", "-vm", "scratch", "-disk.label", "Hard disk 2", "-size", "64MB");
    await govc.run("vm.network.add", "-vm", "scratch", "-net", "lab-net", "-net.adapter", "vmxnet3");
    await govc.run("vm.network.change", "-vm", "scratch", "-net", "lab-net", "ethernet-0");
    await govc.run("device.disconnect", "-vm", "scratch", "ethernet-0");
    expect(await govc.run("device.info", "-vm", "scratch", "ethernet-0")).toMatch(/Connected: +false/);
    await govc.run("device.connect", "-vm", "scratch", "ethernet-0");
    expect(await govc.run("device.info", "-vm", "scratch", "ethernet-0")).toMatch(/Connected: +true/);
    expect((await govc.try("device.remove", "-vm", "scratch", "cdrom-3000")).stderr).toContain("Powered on");
    expect(host.diskPaths("scratch")).toContain("[datastore1] scratch/data.vmdk");
  });

  test("vm.option.ls, vm.option.info and vm.upgrade", async (context) => {
    const { govc } = await start(context);
    expect(await govc.run("vm.option.ls")).toContain("vmx-21");
    expect(await govc.run("vm.option.info", "dosGuest")).toContain("Microsoft MS-DOS");
    const upgrade = await govc.run("vm.upgrade", "-vm", "scratch").catch((error: unknown) => String(error));
    expect(upgrade).toContain("already up-to-date");
  });

  test("snapshot.create, tree, revert and remove", async (context) => {
    const { govc } = await start(context);
    await govc.run("snapshot.create", "-vm", "scratch", "s1");
    await govc.run("vm.change", "-vm", "scratch", "-m", "512");
    await govc.run("snapshot.create", "-vm", "scratch", "-m=false", "s2");
    expect(await govc.run("snapshot.tree", "-vm", "scratch")).toMatch(/s1[\s\S]*s2/);
    const grow = await govc.try(
      "vm.disk.change",
      "-vm",
      "scratch",
      "-disk.label",
      "Hard disk 1",
      "-size",
      "128MB",
    );
    expect(grow.code).not.toBe(0);
    await govc.run("snapshot.revert", "-vm", "scratch", "s1");
    expect(await govc.run("vm.info", "scratch")).toMatch(/Memory: +256MB/);
    await govc.run("snapshot.remove", "-vm", "scratch", "*");
    expect(await govc.run("snapshot.tree", "-vm", "scratch")).toBe("");
  });

  test("host.autostart.* lists what starts with the host", async (context) => {
    const { host, govc } = await start(context);
    await govc.run("host.autostart.configure", "-enabled=true", "-start-delay", "3");
    await govc.run("host.autostart.add", "-start-order", "1", "scratch");
    expect(await govc.run("host.autostart.info")).toMatch(/scratch +powerOn +-1 +1 /);
    expect(await host.simulator.behindBack.reboot()).toEqual(["1"]);
    await host.expectVms("scratch: poweredOn");
    await govc.run("host.autostart.remove", "scratch");
    expect(await host.simulator.behindBack.reboot()).toEqual([]);
  });
});
