import { describe, expect, it } from "vitest";
import { describeVm, FORMAT, lineWith } from "./descriptor.ts";
import { devicesOf, errorsOf, run, specOf, warningsOf } from "./import.ts";

describe("a descriptor that is no OVF", () => {
  it.each([
    ["nothing", "", 1],
    ["text", "not xml", 1],
    ["a tag that is not closed", "<a>\n<b>\n</a>", 3],
    ["two roots", "<a/>\n<b/>", 2],
    ["a document type", `<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x "y">]>\n<a>&x;</a>`, 2],
    ["an entity that nobody defined", "<a>&x;</a>", 1],
    ["a bare ampersand", "<a>a & b</a>", 1],
    ["a character that is none", "<a>&#0;</a>", 1],
  ])("is refused as XML: %s", (_, text, line) => {
    const [[type, message] = []] = errorsOf(run(text));
    expect(type).toBe("OvfXmlFormat");
    expect(message).toMatch(new RegExp(`^Line ${line}: `));
  });

  it.each([
    ["another root", "<Package/>", "OvfUnexpectedElement"],
    ["no namespace", "<Envelope/>", "OvfWrongNamespace"],
    [
      "the namespace of OVF 0.9",
      `<Envelope xmlns="http://www.vmware.com/schema/ovf/1/envelope"/>`,
      "OvfWrongNamespace",
    ],
    ["no virtual system", `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>`, "OvfMissingElement"],
    [
      "a vApp",
      `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><VirtualSystemCollection/></Envelope>`,
      "OvfUnsupportedElement",
    ],
  ])("is refused: %s", (_, text, fault) => {
    expect(errorsOf(run(text)).map(([type]) => type)).toEqual([fault]);
  });
});

describe("a damaged descriptor", () => {
  it.each([
    [
      "no References",
      (text: string) => text.replace(/<References>[\s\S]*<\/References>/, ""),
      "OvfMissingElement",
    ],
    ["a file without id", (text: string) => text.replace(`ovf:id="file1"`, ""), "OvfMissingAttribute"],
    [
      "a file without href",
      (text: string) => text.replace(`ovf:href="disk1.vmdk"`, ""),
      "OvfMissingAttribute",
    ],
    [
      "a size that is no number",
      (text: string) => text.replace(`size="1000"`, `size="1k"`),
      "OvfInvalidValueFormatMalformed",
    ],
    [
      "a disk of an unknown file",
      (text: string) => text.replace(`fileRef="file1"`, `fileRef="x"`),
      "OvfInvalidValueReference",
    ],
    [
      "a disk without capacity",
      (text: string) => text.replace(`ovf:capacity="10"`, ""),
      "OvfMissingAttribute",
    ],
    [
      "a disk of no capacity",
      (text: string) => text.replace(`ovf:capacity="10"`, `ovf:capacity="0"`),
      "OvfInvalidValueFormatMalformed",
    ],
    [
      "a capacity in cubits",
      (text: string) => text.replace("byte * 2^20", "cubit"),
      "OvfInvalidValueFormatMalformed",
    ],
    [
      "a disk without format",
      (text: string) => text.replace(`ovf:format="${FORMAT}"`, ""),
      "OvfMissingAttribute",
    ],
    [
      "a delta disk",
      (text: string) => text.replace("ovf:capacity=", `ovf:parentRef="p" ovf:capacity=`),
      "OvfUnsupportedAttribute",
    ],
    [
      "no hardware",
      (text: string) => text.replace(/<VirtualHardwareSection>[\s\S]*<\/VirtualHardwareSection>/, ""),
      "OvfMissingElement",
    ],
    [
      "a virtual system without id",
      (text: string) => text.replace(`ovf:id="vm1"`, ""),
      "OvfMissingAttribute",
    ],
    [
      "a second virtual system",
      (text: string) => text.replace("</Envelope>", `<VirtualSystem ovf:id="b"/></Envelope>`),
      "OvfUnexpectedElement",
    ],
    [
      "an unknown section",
      (text: string) => text.replace("<VirtualSystem ", "<SpaceSection/><VirtualSystem "),
      "OvfUnsupportedSection",
    ],
  ])("is refused: %s", (_, damage, fault) => {
    const errors = errorsOf(run(damage(describeVm()))).map(([type]) => type);
    expect(errors[0]).toBe(fault);
  });

  it("is told by line what is missing", () => {
    const descriptor = describeVm().replace(`ovf:href="disk1.vmdk"`, "");
    expect(errorsOf(run(descriptor))[0]?.[1]).toBe(
      `Line ${lineWith(descriptor, "<File")}: Missing attribute 'href' on element 'File'.`,
    );
  });

  it("is taken with what has a prefix that nobody declares, which counts for nothing", () => {
    const odd = describeVm().replace("</Envelope>", "<odd:Strings><Msg/></odd:Strings></Envelope>");
    expect(warningsOf(run(odd))).toEqual([]);
    const lost = describeVm().replace("ovf:href=", "odd:href=");
    expect(errorsOf(run(lost))[0]?.[1]).toBe(
      `Line ${lineWith(lost, "<File")}: Missing attribute 'href' on element 'File'.`,
    );
  });

  it("is taken with elements that have no namespace, where OVF's has a prefix only", () => {
    const bare = describeVm()
      .replace(/<Envelope xmlns="[^"]*"/, "<ovf:Envelope")
      .replace("</Envelope>", "</ovf:Envelope>");
    expect(specOf(run(bare))).toEqual(specOf(run(describeVm())));
  });

  it.each(["-1", "-2"])("is taken with a size of %s", (size) => {
    const text = describeVm().replace(`size="1000"`, `size="${size}"`);
    expect(warningsOf(run(text))).toEqual([]);
  });

  it("is taken without the sections that it does not require", () => {
    const text = describeVm().replace(
      "<VirtualSystem ",
      `<SpaceSection ovf:required="false"/><VirtualSystem `,
    );
    expect(warningsOf(run(text)).map(([type]) => type)).toEqual(["OvfUnsupportedSection"]);
  });
});

describe("parameters that do not fit", () => {
  it.each(["monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "seSparse", "Thin"])(
    "are refused: disk provisioning %s",
    (diskProvisioning) => {
      expect(errorsOf(run(describeVm(), { diskProvisioning }))[0]?.[0]).toBe(
        "OvfUnsupportedDiskProvisioning",
      );
    },
  );

  it("are refused: a name that is too long", () => {
    expect(errorsOf(run(describeVm(), { entityName: "x".repeat(81) }))[0]?.[0]).toBe("OvfInvalidVmName");
  });
});

describe("properties of a descriptor", () => {
  const system = `<ProductSection ovf:class="net" ovf:instance="1"><Info/>
<Property ovf:key="port" ovf:type="uint16"/>
<Property ovf:key="host" ovf:type="string" ovf:qualifiers="MinLen(2) MaxLen(4)"/>
<Property ovf:key="mode" ovf:type="string" ovf:qualifiers='ValueMap{"on","off"}'/>
<Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:qualifiers="MinLen(8)"/>
<Property ovf:key="flag" ovf:type="boolean"/>
<Property ovf:key="size" ovf:type="int" ovf:value="5"/></ProductSection>`;
  const map = (key: string, value: string) => ({ propertyMapping: [{ $type: "KeyValue", key, value }] });

  it.each([
    ["net.port.1", "65535"],
    ["net.host.1", "abc"],
    ["net.mode.1", "off"],
    ["net.flag.1", "True"],
    ["net.size.1", "-3"],
  ])("%s may be %s", (key, value) => {
    expect(warningsOf(run(describeVm({ system }), map(key, value)))).toEqual([]);
  });

  it.each([
    ["net.port.1", "65536"],
    ["net.port.1", "-1"],
    ["net.port.1", ""],
    ["net.host.1", "a"],
    ["net.host.1", "abcde"],
    ["net.mode.1", "maybe"],
    ["net.flag.1", "yes"],
  ])("%s may not be %j", (key, value) => {
    const descriptor = describeVm({ system });
    const { error } = run(descriptor, map(key, value));
    expect(error?.map(({ fault }) => fault)).toMatchObject([{ $type: "OvfPropertyValue", value }]);
  });

  it("that hold passwords are not repeated in faults", () => {
    const result = run(describeVm({ system }), map("net.secret.1", "hunter2"));
    expect(errorsOf(result)).toHaveLength(1);
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  it("that the descriptor does not have are refused", () => {
    expect(errorsOf(run(describeVm({ system }), map("port", "1")))).toEqual([
      ["InvalidArgument", "A specified parameter was not correct: the OVF package has no property 'port'"],
    ]);
  });

  it("can be the capacity of a disk", () => {
    const text = describeVm({ system }).replace(`ovf:capacity="10"`, `ovf:capacity="\${size}"`);
    const capacity = (result: ReturnType<typeof run>) =>
      Reflect.get(devicesOf(result).find(({ $type }) => $type === "VirtualDisk") ?? {}, "capacityInKB");
    expect(capacity(run(text))).toBe(5 * 1024);
    expect(capacity(run(text, map("net.size.1", "7")))).toBe(7 * 1024);
    expect(errorsOf(run(text.replace(`\${size}`, `\${other}`)))[0]?.[0]).toBe("OvfInvalidValueReference");
  });
});
