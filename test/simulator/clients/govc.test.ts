import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { need } from "../../support/prerequisites.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { Govc } from "./govc.ts";

interface Setup {
  readonly host: SimulatedHost;
  readonly govc: Govc;
}

async function start(context: TestContext, options: Partial<SimulatorOptions> = {}): Promise<Setup> {
  const program = await need(context, "TEST_GOVC");
  const host = await SimulatedHost.start(options);
  onTestFinished(() => host.stop());
  return { host, govc: await open(program, host, host.password) };
}

async function open(program: string, host: SimulatedHost, password: string, thumbprint?: string) {
  const govc = await Govc.open(program, host, password, thumbprint);
  onTestFinished(() => govc.close());
  return govc;
}

/** A host with one VM, imported by govc. */
async function startWithVm(context: TestContext): Promise<Setup> {
  const setup = await start(context);
  await setup.govc.run("import.ova", "-name", "alpha", tinyOva.path);
  return setup;
}

describe("govc looks at the host", () => {
  test("about", async (context) => {
    const { govc } = await start(context, { apiVersion: "7.0.3.0" });
    const about = await govc.run("about");
    expect(about).toMatch(/^API type: +HostAgent$/m);
    expect(about).toMatch(/^API version: +7\.0\.3\.0$/m);
    expect(about).toMatch(/^Product ID: +embeddedEsx$/m);
  });

  test("ls", async (context) => {
    const { govc } = await start(context, { networks: ["VM Network", "lab-net"] });
    expect(await govc.lines("ls")).toEqual([
      "/ha-datacenter/datastore",
      "/ha-datacenter/host",
      "/ha-datacenter/network",
      "/ha-datacenter/vm",
    ]);
    expect(await govc.lines("ls", "network")).toEqual([
      "/ha-datacenter/network/VM Network",
      "/ha-datacenter/network/lab-net",
    ]);
    expect(await govc.lines("find", "-type", "p")).toEqual([
      "/ha-datacenter/host/localhost.localdomain/Resources",
    ]);
    expect(await govc.run("ls", "vm")).toBe("");
  });

  test("datastore.info", async (context) => {
    const capacityBytes = 40 * 1024 ** 3;
    const { govc } = await start(context, { datastores: [{ name: "datastore1", capacityBytes }] });
    const info = await govc.run("datastore.info");
    expect(info).toMatch(/^Name: +datastore1$/m);
    expect(info).toMatch(/^ +Type: +VMFS$/m);
    expect(info).toMatch(/^ +Capacity: +40\.0 GB$/m);
  });

  test("host.info", async (context) => {
    const { govc } = await start(context);
    const info = await govc.run("host.info");
    expect(info).toMatch(/^Name: +localhost\.localdomain$/m);
    expect(info).toMatch(/^ +State: +connected$/m);
  });

  test("session.ls shows its own session, and none stays behind", async (context) => {
    const { host, govc } = await start(context);
    expect(await govc.run("session.ls")).toMatch(/ root .* govc\//);
    await host.expectEmpty();
  });
});

describe("govc works with VMs", () => {
  test("import.ova puts every byte of the disk onto the datastore", async (context) => {
    const { host } = await startWithVm(context);
    expect(await host.rawDisk("alpha")).toBe(tinyOva.rawSha256);
    await host.expectVms("alpha: poweredOff");
  });

  test.for(["6.5", "6.7", "7.0.3.0", "9.0.0.0"])(
    "import.ova and power against API %s",
    async (apiVersion, context) => {
      const { host, govc } = await start(context, { apiVersion });
      await govc.run("import.ova", "-name", "alpha", tinyOva.path);
      await govc.run("vm.power", "-on", "alpha");
      await host.expectVms("alpha: poweredOn");
      expect(await govc.run("vm.info", "alpha")).toContain("alpha");
    },
  );

  test("import.ova with options maps the network and thins the disk", async (context) => {
    const { host, govc } = await start(context, { networks: ["VM Network", "lab-net"] });
    const folder = await temporaryFolder();
    onTestFinished(() => folder.remove());
    const options = await folder.write(
      "options.json",
      JSON.stringify({
        Name: "beta",
        DiskProvisioning: "thin",
        NetworkMapping: [{ Name: "VM Network", Network: "lab-net" }],
        PropertyMapping: [{ Key: "hostname", Value: "beta" }],
        PowerOn: true,
      }),
    );
    await govc.run("import.ova", "-options", options, tinyOva.path);
    await host.expectVms("beta: poweredOn");
    const devices = host.vm("beta").config.hardware.device ?? [];
    const backings = devices.map((device) => device.backing);
    expect(backings).toContainEqual(expect.objectContaining({ deviceName: "lab-net" }));
    expect(backings).toContainEqual(expect.objectContaining({ thinProvisioned: true }));
  });

  test("import.ova of a name that is taken leaves the VM alone", async (context) => {
    const { host, govc } = await startWithVm(context);
    const before = host.vm("alpha").instanceUuid;
    const { code, stderr } = await govc.try("import.ova", "-name", "alpha", tinyOva.path);
    expect(code).toBe(1);
    expect(stderr).toContain("alpha");
    expect(host.vm("alpha").instanceUuid).toBe(before);
    await host.expectVms("alpha: poweredOff");
  });

  test("vm.power, vm.ip and vm.info", async (context) => {
    const { host, govc } = await startWithVm(context);
    await govc.run("vm.power", "-on", "alpha");
    await host.expectVms("alpha: poweredOn");
    const address = await govc.run("vm.ip", "-wait", "20s", "alpha");
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    const info = await govc.run("vm.info", "alpha");
    expect(info).toMatch(/^ +Power state: +poweredOn$/m);
    expect(info).toMatch(/^ +Memory: +128MB$/m);
    expect(info).toContain(`IP address:   ${address}`);
    expect(info).toContain(host.vm("alpha").uuid);
    expect((await govc.try("vm.power", "-on", "alpha")).stderr).toContain("(Powered on)");
    await govc.run("vm.power", "-off", "alpha");
    await host.expectVms("alpha: poweredOff");
  });

  test("vm.change sets memory, CPUs, annotation and advanced settings", async (context) => {
    const { host, govc } = await startWithVm(context);
    const change = ["-m", "256", "-c", "2", "-annotation", "lab & <more>", "-e", "guestinfo.role=a b"];
    await govc.run("vm.change", "-vm", "alpha", ...change);
    const { config } = host.vm("alpha");
    expect(config.hardware).toMatchObject({ memoryMB: 256, numCPU: 2 });
    expect(config.annotation).toBe("lab & <more>");
    expect(config.extraConfig).toContainEqual(
      expect.objectContaining({ key: "guestinfo.role", value: "a b" }),
    );
    expect(await govc.run("vm.info", "-e", "alpha")).toMatch(/guestinfo\.role: +a b/);
    expect(await govc.run("object.collect", "-s", "vm/alpha", "config.annotation")).toBe("lab & <more>");
  });

  test("device.ls names every device", async (context) => {
    const { govc } = await startWithVm(context);
    const devices = await govc.run("device.ls", "-vm", "alpha");
    expect(devices).toMatch(/^lsilogic-1000 +VirtualLsiLogicController /m);
    expect(devices).toMatch(/^disk-1000-0 +VirtualDisk /m);
    expect(devices).toMatch(/^ethernet-0 +VirtualVmxnet3 +VM Network$/m);
  });

  test("vm.disk.create adds a disk to a VM", async (context) => {
    const { host, govc } = await startWithVm(context);
    await govc.run("vm.disk.create", "-vm", "alpha", "-name", "alpha/data", "-size", "20M");
    expect(host.diskPaths("alpha")).toEqual([
      "[datastore1] alpha/alpha.vmdk",
      "[datastore1] alpha/data.vmdk",
    ]);
  });

  test("object.rename renames the VM and leaves its files where they are", async (context) => {
    const { host, govc } = await startWithVm(context);
    await govc.run("object.rename", "vm/alpha", "omega");
    expect(host.vm("omega").vmxPath).toBe("[datastore1] alpha/alpha.vmx");
  });

  test("tasks lists what was done", async (context) => {
    const { govc } = await startWithVm(context);
    await govc.run("vm.power", "-on", "alpha");
    const tasks = await govc.run("tasks");
    expect(tasks).toMatch(/PowerOnVM_Task|powerOn/i);
    expect(tasks).toContain("success");
  });

  test("vm.destroy takes a running VM and everything of it away", async (context) => {
    const { host, govc } = await startWithVm(context);
    await govc.run("vm.power", "-on", "alpha");
    await govc.run("vm.destroy", "alpha");
    await host.expectEmpty();
    expect(await govc.run("ls", "vm")).toBe("");
    expect(await govc.run("datastore.ls")).toBe("");
  });

  test("vm.clone is refused: no vCenter", async (context) => {
    const { host, govc } = await startWithVm(context);
    const { code, stderr } = await govc.try("vm.clone", "-vm", "alpha", "-on=false", "copy");
    expect(code).toBe(1);
    expect(stderr).toContain("The operation is not supported on the object.");
    await host.expectVms("alpha: poweredOff");
  });
});

describe("govc works with datastores", () => {
  test("datastore.ls, mkdir, upload, download and rm", async (context) => {
    const { host, govc } = await start(context);
    const folder = await temporaryFolder();
    onTestFinished(() => folder.remove());
    const [sent, received] = [join(folder.path, "sent"), join(folder.path, "received")];
    await writeFile(sent, "an ISO, say\n");
    await govc.run("datastore.mkdir", "-p", "iso/linux");
    await govc.run("datastore.upload", sent, "iso/linux/a file+more.iso");
    expect(await govc.lines("datastore.ls", "iso/linux")).toEqual(["a file+more.iso"]);
    await govc.run("datastore.download", "iso/linux/a file+more.iso", received);
    expect(await readFile(received, "utf8")).toBe("an ISO, say\n");
    await govc.run("datastore.rm", "iso");
    await host.expectEmpty();
  });

  test("datastore.ls shows an imported VM's files", async (context) => {
    const { govc } = await startWithVm(context);
    expect(await govc.lines("datastore.ls", "alpha")).toEqual(
      expect.arrayContaining(["alpha.vmdk", "alpha.vmx"]),
    );
    expect(await govc.run("datastore.ls", "-l", "alpha/alpha.vmdk")).toMatch(/^8\.0MB .* alpha\.vmdk$/);
  });
});

describe("govc is refused", () => {
  test("with a wrong password", async (context) => {
    const { host } = await start(context);
    const govc = await open(await need(context, "TEST_GOVC"), host, "not the password");
    const { code, stderr } = await govc.try("ls");
    expect(code).toBe(1);
    expect(stderr).toContain("Cannot complete login due to an incorrect user name or password.");
    await host.expectEmpty();
  });

  test("by its own known hosts, when the certificate is another", async (context) => {
    const { host } = await start(context);
    const program = await need(context, "TEST_GOVC");
    const right = await open(program, host, host.password, host.thumbprint);
    expect(await right.run("ls")).toContain("/ha-datacenter/vm");
    const before = host.count();
    const wrong = await open(program, host, host.password, host.thumbprint.split(":").reverse().join(":"));
    const { code, stderr } = await wrong.try("ls");
    expect(code).toBe(1);
    expect(stderr).toContain("thumbprint does not match");
    expect(host.count()).toBe(before);
  });

  test("every write on a free licence, while reading works", async (context) => {
    const { host, govc } = await start(context, { license: "free" });
    expect(await govc.run("about")).toContain("HostAgent");
    const { code, stderr } = await govc.try("import.ova", "-name", "alpha", tinyOva.path);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "Current license or ESXi version prohibits execution of the requested operation.",
    );
    await host.expectEmpty();
  });
});

describe("govc works with the host", () => {
  test("host.vswitch and host.portgroup", async (context) => {
    const { govc } = await start(context, { networks: ["VM Network"] });
    await govc.run("host.vswitch.add", "-nic", "vmnic1", "-mtu", "9000", "vSwitch1");
    await govc.run("host.portgroup.add", "-vswitch", "vSwitch1", "-vlan", "42", "dev");
    expect(await govc.run("host.vswitch.info")).toMatch(
      /^Name: +vSwitch1\nPortgroup: +dev\nPnic: +vmnic1\nMTU: +9000$/m,
    );
    expect(await govc.run("host.portgroup.info")).toMatch(
      /^Name: +dev\nVirtual switch: +vSwitch1\nVLAN ID: +42$/m,
    );
    // One or two of the three leave a real host in a state that nobody can tell: the simulator refuses them.
    const security = ["-forged-transmits=false", "-mac-changes=false", "-allow-promiscuous=false"];
    await govc.run("host.portgroup.change", "-vlan-id", "43", ...security, "dev");
    expect(await govc.run("host.portgroup.info")).toMatch(/^VLAN ID: +43$/m);
    expect(await govc.lines("ls", "network")).toEqual([
      "/ha-datacenter/network/VM Network",
      "/ha-datacenter/network/dev",
    ]);
    const taken = await govc.try("host.portgroup.add", "-vswitch", "vSwitch1", "dev");
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining("'dev' already exists") });
    await govc.run("host.portgroup.remove", "dev");
    await govc.run("host.vswitch.remove", "vSwitch1");
    expect(await govc.run("host.vswitch.info")).not.toContain("vSwitch1");
    const missing = await govc.try("host.portgroup.remove", "dev");
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("could not be found") });
  });

  test("pool.create, pool.change, pool.info and pool.destroy", async (context) => {
    const { govc } = await startWithVm(context);
    const root = "/ha-datacenter/host/localhost.localdomain/Resources";
    await govc.run(
      "pool.create",
      "-cpu.reservation",
      "100",
      "-mem.limit",
      "2048",
      `${root}/students`,
      `${root}/b`,
    );
    await govc.run("pool.change", "-cpu.shares", "high", "-name", "pupils", `${root}/students`);
    const info = await govc.run("pool.info", `${root}/pupils`);
    expect(info).toMatch(/^ +CPU Shares: +high$/m);
    expect(info).toMatch(/^ +CPU Reservation: +100MHz \(expandable=true\)$/m);
    expect(info).toMatch(/^ +Mem Limit: +2048MB$/m);
    const { code, stderr } = await govc.try("pool.change", "-name", "b", `${root}/pupils`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("'b' already exists")]);
    await govc.run("pool.destroy", `${root}/pupils`, `${root}/b`);
    expect(await govc.lines("find", "-type", "p")).toEqual([root]);
  });
});
