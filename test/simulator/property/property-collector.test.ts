import { describe, expect, it } from "vitest";
import { createVm, startLab } from "../host/lab.ts";
import { allTexts, COLLECTOR, firstText, type RawClient } from "../host/raw-client.ts";

const VIEWS = "ViewManager:ViewManager";

function filterOf(
  type: string,
  paths: readonly string[],
  object: string,
  selectSet = "",
  tag = "spec",
): string {
  const [objectType = "", ...id] = object.split(":");
  const pathSet = paths.map((path) => `<pathSet>${path}</pathSet>`).join("");
  return (
    `<${tag}><propSet><type>${type}</type>${pathSet}</propSet>` +
    `<objectSet><obj type="${objectType}">${id.join(":")}</obj><skip>${selectSet !== ""}</skip>${selectSet}</objectSet></${tag}>`
  );
}

const CHILDREN =
  '<selectSet xsi:type="TraversalSpec"><type>Folder</type><path>childEntity</path></selectSet>';

/** From the root to every VM, the folders by a spec that names itself. */
const INVENTORY =
  '<selectSet xsi:type="TraversalSpec"><name>folders</name><type>Folder</type><path>childEntity</path>' +
  "<selectSet><name>folders</name></selectSet><selectSet><name>vmFolder</name></selectSet></selectSet>" +
  '<selectSet xsi:type="TraversalSpec"><name>vmFolder</name><type>Datacenter</type><path>vmFolder</path>' +
  "<selectSet><name>folders</name></selectSet></selectSet>";

async function watch(
  client: RawClient,
  filter: string,
): Promise<(version: string, options?: string) => Promise<string>> {
  const collector = `PropertyCollector:${firstText(await client.ok("CreatePropertyCollector", COLLECTOR), "returnval")}`;
  await client.ok("CreateFilter", collector, `${filter}<partialUpdates>false</partialUpdates>`);
  return (version, options = "") =>
    client.ok(
      "WaitForUpdatesEx",
      collector,
      `<version>${version}</version>${options === "" ? "" : `<options>${options}</options>`}`,
    );
}

describe("RetrievePropertiesEx", () => {
  it("reads nested paths, array items by key, and paths of a subtype", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", {
      memoryMB: 96,
      tail:
        '<deviceChange><operation>add</operation><device xsi:type="VirtualE1000"><key>-1</key><backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>lab-net</deviceName></backing></device></deviceChange>' +
        '<extraConfig><key>guestinfo.x.y</key><value xsi:type="xsd:string">hello</value></extraConfig>',
    });
    expect(await client.value(vm, "config.hardware.memoryMB")).toBe("96");
    expect(await client.value(vm, 'config.extraConfig["guestinfo.x.y"].value')).toBe("hello");
    expect(await client.value(vm, "config.hardware.device[4000].macAddress")).toMatch(/^00:0c:29:/);
    expect(await client.value(vm, "config.hardware.device[4000].backing.deviceName")).toBe("lab-net");
    expect(await client.value(vm, 'config.extraConfig["none"].value')).toBeUndefined();
  });

  it("types each value by the schema", async () => {
    const { client } = await startLab();
    const text = await client.read("Datastore:nothing", "name").catch((error: Error) => error.message);
    expect(text).toContain("ManagedObjectNotFound");
    const host = await client.read(
      "HostSystem:ha-host",
      "summary.hardware.memorySize",
      "vm",
      "runtime.powerState",
      "parent",
    );
    expect(host).toContain('<val xsi:type="xsd:long">');
    expect(host).toContain('<val xsi:type="ArrayOfManagedObjectReference"></val>');
    expect(host).toContain('<val xsi:type="HostSystemPowerState">poweredOn</val>');
    expect(host).toContain(
      '<val type="ComputeResource" xsi:type="ManagedObjectReference">ha-compute-res</val>',
    );
  });

  it("follows traversal specs by name, in circles too", async () => {
    const { client } = await startLab();
    await createVm(client, "a");
    await createVm(client, "b");
    const text = await client.ok(
      "RetrievePropertiesEx",
      COLLECTOR,
      `${filterOf("VirtualMachine", ["name"], "Folder:ha-folder-root", INVENTORY, "specSet")}<options/>`,
    );
    expect(allTexts(text, "val")).toEqual(["a", "b"]);
  });

  it("pages with a token", async () => {
    const { client } = await startLab();
    for (const name of ["a", "b", "c"]) await createVm(client, name);
    const first = await client.ok(
      "RetrievePropertiesEx",
      COLLECTOR,
      `${filterOf("VirtualMachine", ["name"], "Folder:ha-folder-vm", CHILDREN, "specSet")}<options><maxObjects>2</maxObjects></options>`,
    );
    expect(allTexts(first, "val")).toEqual(["a", "b"]);
    const token = `<token>${firstText(first, "token")}</token>`;
    const second = await client.ok("ContinueRetrievePropertiesEx", COLLECTOR, token);
    expect(allTexts(second, "val")).toEqual(["c"]);
    expect(firstText(second, "token")).toBe("");
    expect((await client.call("ContinueRetrievePropertiesEx", COLLECTOR, token)).fault).toBe(
      "InvalidArgument",
    );
  });

  it("reads every object of the inventory whole", async () => {
    const { client } = await startLab();
    await createVm(client, "a");
    for (const object of [
      "HostSystem:ha-host",
      "Folder:ha-folder-root",
      "Datacenter:ha-datacenter",
      "ComputeResource:ha-compute-res",
      "ResourcePool:ha-root-pool",
      "Network:HaNetwork-VM Network",
      "VirtualMachine:1",
      "SessionManager:ha-sessionmgr",
      "LicenseManager:ha-license-manager",
      "TaskManager:ha-taskmgr",
      "ServiceInstance:ServiceInstance",
      "HostNetworkSystem:networkSystem",
      "HostServiceSystem:serviceSystem",
      "HostDatastoreSystem:ha-datastoresystem",
      "HostAutoStartManager:ha-autostart-mgr",
      "OptionManager:HostAgentSettings",
    ]) {
      const [type = "", id = ""] = object.split(":");
      const text = await client.ok(
        "RetrievePropertiesEx",
        COLLECTOR,
        `<specSet><propSet><type>${type}</type><all>true</all></propSet><objectSet><obj type="${type}">${id}</obj></objectSet></specSet><options/>`,
      );
      expect(text).toContain("<propSet>");
      expect(text).not.toContain("<missingSet>");
    }
  });

  it("answers Fetch, by which pyVmomi reads", async () => {
    const { client } = await startLab();
    const text = await client.ok("Fetch", "Folder:ha-folder-root", "<prop>childEntity</prop>");
    expect(text).toContain(
      '<ManagedObjectReference type="Datacenter">ha-datacenter</ManagedObjectReference>',
    );
    expect((await client.call("Fetch", "Folder:ha-folder-root", "<prop>colour</prop>")).fault).toBe(
      "InvalidProperty",
    );
  });
});

describe("WaitForUpdatesEx", () => {
  it("reports everything first, then only what changed", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    const wait = await watch(
      client,
      filterOf("VirtualMachine", ["name", "runtime.powerState", "config.annotation"], vm),
    );
    const first = await wait("");
    expect(firstText(first, "kind")).toBe("enter");
    expect(allTexts(first, "name")).toEqual(["name", "runtime.powerState", "config.annotation"]);
    const waiting = wait(firstText(first, "version"));
    await simulator.behindBack.rename("1", "b");
    const second = await waiting;
    expect(firstText(second, "kind")).toBe("modify");
    expect(allTexts(second, "name")).toEqual(["name"]);
    expect(second).toContain(">b</val>");
  });

  it("answers at once when nothing changed and it may not wait", async () => {
    const { client } = await startLab();
    const wait = await watch(client, filterOf("Folder", ["name"], "Folder:ha-folder-vm"));
    const version = firstText(await wait(""), "version");
    expect(await wait(version, "<maxWaitSeconds>0</maxWaitSeconds>")).not.toContain("<returnval>");
  });

  it("reports VMs that come and go below a folder", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "a");
    const wait = await watch(client, filterOf("VirtualMachine", ["name"], "Folder:ha-folder-vm", CHILDREN));
    let version = firstText(await wait(""), "version");
    await createVm(client, "b");
    const entered = await wait(version);
    expect(firstText(entered, "kind")).toBe("enter");
    expect(allTexts(entered, "val")).toEqual(["b"]);
    version = firstText(entered, "version");
    await simulator.behindBack.destroy("1");
    const left = await wait(version);
    expect(firstText(left, "kind")).toBe("leave");
    expect(firstText(left, "obj")).toBe("1");
  });

  it("follows a container view", async () => {
    const { client } = await startLab();
    const view = firstText(
      await client.ok(
        "CreateContainerView",
        VIEWS,
        '<container type="Folder">ha-folder-root</container><type>VirtualMachine</type><recursive>true</recursive>',
      ),
      "returnval",
    );
    const selectSet =
      '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet>';
    const wait = await watch(
      client,
      filterOf("VirtualMachine", ["name"], `ContainerView:${view}`, selectSet),
    );
    const waiting = wait("");
    await createVm(client, "a");
    expect(allTexts(await waiting, "val")).toEqual(["a"]);
  });

  it("follows a list view that is changed", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    const view = `ListView:${firstText(await client.ok("CreateListView", VIEWS), "returnval")}`;
    const selectSet =
      '<selectSet xsi:type="TraversalSpec"><type>ListView</type><path>view</path></selectSet>';
    const wait = await watch(client, filterOf("VirtualMachine", ["name"], view, selectSet));
    const waiting = wait("");
    const unresolved = await client.ok(
      "ModifyListView",
      view,
      `<add type="VirtualMachine">${vm.split(":")[1]}</add><add type="VirtualMachine">4711</add>`,
    );
    expect(allTexts(unresolved, "returnval")).toEqual(["4711"]);
    expect(allTexts(await waiting, "val")).toEqual(["a"]);
  });

  it("truncates to as many objects as it is told", async () => {
    const { client } = await startLab();
    for (const name of ["a", "b", "c"]) await createVm(client, name);
    const wait = await watch(client, filterOf("VirtualMachine", ["name"], "Folder:ha-folder-vm", CHILDREN));
    const first = await wait("", "<maxObjectUpdates>2</maxObjectUpdates>");
    expect(allTexts(first, "val")).toEqual(["a", "b"]);
    expect(firstText(first, "truncated")).toBe("true");
    const second = await wait(firstText(first, "version"));
    expect(allTexts(second, "val")).toEqual(["c"]);
    expect(firstText(second, "truncated")).toBe("");
  });

  it("refuses a version that is not the last one", async () => {
    const { client } = await startLab();
    const wait = await watch(client, filterOf("Folder", ["name"], "Folder:ha-folder-vm"));
    await wait("");
    await expect(wait("17")).rejects.toThrow("InvalidCollectorVersion");
  });

  it("ends with RequestCanceled when it is cancelled", async () => {
    const { simulator, client } = await startLab();
    await client.ok(
      "CreateFilter",
      COLLECTOR,
      `${filterOf("Folder", ["childEntity"], "Folder:ha-folder-vm")}<partialUpdates>false</partialUpdates>`,
    );
    const version = firstText(await client.ok("WaitForUpdatesEx", COLLECTOR), "version");
    const waiting = client.call("WaitForUpdatesEx", COLLECTOR, `<version>${version}</version>`);
    await expect.poll(() => simulator.requests.entries().at(-1)?.method).toBe("WaitForUpdatesEx");
    await client.ok("CancelWaitForUpdates", COLLECTOR);
    expect((await waiting).fault).toBe("RequestCanceled");
  });
});

describe("SearchIndex", () => {
  it("finds a VM by UUIDs, path, datastore path and name", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a/b");
    const [one] = simulator.vms();
    const index = "SearchIndex:ha-searchindex";
    const found = async (method: string, parameters: string): Promise<string> =>
      `VirtualMachine:${firstText(await client.ok(method, index, parameters), "returnval")}`;
    expect(one?.name).toBe("a%2fb");
    expect(await found("FindByUuid", `<uuid>${one?.uuid}</uuid><vmSearch>true</vmSearch>`)).toBe(vm);
    expect(
      await found(
        "FindByUuid",
        `<uuid>${one?.instanceUuid}</uuid><vmSearch>true</vmSearch><instanceUuid>true</instanceUuid>`,
      ),
    ).toBe(vm);
    expect(await found("FindByInventoryPath", "<inventoryPath>ha-datacenter/vm/a%2fb</inventoryPath>")).toBe(
      vm,
    );
    expect(
      await found(
        "FindByDatastorePath",
        `<datacenter type="Datacenter">ha-datacenter</datacenter><path>${one?.vmxPath}</path>`,
      ),
    ).toBe(vm);
    expect(await found("FindChild", '<entity type="Folder">ha-folder-vm</entity><name>a/b</name>')).toBe(vm);
    expect(
      await found(
        "FindByUuid",
        `<uuid>${one?.uuid}</uuid><vmSearch>true</vmSearch><instanceUuid>true</instanceUuid>`,
      ),
    ).toBe("VirtualMachine:");
  });
});
