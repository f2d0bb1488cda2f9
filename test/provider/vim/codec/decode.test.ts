import { describe, expect, test } from "vitest";
import { encodeParameters } from "../../../../provider/vim/codec/encode.ts";
import { isA } from "../../../../provider/vim/codec/objects.ts";
import { XmlError } from "../../../../provider/vim/codec/xml-reader.ts";
import { decodeAnswer } from "../../../../provider/vim/soap/soap-envelope.ts";
import { API_VERSIONS, findMethod } from "../../../../schema/index.ts";

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" ' +
  'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n';
const TAIL = "\n</soapenv:Body>\n</soapenv:Envelope>\n";

function decode(method: string, body: string) {
  const found = findMethod(method);
  if (!found) throw new Error(`no method ${method}`);
  return decodeAnswer(
    found,
    `${HEAD}<${method}Response xmlns="urn:vim25">${body}</${method}Response>${TAIL}`,
  );
}

/** The value of a property, as a property collector sends it. */
function property(val: string, name = "p"): unknown {
  const answer = decode(
    "RetrievePropertiesEx",
    `<returnval><objects><obj type="VirtualMachine">1</obj><propSet><name>${name}</name>${val}</propSet></objects></returnval>`,
  );
  const result = "result" in answer ? answer.result : undefined;
  return isA(result, "RetrieveResult") ? result.objects[0]?.propSet?.[0]?.val : undefined;
}

describe("a whole number of 64 bits", () => {
  test.each(["-6148914691236517206", "9223372036854775807", "-9223372036854775808", "9007199254740993"])(
    "as large as %s goes back to the host as it came",
    (text) => {
      const value = property(`<val xsi:type="xsd:long">${text}</val>`);
      expect(value).toBe(BigInt(text));
      const method = findMethod("SetTaskState");
      if (!method) throw new Error("no method");
      const sent = encodeParameters(method, { state: "success", result: value }, API_VERSIONS.length - 1);
      expect(sent).toContain(`<result xsi:type="xsd:long">${text}</result>`);
      const list = property(`<val xsi:type="ArrayOfLong"><long>1</long><long>${text}</long></val>`);
      expect(list).toEqual([1, BigInt(text)]);
    },
  );

  test("that a double can hold is a number", () => {
    expect(property('<val xsi:type="xsd:long">9007199254740991</val>')).toBe(Number.MAX_SAFE_INTEGER);
    expect(property('<val xsi:type="xsd:int">7</val>')).toBe(7);
  });
});

describe("an answer of a host", () => {
  test("becomes objects by the schema's types", () => {
    const answer = decode(
      "RetrievePropertiesEx",
      `<returnval><objects><obj type="VirtualMachine">1</obj>
        <propSet><name>config.hardware.device</name><val xsi:type="ArrayOfVirtualDevice">
          <VirtualDevice xsi:type="VirtualDisk"><key>2000</key>
            <backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds] a/a.vmdk</fileName>
              <datastore type="Datastore">5d-1</datastore><diskMode>persistent</diskMode>
              <thinProvisioned>true</thinProvisioned></backing>
            <capacityInKB>4194304</capacityInKB></VirtualDevice>
          <VirtualDevice xsi:type="VirtualVmxnet3"><key>4000</key><macAddress>00:0c:29:00:00:01</macAddress></VirtualDevice>
        </val></propSet>
        <propSet><name>network</name><val xsi:type="ArrayOfManagedObjectReference">
          <ManagedObjectReference type="Network" xsi:type="ManagedObjectReference">HaNetwork-VM Network</ManagedObjectReference>
        </val></propSet>
        <missingSet><path>guest.ipAddress</path><fault><fault xsi:type="NoPermission">
          <object type="Folder">ha-folder-root</object><privilegeId>System.Read</privilegeId></fault>
          <localizedMessage></localizedMessage></fault></missingSet>
      </objects></returnval>`,
    );
    expect(answer).toEqual({
      result: {
        $type: "RetrieveResult",
        objects: [
          {
            $type: "ObjectContent",
            obj: { type: "VirtualMachine", value: "1" },
            propSet: [
              {
                $type: "DynamicProperty",
                name: "config.hardware.device",
                val: [
                  {
                    $type: "VirtualDisk",
                    key: 2000,
                    backing: {
                      $type: "VirtualDiskFlatVer2BackingInfo",
                      fileName: "[ds] a/a.vmdk",
                      datastore: { type: "Datastore", value: "5d-1" },
                      diskMode: "persistent",
                      thinProvisioned: true,
                    },
                    capacityInKB: 4_194_304,
                  },
                  { $type: "VirtualVmxnet3", key: 4000, macAddress: "00:0c:29:00:00:01" },
                ],
              },
              {
                $type: "DynamicProperty",
                name: "network",
                val: [{ type: "Network", value: "HaNetwork-VM Network" }],
              },
            ],
            missingSet: [
              {
                $type: "MissingProperty",
                path: "guest.ipAddress",
                fault: {
                  $type: "LocalizedMethodFault",
                  fault: {
                    $type: "NoPermission",
                    object: { type: "Folder", value: "ha-folder-root" },
                    privilegeId: "System.Read",
                  },
                  localizedMessage: "",
                },
              },
            ],
          },
        ],
      },
    });
  });

  test.each<[string, string, unknown]>([
    [
      "text with its white space",
      '<val xsi:type="xsd:string">  a&#13;\n&lt;b&gt; &amp;amp; </val>',
      "  a\r\n<b> &amp; ",
    ],
    ["text that is only white space", '<val xsi:type="xsd:string">  </val>', "  "],
    ["empty text", '<val xsi:type="xsd:string"/>', ""],
    ["text in several pieces", '<val xsi:type="xsd:string">a<!-- b -->c<![CDATA[d]]>&#x65;</val>', "acde"],
    [
      "text with characters that XML forbids",
      '<val xsi:type="xsd:string">a\u0001b&#2;c</val>',
      "a\u0001b&#2;c",
    ],
    ["a value of a type that the schema does not know", '<val xsi:type="xsd:gMonth">--05</val>', "--05"],
    [
      "an object of a type that the schema does not know",
      '<val xsi:type="Quantum"><key>7</key></val>',
      { $type: "Quantum" },
    ],
    ["text in CDATA", '<val xsi:type="xsd:string"><![CDATA[<a>&amp;]]></val>', "<a>&amp;"],
    ["an int", '<val xsi:type="xsd:int">-5</val>', -5],
    ["a long", '<val xsi:type="xsd:long">4398046511104</val>', 4_398_046_511_104],
    ["a boolean", '<val xsi:type="xsd:boolean">false</val>', false],
    [
      "a time",
      '<val xsi:type="xsd:dateTime">2024-01-02T03:04:05.678901Z</val>',
      "2024-01-02T03:04:05.678901Z",
    ],
    ["an enumeration", '<val xsi:type="VirtualMachinePowerState">poweredOn</val>', "poweredOn"],
    ["an array of text", '<val xsi:type="ArrayOfString"><string>a</string><string/></val>', ["a", ""]],
    ["an array of int", '<val xsi:type="ArrayOfInt"><int>1</int><int>2</int></val>', [1, 2]],
    ["an empty array", '<val xsi:type="ArrayOfVirtualDevice"></val>', []],
    [
      "a reference",
      '<val type="Folder" xsi:type="ManagedObjectReference">f</val>',
      { type: "Folder", value: "f" },
    ],
    [
      "a reference as Go's XML encoder writes it",
      '<val xmlns:s="http://www.w3.org/2001/XMLSchema-instance" type="Folder" s:type="ManagedObjectReference">f</val>',
      { type: "Folder", value: "f" },
    ],
  ])("decodes %s", (_what, xml, value) => {
    expect(property(xml)).toEqual(value);
  });

  test("from a newer host: what the schema does not know is left out, an unknown subtype is read as what is declared", () => {
    const answer = decode(
      "CreateListView",
      '<returnval type="ListView">v</returnval><future><more>1</more></future>',
    );
    expect(answer).toEqual({ result: { type: "ListView", value: "v" } });
    const devices = property(
      '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualQuantumDisk"><key>7</key><spin>1</spin></VirtualDevice></val>',
    );
    expect(devices).toEqual([{ $type: "VirtualDevice", key: 7 }]);
  });

  test("without a value is undefined, or an empty list where the schema has one", () => {
    expect(decode("WaitForUpdatesEx", "")).toEqual({ result: undefined });
    expect(decode("RetrievePropertiesEx", "<returnval/>")).toEqual({
      result: { $type: "RetrieveResult", objects: [] },
    });
    expect(decode("Logout", "")).toEqual({ result: undefined });
  });

  test("keeps the first of two values where there can be but one", () => {
    expect(
      property('<val xsi:type="Description"><label>a</label><label>b</label><summary>c</summary></val>'),
    ).toEqual({ $type: "Description", label: "a", summary: "c" });
  });

  test("has no value for what is nil", () => {
    expect(property('<val xsi:type="OptionValue"><key>k</key><value xsi:nil="true"/></val>')).toEqual({
      $type: "OptionValue",
      key: "k",
    });
  });

  test.each([
    [
      "whose detail only its name tells",
      "<detail><InvalidLoginFault><faultMessage><key>k</key></faultMessage></InvalidLoginFault><x/></detail>",
      { $type: "InvalidLogin", faultMessage: [{ $type: "LocalizableMessage", key: "k" }] },
    ],
    [
      "of a type that the schema does not know",
      '<detail><x xsi:type="Quantum"><a>1</a></x></detail>',
      { $type: "Quantum" },
    ],
    ["without a detail", "", { $type: "RuntimeFault" }],
    ["with an empty detail", "<detail/>", { $type: "RuntimeFault" }],
  ])("that is a fault %s", (_what, detail, fault) => {
    const method = findMethod("Login");
    if (!method) throw new Error("no Login");
    const text = `${HEAD}<soapenv:Fault><faultstring> Gone </faultstring>${detail}</soapenv:Fault>${TAIL}`;
    expect(decodeAnswer(method, text)).toEqual({ fault, message: "Gone" });
  });

  test("that is a fault keeps type, details and the host's words", () => {
    const method = findMethod("Login");
    if (!method) throw new Error("no Login");
    const fault = `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>Gone &amp; lost</faultstring><detail>
      <ManagedObjectNotFoundFault xmlns="urn:vim25" xsi:type="ManagedObjectNotFound"><obj type="Task">t-1</obj></ManagedObjectNotFoundFault>
      </detail></soapenv:Fault>`;
    expect(decodeAnswer(method, `${HEAD}${fault}${TAIL}`)).toEqual({
      fault: { $type: "ManagedObjectNotFound", obj: { type: "Task", value: "t-1" } },
      message: "Gone & lost",
    });
  });

  test.each([
    ["lacks the method's result", "CreateFilter", ""],
    ["lacks what its result must have", "Login", "<returnval><userName>root</userName></returnval>"],
    ["has text where an object belongs", "RetrievePropertiesEx", "<returnval>nothing</returnval>"],
    ["has nil where something must be", "CurrentTime", '<returnval xsi:nil="true"/>'],
    ["refers to an object without an id", "CreateListView", '<returnval type="ListView"/>'],
    ["is an object of another kind", "CreateListView", '<returnval type="VirtualMachine">1</returnval>'],
    ["has an object of another type", "Login", '<returnval xsi:type="OptionValue"><key>k</key></returnval>'],
  ])("is refused if it %s", (_what, method, body) => {
    expect(() => decode(method, body)).toThrow(XmlError);
  });

  test.each([
    ["text for a number", '<val xsi:type="xsd:int">many</val>'],
    ["nothing for a number", '<val xsi:type="xsd:long"/>'],
    ["text for a truth", '<val xsi:type="xsd:boolean">maybe</val>'],
    ["text for a fraction", '<val xsi:type="xsd:double">1.5x</val>'],
  ])("is refused if it has %s, which is not told", (_what, val) => {
    expect(() => property(val)).toThrow(
      /^a value of \d+ characters stands where one of the type \w+ belongs$/,
    );
  });

  test.each([
    ["name", '<val xsi:type="ArrayOfString"><string>a</string></val>'],
    ["config", '<val xsi:type="xsd:string">lost</val>'],
    ["config", '<val xsi:type="OptionValue"><key>k</key></val>'],
    ["config.hardware.device", '<val xsi:type="xsd:string"/>'],
    ["config.hardware.device", '<val xsi:type="ArrayOfString"><string>a</string></val>'],
    ["runtime.powerState", '<val xsi:type="ArrayOfInt"/>'],
    ["resourcePool", '<val xsi:type="xsd:string">pool</val>'],
    ["config.template", '<val xsi:type="xsd:string">true</val>'],
    ["config.hardware.numCPU", '<val xsi:type="xsd:string">2</val>'],
  ])("is refused if %s of a machine is %s", (path, val) => {
    expect(() => property(val, path)).toThrow(`${path} of a VirtualMachine is no `);
    const update = `<returnval><version>1</version><filterSet><filter type="PropertyFilter">f</filter>
      <objectSet><kind>enter</kind><obj type="VirtualMachine">1</obj><changeSet><name>${path}</name><op>assign</op>
      ${val}</changeSet></objectSet></filterSet></returnval>`;
    expect(() => decode("WaitForUpdatesEx", update)).toThrow(`${path} of a VirtualMachine is no `);
  });

  test.each([
    ["is cut off", `${HEAD}<LoginResponse xmlns="urn:vim25"><returnval>`],
    [
      "has a tag that is not closed",
      `${HEAD}<LoginResponse><returnval><a></returnval></LoginResponse>${TAIL}`,
    ],
    ["goes on after its end", `${HEAD}<LoginResponse/>${TAIL}<more/>`],
    ["has an entity that nobody declared", `${HEAD}<LoginResponse><a>&b;</a></LoginResponse>${TAIL}`],
    ["is HTML", "<html><body>Welcome</body></html>"],
    ["is for another method", `${HEAD}<LogoutResponse xmlns="urn:vim25"/>${TAIL}`],
    ["declares entities", `<!DOCTYPE x [<!ENTITY a "b">]>${HEAD}<LoginResponse>&a;</LoginResponse>${TAIL}`],
  ])("is refused if it %s", (_what, text) => {
    const method = findMethod("Login");
    if (!method) throw new Error("no Login");
    expect(() => decodeAnswer(method, text)).toThrow("answer");
  });
});

test("a lease without a thumbprint is read: newer hosts announce a certificate instead", () => {
  const url = "<deviceUrl><key>k</key><importKey>i</importKey><url>https://*/nfc/1</url></deviceUrl>";
  const value = `<val xsi:type="HttpNfcLeaseInfo"><lease type="HttpNfcLease">l</lease><entity type="VirtualMachine">1</entity>${url}<totalDiskCapacityInKB>1</totalDiskCapacityInKB><leaseTimeout>300</leaseTimeout></val>`;
  expect(property(value)).toMatchObject({ deviceUrl: [{ key: "k", url: "https://*/nfc/1" }] });
});
