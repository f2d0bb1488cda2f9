import { describe, expect, it } from "vitest";
import { type OvaChoices, validateOvaChoices } from "../../../../provider/ovf/descriptor/choices.ts";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { buildOva } from "../../../support/ova-builder.ts";

const property = (key: string, attributes: string, configurable = true) =>
  `<Property ovf:key="${key}" ovf:userConfigurable="${configurable}" ${attributes}><Label>${key} label</Label></Property>`;

const descriptor = parseDescriptor(
  buildOva({
    networks: ["VM Network", "Backup"],
    envelopeSections: `<DeploymentOptionSection><Info>O</Info>
      <Configuration ovf:id="small" ovf:default="true"><Label>S</Label></Configuration>
      <Configuration ovf:id="large"><Label>L</Label></Configuration></DeploymentOptionSection>`,
    sections: `<ProductSection><Info>P</Info>
      ${property("hostname", 'ovf:type="string" ovf:qualifiers="MinLen(1),MaxLen(8)"')}
      ${property("port", 'ovf:type="uint16" ovf:value="80" ovf:qualifiers="MinValue(10)"')}
      ${property("offset", 'ovf:type="sint8" ovf:value="0"')}
      ${property("big", 'ovf:type="uint64" ovf:value="0"')}
      ${property("ratio", 'ovf:type="real32" ovf:value="0.5"')}
      ${property("ssh", 'ovf:type="boolean" ovf:value="False"')}
      ${property("mode", `ovf:type="string" ovf:value="a" ovf:qualifiers='ValueMap{"a","b, c"}'`)}
      ${property("nodes", 'ovf:type="uint8" ovf:configuration="large"')}
      ${property("fixed", 'ovf:type="string" ovf:value="as built"', false)}
      ${property("built-in", 'ovf:type="boolean" ovf:value="true"', false)}
      </ProductSection>`,
  }).descriptor,
);

const problems = (choices: OvaChoices) =>
  validateOvaChoices(descriptor, { ...choices, properties: { hostname: "golden", ...choices.properties } });

describe("choices for an OVA", () => {
  it("that fit have no problems", () => {
    const properties = {
      port: "65535",
      offset: "-128",
      big: "18446744073709551615",
      ratio: "1e3",
      ssh: "true",
      mode: "b, c",
      fixed: "as built",
      "built-in": "True",
    };
    const networkMap = { "VM Network": "lab-net" };
    expect(problems({ networkMap, deploymentOption: "small", properties, diskProvisioning: "thin" })).toEqual(
      [],
    );
    expect(problems({ deploymentOption: "", properties: {} })).toEqual([]);
    expect(problems({ deploymentOption: "large", properties: { nodes: "3" } })).toEqual([]);
  });

  it("name an unknown network and the one that was probably meant", () => {
    expect(problems({ networkMap: { "VM Netwrk": "lab-net" } })).toEqual([
      {
        path: "ovfNetworkMap.VM Netwrk",
        reason:
          'the OVF has no network "VM Netwrk": did you mean "VM Network"? The OVF has "VM Network", "Backup"',
      },
    ]);
    expect(problems({ networkMap: { production: "x" } })[0]?.reason).toBe(
      'the OVF has no network "production": The OVF has "VM Network", "Backup"',
    );
    expect(problems({ networkMap: { Backup: "" } })[0]?.path).toBe("ovfNetworkMap.Backup");
  });

  it("name an unknown deployment option", () => {
    expect(problems({ deploymentOption: "smal" })).toMatchObject([
      { path: "deploymentOption", reason: expect.stringContaining('did you mean "small"?') },
    ]);
  });

  it("name an unknown disk provisioning", () => {
    expect(problems({ diskProvisioning: "thinn" })).toEqual([
      { path: "diskProvisioning", reason: '"thinn" is none of thin, thick, eagerZeroedThick' },
    ]);
  });

  it("name a required property that is missing, under the option that has it", () => {
    expect(validateOvaChoices(descriptor, {})).toMatchObject([
      { path: "properties.hostname", reason: expect.stringContaining("hostname label") },
    ]);
    expect(problems({ deploymentOption: "large" })).toMatchObject([{ path: "properties.nodes" }]);
    expect(problems({ properties: { nodes: "1" } })).toEqual([
      { path: "properties.nodes", reason: "belongs to deployment option large only" },
    ]);
  });

  it.each([
    ["hostnme", "sesame-9", /did you mean "hostname"/],
    ["hostname", "", /must not be empty/],
    ["hostname", "sesame-9-sesame-9", /at most 8 characters/],
    ["port", "sesame-9", /whole number \(uint16\)/],
    ["port", "70999", /from 0 to 65535/],
    ["port", "9", /at least 10/],
    ["port", "", /whole number/],
    ["offset", "-129", /from -128 to 127/],
    ["big", "18446744073709551616", /from 0 to 18446744073709551615/],
    ["ratio", "sesame-9", /must be a number/],
    ["ssh", "sesame-9", /True or False/],
    ["mode", "sesame-9", /one of "a", "b, c"/],
    ["fixed", "sesame-9", /not user configurable/],
    ["hostname", "a\u0000b", /characters that XML cannot carry/],
    ["hostname", "a\ud800b", /characters that XML cannot carry/],
  ])("refuse property %s = %j without repeating the value", (key, value, message) => {
    const found = problems({ properties: { [key]: value } });
    expect(found).toHaveLength(1);
    expect(found[0]?.path).toBe(`properties.${key}`);
    expect(found[0]?.reason).toMatch(message);
    expect(found[0]?.reason).not.toContain("sesame");
  });

  it("may name properties like members of every object", () => {
    expect(problems({ properties: { toString: "x" } })).toMatchObject([{ path: "properties.toString" }]);
    expect(problems({ networkMap: { constructor: "x" } })).toMatchObject([
      { path: "ovfNetworkMap.constructor" },
    ]);
  });
});
