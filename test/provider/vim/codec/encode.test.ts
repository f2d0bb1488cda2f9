import { describe, expect, test } from "vitest";
import { encodeParameters } from "../../../../provider/vim/codec/encode.ts";
import { EncodeError } from "../../../../provider/vim/codec/encode-error.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { API_VERSIONS, findMethod, versionIndex } from "../../../../schema/index.ts";

const NEWEST = API_VERSIONS.length - 1;

function encode(method: string, parameters: object, version = NEWEST): string {
  const found = findMethod(method);
  if (!found) throw new Error(`no method ${method}`);
  return encodeParameters(found, parameters, version);
}

function problem(method: string, parameters: object, version = NEWEST): string {
  try {
    encode(method, parameters, version);
  } catch (error) {
    if (error instanceof EncodeError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("elements", () => {
  test("come in schema order, those of the base type first, whatever the order of the object", () => {
    const disk = create("VirtualDisk", { unitNumber: 1, capacityInKB: 1024, key: -2, controllerKey: 1000 });
    const deviceChange = [create("VirtualDeviceConfigSpec", { device: disk, operation: "add" })];
    expect(encode("ReconfigVM_Task", { spec: { deviceChange, numCPUs: 2, name: "a" } })).toBe(
      "<spec><name>a</name><numCPUs>2</numCPUs>" +
        '<deviceChange><operation>add</operation><device xsi:type="VirtualDisk">' +
        "<key>-2</key><controllerKey>1000</controllerKey><unitNumber>1</unitNumber><capacityInKB>1024</capacityInKB>" +
        "</device></deviceChange></spec>",
    );
  });

  test("carry references with their type", () => {
    const vm = { type: "VirtualMachine", value: "12" };
    expect(encode("CreateListView", { obj: [vm] })).toBe('<obj type="VirtualMachine">12</obj>');
  });

  test("are there even if empty, where the schema wants them", () => {
    const cisp = { locale: "", deploymentOption: "", entityName: "x" };
    const refs = {
      resourcePool: { type: "ResourcePool", value: "p" },
      datastore: { type: "Datastore", value: "d" },
    };
    expect(encode("CreateImportSpec", { ovfDescriptor: "<Envelope/>", ...refs, cisp })).toBe(
      '<ovfDescriptor>&lt;Envelope/&gt;</ovfDescriptor><resourcePool type="ResourcePool">p</resourcePool>' +
        '<datastore type="Datastore">d</datastore>' +
        "<cisp><locale></locale><deploymentOption></deploymentOption><entityName>x</entityName></cisp>",
    );
  });

  test("of type anyType say what they hold", () => {
    const value = (any: unknown) => encode("SetTaskState", { state: "success", result: any });
    expect(value("a")).toBe('<state>success</state><result xsi:type="xsd:string">a</result>');
    expect(value(5)).toContain('<result xsi:type="xsd:int">5</result>');
    expect(value(2 ** 40)).toContain('<result xsi:type="xsd:long">1099511627776</result>');
    expect(value(true)).toContain('<result xsi:type="xsd:boolean">true</result>');
    expect(value({ type: "Folder", value: "f" })).toContain(
      '<result type="Folder" xsi:type="ManagedObjectReference">f</result>',
    );
    expect(value(["a", "b"])).toContain(
      '<result xsi:type="ArrayOfString"><string>a</string><string>b</string></result>',
    );
    expect(
      value([
        { $type: "VirtualE1000", key: 1 },
        { $type: "VirtualEthernetCard", key: 2 },
      ]),
    ).toContain(
      '<result xsi:type="ArrayOfVirtualEthernetCard"><VirtualEthernetCard xsi:type="VirtualE1000"><key>1</key>' +
        "</VirtualEthernetCard><VirtualEthernetCard><key>2</key></VirtualEthernetCard></result>",
    );
  });

  test("keep white space, and carriage returns as character references", () => {
    expect(encode("RenameSnapshot", { name: " a\r\n\tb ", description: 'x & <y> "z"' })).toBe(
      "<name> a&#13;\n\tb </name><description>x &amp; &lt;y&gt; &quot;z&quot;</description>",
    );
  });
});

describe("a request is refused before it is sent, with the place that is wrong,", () => {
  test.each<[string, string, object, string]>([
    [
      "an unknown property",
      "ReconfigVM_Task",
      { spec: { memory: 4 } },
      "ReconfigVM_Task.spec.memory is not in",
    ],
    ["an unknown parameter", "CurrentTime", { now: 1 }, "CurrentTime.now is not in the vim25 schema"],
    ["a missing parameter", "Login", { userName: "a" }, "Login.password is required"],
    [
      "a missing property of an array's item",
      "ReconfigVM_Task",
      { spec: { extraConfig: [{ value: "a" }] } },
      "ReconfigVM_Task.spec.extraConfig[0].key is required",
    ],
    [
      "a wrong enumeration value",
      "SetTaskState",
      { state: "done" },
      "SetTaskState.state must be one of TaskInfoState's",
    ],
    [
      "a number for a string",
      "Login",
      { userName: 1, password: "" },
      "Login.userName must be a string, but is number",
    ],
    [
      "a fraction for an integer",
      "ReconfigVM_Task",
      { spec: { numCPUs: 1.5 } },
      "must be an integer of 32 bits",
    ],
    [
      "an integer that is too large",
      "ReconfigVM_Task",
      { spec: { numCPUs: 2 ** 31 } },
      "must be an integer of 32 bits",
    ],
    [
      "a whole number that JavaScript has rounded on its way",
      "ReconfigVM_Task",
      { spec: { memoryMB: 2 ** 53 } },
      "must be an integer of 64 bits",
    ],
    ["a single value for an array", "CreateListView", { obj: {} }, "CreateListView.obj must be an array"],
    [
      "a type that does not fit",
      "ReconfigVM_Task",
      { spec: { $type: "VirtualDisk" } },
      "ReconfigVM_Task.spec must be a VirtualMachineConfigSpec, but is a VirtualDisk",
    ],
    ["a type that is none", "ReconfigVM_Task", { spec: { $type: "Spec" } }, "has the $type Spec"],
    [
      "a reference to the wrong thing",
      "PowerOnVM_Task",
      { host: { type: "Datastore", value: "d" } },
      "PowerOnVM_Task.host must refer to a HostSystem, but refers to a Datastore",
    ],
    ["a character that XML has no way to write", "RenameSnapshot", { name: "a\u0007" }, "U+0007"],
    ["half a surrogate pair", "RenameSnapshot", { name: "a\ud83d" }, "U+D83D"],
  ])("for %s", (_what, method, parameters, message) => {
    expect(problem(method, parameters)).toContain(message);
  });

  test("for what is newer than the host, with both versions", () => {
    const sixFive = versionIndex("6.5");
    const spec = { sgxInfo: { epcSize: 1, flcMode: "unlocked" } };
    expect(problem("ReconfigVM_Task", { spec }, sixFive)).toMatch(
      /^ReconfigVM_Task\.spec\.sgxInfo needs vSphere API 7\.0\S*, but the host has 6\.5$/,
    );
    expect(() => encode("ReconfigVM_Task", { spec })).not.toThrow();
  });

  test("for a method and for a type that are newer than the host", () => {
    const device = create("VirtualNVMEController", { key: -1, busNumber: 0 });
    const spec = { deviceChange: [{ device }] };
    expect(problem("ReconfigVM_Task", { spec }, versionIndex("6.0"))).toContain(
      "(VirtualNVMEController) needs",
    );
    expect(problem("HttpNfcLeaseGetManifest", {}, 0)).toMatch(
      /^HttpNfcLeaseGetManifest needs vSphere API 4\./,
    );
  });
});
