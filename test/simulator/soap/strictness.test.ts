import { describe, expect, it } from "vitest";
import { configSpec, createVm, POOL, startLab } from "../host/lab.ts";
import { COLLECTOR, type RawClient, VM_FOLDER } from "../host/raw-client.ts";

it.each(["-6148914691236517206", "9223372036854775807"])(
  "keeps the setting %s to its last digit",
  async (text) => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    const setting = (value: string) =>
      `<spec><extraConfig><key>large</key><value xsi:type="xsd:long">${value}</value></extraConfig></spec>`;
    expect(await client.task("ReconfigVM_Task", vm, setting(text))).toMatchObject({ state: "success" });
    expect(await client.read(vm, "config.extraConfig")).toContain(
      `<key>large</key><value xsi:type="xsd:string">${text}<`,
    );
    expect((await client.call("ReconfigVM_Task", vm, setting("9223372036854775808"))).fault).toBe(
      "InvalidRequest",
    );
  },
);

/** Parameters of CreateVM_Task that are wrong, and what the host says first. */
const WRONG_SPECS: readonly (readonly [what: string, parameters: string, message: string])[] = [
  [
    "an element out of schema order",
    `<config><name>a</name><memoryMB>64</memoryMB><numCPUs>1</numCPUs></config>${POOL}`,
    'Unexpected element tag "numCPUs" seen',
  ],
  [
    "a parameter out of order",
    `${POOL}<config><name>a</name></config>`,
    'Unexpected element tag "config" seen',
  ],
  [
    "an unknown element",
    `<config><name>a</name><colour>red</colour></config>${POOL}`,
    'Unexpected element tag "colour" seen',
  ],
  [
    "an element twice that is no array",
    `<config><name>a</name><name>b</name></config>${POOL}`,
    'Unexpected element tag "name" seen',
  ],
  [
    "a missing parameter",
    "<config><name>a</name></config>",
    "Required parameter pool is missing from the call",
  ],
  [
    "a missing required property",
    `<config><name>a</name><deviceChange><operation>add</operation></deviceChange></config>${POOL}`,
    "Required property device is missing from data object of type VirtualDeviceConfigSpec",
  ],
  [
    "a number that is none",
    `<config><name>a</name><numCPUs>two</numCPUs></config>${POOL}`,
    'Invalid integer value "two" in element "numCPUs"',
  ],
  [
    "an int that is too large",
    `<config><name>a</name><numCPUs>2147483648</numCPUs></config>${POOL}`,
    'Invalid integer value "2147483648" in element "numCPUs"',
  ],
  [
    "a boolean that is none",
    `<config><name>a</name><memoryHotAddEnabled>yes</memoryHotAddEnabled></config>${POOL}`,
    'Invalid boolean value "yes" in element "memoryHotAddEnabled"',
  ],
  [
    "an enum value that does not exist",
    `<config><name>a</name><deviceChange><operation>insert</operation></deviceChange></config>${POOL}`,
    'Invalid enum value "insert" for type VirtualDeviceConfigSpecOperation, element "operation"',
  ],
  [
    "a type that is no subtype",
    `<config><name>a</name><deviceChange><operation>add</operation><device xsi:type="OptionValue"><key>x</key></device></deviceChange></config>${POOL}`,
    'Type "OptionValue" is not a subtype of "VirtualDevice", element "device"',
  ],
  [
    "a type that does not exist",
    `<config><name>a</name><deviceChange><operation>add</operation><device xsi:type="VirtualToaster"><key>1</key></device></deviceChange></config>${POOL}`,
    'Type "VirtualToaster" is not known',
  ],
  [
    "a property of the subtype without its xsi:type",
    `<config><name>a</name><deviceChange><operation>add</operation><device><key>1</key><capacityInKB>4</capacityInKB></device></deviceChange></config>${POOL}`,
    'Unexpected element tag "capacityInKB" seen',
  ],
  [
    "an anyType without xsi:type",
    `<config><name>a</name><extraConfig><key>k</key><value>v</value></extraConfig></config>${POOL}`,
    'Element "value" of type anyType carries no xsi:type',
  ],
  [
    "elements inside text",
    `<config><name><b>a</b></name></config>${POOL}`,
    'Unexpected element tag "b" seen',
  ],
  [
    "text inside a data object",
    `<config>a</config>${POOL}`,
    "Unexpected character data in data object of type VirtualMachineConfigSpec",
  ],
  [
    "a reference without type",
    "<config><name>a</name></config><pool>ha-root-pool</pool>",
    'Unknown or missing type attribute in managed object reference "pool"',
  ],
  [
    "a reference of another type",
    '<config><name>a</name></config><pool type="HostSystem">ha-host</pool>',
    'Reference of type "HostSystem" is not a "ResourcePool", element "pool"',
  ],
];

describe("a request that a host refuses to parse", () => {
  it.each(WRONG_SPECS)("%s", async (_what, parameters, message) => {
    const { simulator, client } = await startLab();
    const reply = await client.call("CreateVM_Task", VM_FOLDER, parameters);
    expect(reply).toMatchObject({ status: 500, fault: "InvalidRequest" });
    expect(reply.message.split("\n")[0]).toBe(message);
    expect(reply.message).toContain("while parsing call information for method CreateVM_Task");
    expect(simulator.vms()).toEqual([]);
  });

  it("text that is no XML", async () => {
    const { client } = await startLab();
    const reply = await client.sendText("<soapenv:Envelope><oops></soapenv:Envelope>");
    expect(reply).toMatchObject({ status: 500, fault: "InvalidRequest" });
    expect(reply.message).toContain("Error returned by expat parser");
  });

  it("an empty body", async () => {
    const { client } = await startLab();
    expect((await client.sendText("")).message).toContain("no element found");
  });

  it("entities of a document type", async () => {
    const { client } = await startLab();
    const reply = await client.sendText('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>');
    expect(reply.fault).toBe("InvalidRequest");
  });

  it("a call in another namespace", async () => {
    const { client } = await startLab();
    const reply = await client.send(
      '<CurrentTime xmlns="urn:mine"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>',
    );
    expect(reply.message).toContain('Unsupported namespace "urn:mine"');
  });

  it("a call on nothing", async () => {
    const { client } = await startLab();
    expect((await client.send('<CurrentTime xmlns="urn:vim25"/>')).fault).toBe("InvalidRequest");
  });
});

describe("a request that a host refuses to carry out", () => {
  it("a method that no type has", async () => {
    const { client } = await startLab();
    const reply = await client.call("MakeCoffee", VM_FOLDER);
    expect(reply.fault).toBe("InvalidRequest");
    expect(reply.message).toContain(
      "Unable to resolve WSDL method name MakeCoffee for namespace name urn:vim25",
    );
  });

  it("a method on an object of another type", async () => {
    const { client } = await startLab();
    expect((await client.call("PowerOnVM_Task", VM_FOLDER)).fault).toBe("MethodNotFound");
  });

  it("an object that is not there", async () => {
    const { client } = await startLab();
    expect(await client.call("PowerOnVM_Task", "VirtualMachine:4711")).toMatchObject({
      fault: "ManagedObjectNotFound",
      message:
        "The object 'vim.VirtualMachine:4711' has already been deleted or has not been completely created",
    });
  });

  it("a datastore that is not there", async () => {
    const { client } = await startLab();
    const spec = configSpec("a", { vmPathName: "[elsewhere]" });
    const end = await client.task("CreateVM_Task", VM_FOLDER, spec + POOL);
    expect(end).toMatchObject({
      state: "error",
      fault: "InvalidDatastorePath",
      message: "Invalid datastore path '[elsewhere]'.",
    });
  });

  it("a property that the type does not have", async () => {
    const { client } = await startLab();
    const reply = await client.call(
      "RetrievePropertiesEx",
      COLLECTOR,
      '<specSet><propSet><type>Folder</type><pathSet>colour</pathSet></propSet><objectSet><obj type="Folder">ha-folder-vm</obj></objectSet></specSet><options/>',
    );
    expect(reply.fault).toBe("InvalidProperty");
  });
});

describe("API versions", () => {
  // VirtualDeviceConfigSpec.changeMode came with 8.0.0.1.
  const spec = `<spec><deviceChange><operation>remove</operation><device><key>4711</key></device><changeMode>skip</changeMode></deviceChange></spec>`;

  async function reconfigure(client: RawClient, vm: string) {
    return await client.call("ReconfigVM_Task", vm, spec);
  }

  it("refuses a property that is newer than the host", async () => {
    const { client } = await startLab({ apiVersion: "7.0.3.0" });
    const reply = await reconfigure(client, await createVm(client, "a"));
    expect(reply.message).toContain('Unexpected element tag "changeMode" seen');
  });

  it("refuses a property that is newer than what the client says to speak", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    client.version = "6.7";
    expect((await reconfigure(client, vm)).message).toContain('Unexpected element tag "changeMode" seen');
    client.version = "8.0.3.0";
    expect((await reconfigure(client, vm)).status).toBe(200);
  });

  it("sends no property that is newer than what the client says to speak", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    expect(await client.read(vm, "summary.config")).toContain("<hwVersion>");
    client.version = "6.5";
    expect(await client.read(vm, "summary.config")).not.toContain("<hwVersion>");
  });
});

describe("what ESXi never does without vCenter", () => {
  it.each([
    [
      "CloneVM_Task",
      '<folder type="Folder">ha-folder-vm</folder><name>b</name><spec><location/><template>false</template><powerOn>false</powerOn></spec>',
    ],
    ["RelocateVM_Task", "<spec/>"],
    ["MarkAsTemplate", ""],
  ])("%s", async (method, parameters) => {
    const { client } = await startLab();
    const vm = await createVm(client, "a");
    expect(await client.call(method, vm, parameters)).toMatchObject({
      fault: "NotSupported",
      message: "The operation is not supported on the object.",
    });
  });
});

describe("a free licence", () => {
  it("allows reads and refuses every write", async () => {
    const { simulator, client } = await startLab({ license: "free" });
    const edition = await client.read("LicenseManager:ha-license-manager", "licenses");
    expect(edition).toContain("esx.hypervisor.cpuPackageCoreLimited");
    expect(await client.call("CreateVM_Task", VM_FOLDER, configSpec("a") + POOL)).toMatchObject({
      fault: "RestrictedVersion",
      message: "Current license or ESXi version prohibits execution of the requested operation.",
    });
    expect(
      (await client.call("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore1] x</name>"))
        .fault,
    ).toBe("RestrictedVersion");
    expect(simulator.vms()).toEqual([]);
  });
});
