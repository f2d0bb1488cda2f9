import { describe, expect, it } from "vitest";
import { OvfDescriptorError } from "../../../../provider/ovf/descriptor/ovf-descriptor-error.ts";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { buildOva, diskFile } from "../../../support/ova-builder.ts";

const plain = buildOva().descriptor;
const withSections = (sections: string, envelopeSections = "") =>
  buildOva({ sections, envelopeSections }).descriptor;
const product = (properties: string, attributes = "") =>
  `<ProductSection ${attributes}><Info>P</Info>${properties}</ProductSection>`;

const options = `<DeploymentOptionSection><Info>O</Info>
  <Configuration ovf:id="small"><Label ovf:msgid="small.label"/><Description>Few</Description></Configuration>
  <Configuration ovf:id="large" ovf:default="true"><Label>Large</Label><Description>Many</Description></Configuration>
</DeploymentOptionSection>
<Strings xml:lang="en"><Msg ovf:msgid="small.label">Small</Msg></Strings>`;

describe("a descriptor", () => {
  it("tells files, disks, networks, VM and hardware", () => {
    const built = buildOva({
      files: [
        diskFile("a.vmdk"),
        diskFile("b.gz", { compression: "gzip", chunkSizeBytes: 4096, describedBytes: null }),
      ],
      networks: ["VM Network", "a & b"],
    });
    expect(parseDescriptor(built.descriptor)).toMatchObject({
      ovfVersion: "1.x",
      files: [
        {
          id: "file1",
          href: "a.vmdk",
          sizeBytes: built.entries.get("a.vmdk")?.length,
          compression: undefined,
        },
        { id: "file2", href: "b.gz", sizeBytes: undefined, compression: "gzip", chunkSizeBytes: 4096 },
      ],
      disks: [
        { diskId: "vmdisk1", fileRef: "file1", capacityBytes: 2 ** 20 },
        { diskId: "vmdisk2", fileRef: "file2", capacityBytes: 2 ** 20 },
      ],
      networks: [{ name: "VM Network" }, { name: "a & b" }],
      virtualSystem: { id: "tiny", name: "tiny", guestId: "otherLinuxGuest", osType: 36 },
      hardware: { numCpus: 1, memoryMb: 64, families: { versions: [13], text: "vmx-13" } },
      deploymentOptions: [],
      properties: [],
      transports: [],
    });
  });

  it.each([
    ["an envelope without a default namespace", (text: string) => text.replace(/ xmlns="[^"]*"/, "")],
    [
      "attributes of a prefix that nobody declares",
      (text: string) => text.replace("<Item>", '<Item ovfstr:x="1">'),
    ],
    ["InstanceId for InstanceID", (text: string) => text.replaceAll("rasd:InstanceID>", "rasd:InstanceId>")],
  ])("means the same with %s", (_what, change) => {
    expect(change(plain)).not.toBe(plain);
    expect(parseDescriptor(change(plain))).toEqual(parseDescriptor(plain));
  });

  it("takes a size of -1 for one that nobody knows", () => {
    const unknown = parseDescriptor(plain.replace(/ovf:size="\d+"/, 'ovf:size="-1"'));
    expect(unknown.files.map(({ sizeBytes }) => sizeBytes)).toEqual([undefined]);
  });

  it("means the same whatever its prefixes are called", () => {
    const swapped = plain
      .replaceAll("ovf:", "o:")
      .replaceAll("xmlns:ovf=", "xmlns:o=")
      .replaceAll("rasd:", "ovf:")
      .replaceAll("xmlns:rasd=", "xmlns:ovf=")
      .replaceAll("xmlns:o:", "xmlns:o=")
      .replace('xmlns="http://schemas.dmtf.org/ovf/envelope/1"', "")
      .replace(/<(\/?)([A-Z])/g, "<$1o:$2");
    expect(swapped).toContain("<o:Envelope");
    expect(parseDescriptor(swapped)).toEqual(parseDescriptor(plain));
  });

  it("may leave its attributes unqualified, and be OVF 2", () => {
    const version2 = plain.replaceAll("envelope/1", "envelope/2").replaceAll(/ ovf:(\w+)=/g, " $1=");
    expect(parseDescriptor(version2)).toEqual({ ...parseDescriptor(plain), ovfVersion: "2.x" });
  });

  it("of a foreign namespace's elements takes no notice", () => {
    const foreign = withSections(
      '<x:ProductSection xmlns:x="urn:x"><x:Property x:key="k"/></x:ProductSection>',
    );
    expect(parseDescriptor(foreign).properties).toEqual([]);
  });

  it.each([
    ["1073741824", undefined, 2 ** 30],
    ["8", "byte * 2^30", 8 * 2 ** 30],
    ["10", "byte*2^20", 10 * 2 ** 20],
    ["2", "GigaBytes", 2 * 2 ** 30],
    ["3", "byte * 1024 * 1024", 3 * 2 ** 20],
    ["5", "furlong", undefined],
  ])("has a capacity of %s in %s", (capacity, unit, bytes) => {
    const attributes = `ovf:capacity="${capacity}"${unit === undefined ? "" : ` ovf:capacityAllocationUnits="${unit}"`}`;
    const descriptor = plain.replace(/ovf:capacity="\d+"/, attributes);
    expect(parseDescriptor(descriptor).disks[0]?.capacityBytes).toBe(bytes);
  });

  it("has deployment options with texts from its string bundle", () => {
    expect(parseDescriptor(withSections("", options)).deploymentOptions).toEqual([
      { id: "small", label: "Small", description: "Few", isDefault: false },
      { id: "large", label: "Large", description: "Many", isDefault: true },
    ]);
  });

  it("takes hardware of the default option", () => {
    const descriptor = withSections("", options).replace(
      "</VirtualHardwareSection>",
      `<Item ovf:configuration="large"><rasd:InstanceID>201</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>8</rasd:VirtualQuantity></Item>
       <Item ovf:configuration="small"><rasd:InstanceID>202</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
       </VirtualHardwareSection>`,
    );
    expect(parseDescriptor(descriptor).hardware).toMatchObject({ numCpus: 8, memoryMb: 64 });
  });

  it("names properties by class, key and instance", () => {
    const descriptor = withSections(
      product('<Property ovf:key="a"/>') +
        product('<Property ovf:key="a"/>', 'ovf:class="com.x"') +
        product('<Property ovf:key="a"/>', 'ovf:class="com.x" ovf:instance="2"') +
        product('<Property ovf:key="b"/>', 'ovf:instance="3"'),
    );
    expect(parseDescriptor(descriptor).properties.map((property) => property.key)).toEqual([
      "a",
      "com.x.a",
      "com.x.a.2",
      "b.3",
    ]);
  });

  it("tells of a property what a deployment needs", () => {
    const xml = `<Category>General</Category>
      <Property ovf:key="pw" ovf:type="string" ovf:qualifiers="MinLen(8)" vmw:qualifiers="MaxLen(20)"
        ovf:userConfigurable="true" ovf:password="true" ovf:value="a&#10;&quot;b&quot;">
        <Label>Password of <![CDATA[<root>]]></Label>
        <Value ovf:value="other" ovf:configuration="small"/>
      </Property>`;
    const [property] = parseDescriptor(withSections(product(xml), options)).properties;
    expect(property).toEqual({
      key: "pw",
      id: "pw",
      type: "string",
      qualifiers: "MinLen(8) MaxLen(20)",
      defaultValue: 'a\n"b"',
      defaultByOption: new Map([["small", "other"]]),
      options: undefined,
      userConfigurable: true,
      required: true,
      label: "Password of <root>",
    });
  });

  it.each([
    ["a string without default", 'ovf:type="string"', false],
    ["a string without default that must not be empty", 'ovf:type="string" ovf:qualifiers="MinLen(1)"', true],
    [
      "a string with an empty default that must not be empty",
      'ovf:type="string" ovf:qualifiers="MinLen(1)" ovf:value=""',
      true,
    ],
    ["a string with a default", 'ovf:type="string" ovf:qualifiers="MinLen(1)" ovf:value="x"', false],
    ["a number without default", 'ovf:type="uint16"', true],
    ["a number with a default", 'ovf:type="int" ovf:value=" 42 "', false],
    ["a boolean without default", 'ovf:type="boolean"', false],
    ["a choice without default", `ovf:type="string" ovf:qualifiers='ValueMap{"a","b"}'`, true],
  ])("needs a value for %s: %s → %s", (_, attributes, required) => {
    const xml = (configurable: boolean) =>
      withSections(product(`<Property ovf:key="k" ${attributes} ovf:userConfigurable="${configurable}"/>`));
    expect(parseDescriptor(xml(true)).properties[0]?.required).toBe(required);
    expect(parseDescriptor(xml(false)).properties[0]?.required).toBe(false);
  });

  it("has licences of envelope and VM", () => {
    const eula = (text: string) => `<EulaSection><Info>E</Info><License>${text}</License></EulaSection>`;
    expect(parseDescriptor(withSections(eula("Second &amp; last"), eula("First"))).eulas).toEqual([
      "First",
      "Second & last",
    ]);
  });
});

describe("a descriptor is refused", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["that is no XML", "hello", /not well-formed XML: line 1/],
    ["that is cut off", plain.slice(0, 2000), /not well-formed/],
    ["that is not OVF", "<html/>", /root element is <html>/],
    ["of OVF 0.9", '<Envelope xmlns="http://www.vmware.com/schema/ovf/1/envelope"/>', /OVF 0\.9/],
    ["with a DOCTYPE", plain.replace("<Envelope", "<!DOCTYPE Envelope><Envelope"), /DOCTYPE/],
    [
      "with entities that expand",
      `<!DOCTYPE b [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${plain.replace(/<\?xml.*\?>/, "")}`,
      /DOCTYPE/,
    ],
    ["with an external entity", plain.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">'), /DOCTYPE/],
    ["with an entity that is nowhere defined", plain.replace("A virtual machine", "&xxe;"), /&xxe;/],
    ["that is larger than 4 MiB", `${plain}<!--${"x".repeat(4 * 2 ** 20)}-->`, /larger than 4 MiB/],
    [
      "that nests without end",
      `<a>${"<b>".repeat(9000)}${"</b>".repeat(9000)}</a>`,
      /nests elements more than 100 deep/,
    ],
    ["without VM", plain.replace(/<VirtualSystem [\s\S]*<\/VirtualSystem>/, ""), /no VirtualSystem/],
    [
      "with two VMs",
      plain.replace("</Envelope>", '<VirtualSystem ovf:id="b"/></Envelope>'),
      /2 VirtualSystems \(the second in line \d+\)/,
    ],
    [
      "with a vApp",
      plain.replaceAll(/(<\/?)VirtualSystem(?=[ >])/g, "$1VirtualSystemCollection"),
      /vApp \(VirtualSystemCollection, line \d+\).*accepts only a vApp of one VM/,
    ],
    [
      "with an unknown compression",
      plain.replace("ovf:size=", 'ovf:compression="xz" ovf:size='),
      /\(line \d+\) is compressed with xz/,
    ],
    [
      "with a disk of no file",
      plain.replace('ovf:fileRef="file1"', 'ovf:fileRef="file9"'),
      /disk vmdisk1 \(line \d+\) refers to file file9, which is not in References/,
    ],
    ["with one disk id twice", plain.replace(/<Disk [^>]*>/, "$&$&"), /disk id "vmdisk1" twice \(line \d+\)/],
    ["with a file without href", plain.replace('ovf:href="tiny-disk1.vmdk"', ""), /has no href \(line \d+\)/],
    [
      "with one property twice",
      withSections(product('<Property ovf:key="k"/><Property ovf:key="k"/>')),
      /property "k" twice \(line \d+\)/,
    ],
  ];

  it.each(cases)("%s", (_, xml, message) => {
    expect(() => parseDescriptor(xml)).toThrow(OvfDescriptorError);
    expect(() => parseDescriptor(xml)).toThrow(message);
  });

  it("within a second, however its comments are left open", () => {
    const started = performance.now();
    expect(() => parseDescriptor(`<a>${"<!--".repeat(900_000)}</a>`)).toThrow(OvfDescriptorError);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("never because of a DOCTYPE in a comment or in CDATA", () => {
    const text = plain.replace("A virtual machine", "<!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE b>]]>");
    expect(parseDescriptor(text)).toEqual(parseDescriptor(plain));
  });
});
