import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { buildOvfEnvironment } from "../../../../provider/ovf/descriptor/ovf-environment.ts";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { attribute, childNamed, childrenNamed, parseXml } from "../../../../provider/ovf/xml/xml.ts";
import { buildOva } from "../../../support/ova-builder.ts";

const ENV = "http://schemas.dmtf.org/ovf/environment/1";

const descriptor = parseDescriptor(
  buildOva({
    transport: "iso com.vmware.guestInfo",
    envelopeSections: `<DeploymentOptionSection><Info>O</Info>
      <Configuration ovf:id="small"/><Configuration ovf:id="large"/></DeploymentOptionSection>`,
    sections: `<ProductSection ovf:class="vm"><Info>P</Info>
      <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="default-name">
        <Value ovf:value="large-name" ovf:configuration="large"/></Property>
      <Property ovf:key="password" ovf:type="string" ovf:userConfigurable="true" ovf:password="true"/>
      <Property ovf:key="ssh" ovf:type="boolean" ovf:userConfigurable="true"/>
      <Property ovf:key="build" ovf:type="string" ovf:value="1234"/>
      <Property ovf:key="nodes" ovf:type="string" ovf:value="3" ovf:configuration="large"/>
      </ProductSection>`,
  }).descriptor,
);

function propertiesOf(xml: string | undefined): Record<string, string | undefined> {
  const section = childNamed(parseXml(xml ?? ""), ENV, "PropertySection");
  const properties = section === undefined ? [] : childrenNamed(section, ENV, "Property");
  return Object.fromEntries(properties.map((it) => [attribute(it, ENV, "key"), attribute(it, ENV, "value")]));
}

describe("the OVF environment", () => {
  it("has every property, with the descriptor's own defaults", () => {
    expect(propertiesOf(buildOvfEnvironment(descriptor))).toEqual({
      "vm.hostname": "default-name",
      "vm.password": "",
      "vm.ssh": "False",
      "vm.build": "1234",
    });
  });

  it("has the user's values before those, and the chosen option's before the general ones", () => {
    const properties = { "vm.password": "p", "vm.ssh": "True" };
    expect(propertiesOf(buildOvfEnvironment(descriptor, { properties, deploymentOption: "large" }))).toEqual({
      "vm.hostname": "large-name",
      "vm.password": "p",
      "vm.ssh": "True",
      "vm.build": "1234",
      "vm.nodes": "3",
    });
  });

  it.each([
    `<&>"'`,
    "]]>",
    "line\nbreak\ttab\r",
    "  spaces  ",
    "&amp; &#10;",
    "ünïcödé 🖥",
    "ssh-ed25519 AAAA+/= joe@x",
  ])("carries %j exactly", (value) => {
    const xml = buildOvfEnvironment(descriptor, { properties: { "vm.password": value } }) ?? "";
    expect(propertiesOf(xml)["vm.password"]).toBe(value);
    const other = new XMLParser({ ignoreAttributes: false, trimValues: false, parseAttributeValue: false });
    expect(() => other.parse(xml, true)).not.toThrow();
  });

  it("spells booleans as vSphere does, whether they are the user's or the descriptor's", () => {
    const flags = parseDescriptor(
      buildOva({
        sections: `<ProductSection><Info>P</Info>
          <Property ovf:key="no" ovf:type="boolean" ovf:value="false"/>
          <Property ovf:key="yes" ovf:type="Boolean" ovf:value="TRUE"/>
          <Property ovf:key="none" ovf:type="boolean" ovf:value=""/>
          <Property ovf:key="odd" ovf:type="boolean" ovf:value="1"/>
          <Property ovf:key="on" ovf:type="boolean" ovf:userConfigurable="true" ovf:value="false"/>
          <Property ovf:key="off" ovf:type="boolean" ovf:userConfigurable="true" ovf:value="true"/>
          <Property ovf:key="text" ovf:type="string" ovf:value="true"/>
          </ProductSection>`,
      }).descriptor,
    );
    const properties = { on: "true", off: " false " };
    expect(propertiesOf(buildOvfEnvironment(flags, { properties }))).toEqual({
      no: "False",
      yes: "True",
      none: "False",
      odd: "1",
      on: "True",
      off: "False",
      text: "true",
    });
  });

  it("says on what platform it is", () => {
    const root = parseXml(buildOvfEnvironment(descriptor, { platformVersion: "8.0.3" }) ?? "");
    expect(root).toMatchObject({ namespace: ENV, name: "Environment" });
    expect(attribute(root, ENV, "id")).toBe("tiny");
    const platform = childNamed(root, ENV, "PlatformSection");
    expect(platform?.children.map((child) => [child.name, child.text])).toEqual([
      ["Kind", "VMware ESXi"],
      ["Version", "8.0.3"],
      ["Vendor", "VMware, Inc."],
      ["Locale", "en"],
    ]);
  });

  it("is left out where no guest looks for it", () => {
    expect(buildOvfEnvironment(parseDescriptor(buildOva().descriptor))).toBeUndefined();
    const asked = parseDescriptor(buildOva({ transport: "com.vmware.guestInfo" }).descriptor);
    expect(buildOvfEnvironment(asked)).toContain("<PlatformSection>");
    expect(buildOvfEnvironment(asked)).not.toContain("<PropertySection>");
  });
});
