import { describe, expect, test } from "vitest";
import { validateOvaChoices } from "../../../provider/ovf/descriptor/choices.ts";
import { descriptorForHost } from "../../../provider/ovf/descriptor/host-descriptor.ts";
import { parseDescriptor } from "../../../provider/ovf/descriptor/parse-descriptor.ts";
import { buildOva } from "../../support/ova-builder.ts";

const plain = buildOva().descriptor;
const LENGTH = 200_000;
const times = (count: number, piece: (index: number) => string) =>
  Array.from({ length: Math.floor(count) }, (_, index) => piece(index)).join("");
const withSection = (section: string) =>
  plain.replace("</VirtualSystem>", () => `${section}</VirtualSystem>`);
const withProperty = (attributes: string) =>
  withSection(
    `<ProductSection><Info>i</Info><Property ovf:key="k" ovf:userConfigurable="true" ${attributes}/></ProductSection>`,
  );

/** A run of the old code on each of these took from five seconds to minutes, or a gigabyte. */
const DEAR: readonly (readonly [what: string, text: string])[] = [
  [
    "a qualifier that begins again and again",
    withProperty(`ovf:type="string" ovf:qualifiers="${times(LENGTH / 9, () => "ValueMap{")}"`),
  ],
  [
    "a qualifier with brackets that nobody closes",
    withProperty(`ovf:type="string" ovf:qualifiers="${"MinLen(".repeat(LENGTH / 7)}"`),
  ],
  [
    "as many namespaces as children",
    withSection(
      `<x ${times(900, (i) => `xmlns:a${i}="urn:${i}" `)}>${"<b xmlns='q'/>".repeat(50)}${"<b/>".repeat(LENGTH / 5)}</x>`,
    ),
  ],
  [
    "a product of hundreds of options with thousands of properties",
    withSection(
      `<ProductSection ovf:configuration="${times(990, (i) => `o${i} `)}"><Info/>${times(LENGTH / 60, (i) => `<Property ovf:key="k${i}" ovf:type="string"/>`)}</ProductSection>`,
    ),
  ],
  ["comments that begin in a processing instruction", withSection(`<?x ${"<!--".repeat(LENGTH / 4)}?>`)],
  ["a file with a run of spaces", plain.replace("<File ", `<File${" ".repeat(LENGTH / 2)}`)],
  [
    "a value map with thousands of values",
    withProperty(`ovf:type="string" ovf:qualifiers='ValueMap{${times(LENGTH / 8, (i) => `"v${i}",`)}}'`),
  ],
  ["a default of thousands of digits", withProperty(`ovf:type="uint8" ovf:value="${"9".repeat(LENGTH)}"`)],
  ["references without end", withSection(`<x>${"&amp;".repeat(LENGTH / 5)}</x>`)],
];

test.each(DEAR)("%s is read in the time that its length takes", (_, text) => {
  const started = process.cpuUsage();
  const ovf = parseDescriptor(text);
  const failures = validateOvaChoices(ovf, {
    properties: { "not-there": "1" },
    networkMap: { "VM Netwrk": "x" },
  });
  parseDescriptor(descriptorForHost(text));
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(failures.length).toBeLessThan(100);
  expect(JSON.stringify(failures).length).toBeLessThan(20_000);
});

describe("a descriptor is refused", () => {
  test.each([
    [
      "that nests too deep",
      withSection(`${"<a>".repeat(200)}${"</a>".repeat(200)}`),
      /nests elements more than 100 deep/,
    ],
    ["with too many elements", withSection("<a/>".repeat(100_001)), /more than 100000 elements/],
    [
      "with too many attributes",
      withSection(`<a ${times(1001, (i) => `a${i}="" `)}/>`),
      /more than 1000 attributes/,
    ],
    [
      "with too many namespaces",
      withSection(times(1001, (i) => `<a xmlns:a${i}="b"/>`)),
      /namespaces more than 1000 times/,
    ],
    [
      "with too many files",
      plain.replace(
        "</References>",
        `${times(1001, (i) => `<File ovf:id="f${i}" ovf:href="h${i}"/>`)}</References>`,
      ),
      /more than 1000 files/,
    ],
    [
      "with too many deployment options of a property",
      withSection(
        `<ProductSection ovf:configuration="${times(1001, (i) => `o${i} `)}"><Info/></ProductSection>`,
      ),
      /more than 1000 deployment options/,
    ],
    [
      "with a zero character",
      plain.replace("A virtual machine", "A\0machine"),
      /line \d+, column \d+: disallowed character U\+0000/,
    ],
    [
      "with a reference to a zero character",
      plain.replace("A virtual machine", "&#0;"),
      /"&#0;", which XML itself does not define/,
    ],
    [
      "with an entity that JavaScript would know",
      plain.replace("A virtual machine", "&constructor;"),
      /"&constructor;"/,
    ],
    [
      "with an attribute twice",
      plain.replace('ovf:id="tiny"', 'ovf:id="tiny" ovf:id="b"'),
      /duplicate attribute/,
    ],
    [
      "with tags that do not match",
      plain.replace("</VirtualSystem>", "</Virtual>"),
      /line \d+, column \d+: .*close tag/,
    ],
  ])("%s", (_, text, message) => {
    expect(() => parseDescriptor(text)).toThrow(message);
  });
});

test("a capacity that no number can hold is none", () => {
  const text = plain.replace(/ovf:capacity="\d+"/, `ovf:capacity="${"9".repeat(400)}"`);
  expect(parseDescriptor(text).disks[0]?.capacityBytes).toBeUndefined();
});
