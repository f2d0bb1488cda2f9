import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { need } from "../../support/prerequisites.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { PyVmomi } from "./pyvmomi.ts";

const EMPTY_HOST = [
  ["vim.ComputeResource", "localhost.localdomain"],
  ["vim.Datacenter", "ha-datacenter"],
  ["vim.Datastore", "datastore1"],
  ["vim.Folder", "datastore"],
  ["vim.Folder", "host"],
  ["vim.Folder", "network"],
  ["vim.Folder", "vm"],
  ["vim.HostSystem", "localhost.localdomain"],
  ["vim.Network", "VM Network"],
  ["vim.Network", "lab-net"],
  ["vim.ResourcePool", "Resources"],
];

async function startHost(options: Partial<SimulatorOptions> = {}): Promise<SimulatedHost> {
  const host = await SimulatedHost.start({ networks: ["VM Network", "lab-net"], ...options });
  onTestFinished(() => host.stop());
  return host;
}

async function startPython(context: TestContext): Promise<PyVmomi> {
  const client = new PyVmomi(await need(context, "TEST_PYTHON"));
  onTestFinished(() => client.close());
  return client;
}

function login(host: SimulatedHost) {
  const { hostname, port } = new URL(host.url);
  return { host: hostname, port: Number(port), user: host.username, password: host.password };
}

async function start(context: TestContext, options: Partial<SimulatorOptions> = {}) {
  const host = await startHost(options);
  const client = await startPython(context);
  await client.do("connect", login(host));
  return { host, client };
}

describe("pyVmomi looks at the host", () => {
  test("content.about", async (context) => {
    const { client } = await start(context);
    expect(await client.do("about")).toEqual({
      apiType: "HostAgent",
      version: "8.0.3",
      productLineId: "embeddedEsx",
    });
  });

  test.for(["6.5", "6.7", "7.0.3.0", "9.0.0.0"])(
    "SmartConnect agrees with API %s on a version",
    async (apiVersion, context) => {
      const { host, client } = await start(context, { apiVersion });
      expect(await client.do("inventory")).toEqual(EMPTY_HOST);
      await client.do("disconnect");
      await host.expectEmpty();
    },
  );
});

describe("pyVmomi works with a VM", () => {
  test("import, power, reconfigure, refused clone, destroy: each seen on the host itself", async (context) => {
    const { host, client } = await start(context);
    const vm = "alpha";
    const place = { datastore: "datastore1", network: "lab-net" };
    expect(await client.do("import_ova", { ova: tinyOva.path, name: vm, ...place })).toBe(vm);
    expect(await host.rawDisk(vm)).toBe(tinyOva.rawSha256);
    expect(await client.do("inventory")).toEqual([...EMPTY_HOST, ["vim.VirtualMachine", vm]]);

    await client.do("power_on", { vm });
    expect(host.vm(vm).powerState).toBe("poweredOn");
    expect(await client.do("read", { vm })).toMatchObject({
      powerState: "poweredOn",
      memoryMb: 128,
      numCpus: 1,
      networks: ["lab-net"],
      devices: expect.arrayContaining(["vim.vm.device.VirtualDisk", "vim.vm.device.VirtualVmxnet3"]),
    });
    await expect(client.do("power_on", { vm })).rejects.toThrow("InvalidPowerState: ");
    await expect(client.do("destroy", { vm })).rejects.toThrow("InvalidPowerState: ");

    await client.do("power_off", { vm });
    const change = { memory_mb: 512, num_cpus: 2, extra_config: { "guestinfo.role": "a & b" } };
    await client.do("reconfigure", { vm, ...change });
    expect(host.vm(vm).config.hardware).toMatchObject({ memoryMB: 512, numCPU: 2 });
    expect(await client.do("read", { vm })).toMatchObject({
      powerState: "poweredOff",
      memoryMb: 512,
      numCpus: 2,
      extraConfig: { "guestinfo.role": "a & b" },
    });

    await expect(client.do("clone", { vm, name: "copy" })).rejects.toThrow(
      "NotSupported: The operation is not supported on the object.",
    );
    await client.do("destroy", { vm });
    expect(await client.do("inventory")).toEqual(EMPTY_HOST);
    await client.do("disconnect");
    await host.expectEmpty();
  });

  test("an import that fails in mid-upload is aborted and leaves nothing", async (context) => {
    const { host, client } = await start(context);
    host.simulator.faults.add({ method: "nfc", action: "disconnect" });
    const place = { datastore: "datastore1", network: "lab-net" };
    const importing = client.do("import_ova", { ova: tinyOva.path, name: "alpha", ...place });
    await expect(importing).rejects.toThrow(/Connection|Remote|Broken|EOF/);
    await client.do("disconnect");
    await host.expectEmpty();
  });
});

describe("pyVmomi is refused", () => {
  test("with a wrong password: InvalidLogin", async (context) => {
    const host = await startHost();
    const client = await startPython(context);
    await expect(client.do("connect", { ...login(host), password: "wrong" })).rejects.toThrow(
      "InvalidLogin: Cannot complete login due to an incorrect user name or password.",
    );
    await host.expectEmpty();
  });

  test("every write on a free licence: RestrictedVersion", async (context) => {
    const { host, client } = await start(context, { license: "free" });
    const place = { datastore: "datastore1", network: "lab-net" };
    const importing = client.do("import_ova", { ova: tinyOva.path, name: "alpha", ...place });
    await expect(importing).rejects.toThrow("RestrictedVersion: ");
    await client.do("disconnect");
    await host.expectEmpty();
  });
});

describe("pyVmomi and hardware", () => {
  test("makes a VM from nothing, and has it start with the host", async (context) => {
    const { host, client } = await start(context);
    const iso = "[datastore1] test/Core-5.4.iso";
    const made = { name: "scratch", guest: "dosGuest", datastore: "datastore1", iso, network: "lab-net" };
    expect(await client.do("create", made)).toEqual({
      shares: 2000,
      bootOrder: ["vim.vm.BootOptions.BootableCdromDevice"],
    });
    expect(await client.do("read", { vm: "scratch" })).toMatchObject({
      memoryMb: 128,
      networks: ["lab-net"],
      devices: expect.arrayContaining([
        "vim.vm.device.ParaVirtualSCSIController",
        "vim.vm.device.VirtualAHCIController",
        "vim.vm.device.VirtualCdrom",
        "vim.vm.device.VirtualVmxnet3",
      ]),
    });
    expect(await client.do("auto_start", { vm: "scratch", order: 1 })).toEqual([["scratch", 1]]);
    expect(await host.simulator.behindBack.reboot()).toEqual(["1"]);
  });

  test("asks what a guest system can have", async (context) => {
    const { client } = await start(context);
    expect(await client.do("choices", { guest: "dosGuest" })).toMatchObject({
      version: "vmx-21",
      versions: expect.arrayContaining(["vmx-13", "vmx-21"]),
      controllers: expect.not.arrayContaining(["vim.vm.device.ParaVirtualSCSIController"]),
      cards: ["vim.vm.device.VirtualPCNet32", "vim.vm.device.VirtualE1000"],
      drives: ["/vmfs/devices/cdrom/mpx.vmhba0:C0:T4:L0"],
      networks: ["VM Network", "lab-net"],
    });
  });
});
