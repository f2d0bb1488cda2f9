/** What a host tells of machines and datastores that it cannot read now, and what it refuses. */
import { describe, expect, it } from "vitest";
import { createVm, nic, startLab } from "../host/lab.ts";
import { firstText } from "../host/raw-client.ts";

describe("a machine that the host cannot read", () => {
  it("stays in the inventory without its configuration, and says which state it is in", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: nic() });
    const [{ moid = "" } = {}] = simulator.vms();
    for (const state of ["inaccessible", "invalid", "orphaned"] as const) {
      simulator.behindBack.setUnreadable(moid, { state });
      expect(firstText(await client.read(vm, "runtime.connectionState"), "val")).toBe(state);
      for (const path of ["config", "config.instanceUuid", "layoutEx", "snapshot", "guest"])
        expect(await client.read(vm, path), path).not.toContain("<propSet>");
    }
    expect(firstText(await client.read(vm, "name"), "val")).toBe("a");
    expect(await client.read("HostSystem:ha-host", "vm")).toContain(`>${moid}<`);
    simulator.behindBack.setUnreadable(moid, undefined);
    expect(await client.read(vm, "config.name")).toContain(">a<");
    expect(firstText(await client.read(vm, "runtime.connectionState"), "val")).toBe("connected");
  });

  it.each([
    [
      "path",
      /<name>\/vmfs\/volumes\/[^<]*\/a\/a\.vmx<.*<vmPathName>\[\] \/vmfs\/volumes\/[^<]*\/a\/a\.vmx</s,
    ],
    ["nothing", /<name>Unknown<.*<vmPathName><\/vmPathName>|<vmPathName\/>/s],
    ["everything", /<name>a<.*<vmPathName>\[datastore1\] a\/a\.vmx<.*<instanceUuid>/s],
  ] as const)("can tell the %s of its summary", async (tells, summary) => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const [{ moid = "" } = {}] = simulator.vms();
    simulator.behindBack.setUnreadable(moid, { state: "inaccessible", tells });
    expect(await client.read(vm, "summary.config")).toMatch(summary);
  });

  it("can only be unregistered", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const [{ moid = "" } = {}] = simulator.vms();
    simulator.behindBack.setUnreadable(moid, { state: "invalid" });
    for (const [method, body] of [
      ["Destroy_Task", ""],
      ["PowerOnVM_Task", ""],
      ["ReconfigVM_Task", "<spec><memoryMB>128</memoryMB></spec>"],
    ] as const)
      expect((await client.call(method, vm, body)).fault).toBe("InvalidState");
    expect(simulator.vms()).toHaveLength(1);
    await client.ok("UnregisterVM", vm);
    expect(simulator.vms()).toHaveLength(0);
    expect(await simulator.files("datastore1")).toContain("a/a.vmx");
  });
});

describe("a datastore that is away", () => {
  it.each(["InaccessibleDatastore", "FileNotFound"] as const)(
    "answers %s to whoever looks for its files, and takes its machines along",
    async (answer) => {
      const { simulator, client } = await startLab({ behaviour: { awayFiles: answer } });
      const vm = await createVm(client, "a");
      const datastore = firstText(await client.read(vm, "datastore"), "ManagedObjectReference");
      simulator.behindBack.setAway("datastore1", true);
      const summary = await client.read(`Datastore:${datastore}`, "summary");
      expect([firstText(summary, "accessible"), firstText(summary, "capacity")]).toEqual(["false", "0"]);
      expect(firstText(await client.read(vm, "runtime.connectionState"), "val")).toBe("inaccessible");
      const search = "<datastorePath>[datastore1] a</datastorePath>";
      const browser = "HostDatastoreBrowser:ha-host-datastorebrowser";
      expect((await client.call("SearchDatastore_Task", browser, search)).fault).toBe(answer);
      simulator.behindBack.setAway("datastore1", false);
      expect((await client.task("SearchDatastore_Task", browser, search)).state).toBe("success");
      expect(await client.read(vm, "config.name")).toContain(">a<");
    },
  );
});

describe("a datastore that was unmounted", () => {
  it("is not listed, has no files, and leaves its machines registered by the path of their .vmx", async () => {
    const datastores = ["datastore1", "local"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
    const { simulator, client } = await startLab({ datastores });
    const vm = await createVm(client, "a");
    const datastore = firstText(await client.read(vm, "datastore"), "ManagedObjectReference");
    const listed = () => client.read("HostSystem:ha-host", "datastore");
    const search = "<datastorePath>[datastore1] a</datastorePath>";
    const browser = "HostDatastoreBrowser:ha-host-datastorebrowser";
    const before = await listed();

    await simulator.behindBack.setMounted("datastore1", false);
    expect(await listed()).not.toContain(datastore);
    expect((await client.call("SearchDatastore_Task", browser, search)).fault).toBe("InvalidDatastorePath");
    expect(await client.read(vm, "summary.config.vmPathName")).toContain(
      `[] /vmfs/volumes/${datastore}/a/a.vmx<`,
    );
    expect(firstText(await client.read(vm, "runtime.connectionState"), "val")).toBe("inaccessible");
    expect(await client.read(vm, "datastore")).not.toContain(datastore);

    await simulator.behindBack.setMounted("datastore1", true);
    expect((await listed()).length).toBe(before.length);
    expect(await listed()).toContain(datastore);
    expect((await client.task("SearchDatastore_Task", browser, search)).state).toBe("success");
    expect(await client.read(vm, "summary.config.vmPathName")).toContain(">[datastore1] a/a.vmx<");
    expect(firstText(await client.read(vm, "datastore"), "ManagedObjectReference")).toBe(datastore);
  });
});
