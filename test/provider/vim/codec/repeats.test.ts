import { describe, expect, test } from "vitest";
import { withoutRepeats } from "../../../../provider/vim/codec/repeats.ts";
import { parseXml } from "../../../../provider/vim/codec/xml.ts";

/** Two hundred machines that differ in their name and in what `own` says. */
function manyMachines(own: (index: number) => string = () => ""): string[] {
  return Array.from(
    { length: 200 },
    (_, index) =>
      `<objects><obj type="VirtualMachine">${index}</obj>` +
      `<propSet><name>name</name><val xsi:type="xsd:string">vm-${index}, a name that is longer than most</val></propSet>` +
      '<propSet><name>config</name><val xsi:type="VirtualMachineConfigInfo"><flags/><hardware>' +
      '<device xsi:type="VirtualPCIController"><key>100</key><busNumber>0</busNumber><device>500</device>' +
      "<device>12000</device></device>" +
      '<device xsi:type="VirtualKeyboard"><key>600</key><deviceInfo xsi:type="Description"><label>Keyboard</label>' +
      "<summary>Keyboard</summary></deviceInfo></device>" +
      `</hardware>${own(index)}<tools><syncTimeWithHost>false</syncTimeWithHost><pendingCustomization>no</pendingCustomization></tools>` +
      "</val></propSet></objects>",
  );
}

const document = (machines: readonly string[]) =>
  `<?xml version="1.0"?>\n<Envelope xmlns:xsi="i"><Body>${machines.join("\n")}</Body></Envelope>`;

/** What is read of each machine when its document holds no other. */
function readAlone(machines: readonly string[]): unknown[] {
  return machines.map((machine) => bodyOf(parseXml(document([machine])))[0]);
}

function bodyOf(root: unknown): unknown[] {
  const [envelope] = (root as { "": { Envelope: { Body: unknown[] }[] }[] })[""].filter(
    (node) => node.Envelope,
  );
  const body = envelope?.Envelope.find((node) => node.Body)?.Body ?? [];
  return body.filter((node) => !("#text" in (node as object)));
}

describe("of a long document that says the same again and again", () => {
  test("everything is read as if it stood alone", () => {
    const machines = manyMachines();
    expect(withoutRepeats(document(machines))?.elements.length).toBeLessThan(machines.length * 3);
    expect(bodyOf(parseXml(document(machines)))).toEqual(readAlone(machines));
  });

  test("each element that is the same word for word is read once", () => {
    const short = withoutRepeats(document(manyMachines()));
    expect(short?.elements.filter((element) => element.includes("VirtualKeyboard"))).toHaveLength(1);
    expect(short?.elements.filter((element) => element.includes("pendingCustomization"))).toHaveLength(1);
  });

  test("a difference of one character is kept", () => {
    const option = (index: number) =>
      '<extraConfig xsi:type="OptionValue"><key>guestinfo.number</key>' +
      `<value xsi:type="xsd:string">${index === 77 ? "b" : "a"}</value></extraConfig>`;
    const machines = manyMachines(option);
    const read = bodyOf(parseXml(document(machines)));
    expect(read).toEqual(readAlone(machines));
    expect(JSON.stringify(read[77])).not.toBe(JSON.stringify(read[76]).replace(/76/g, "77"));
  });

  test.each([
    ["what stands for an element", "<annotation>same-as-1</annotation>"],
    ["an element of that name", "<same-as-1/>"],
    ["a comment", "<!-- <device> -->"],
    ["a section of characters", "<annotation><![CDATA[</propSet>]]></annotation>"],
    ["tags as text", "<annotation>&lt;/propSet&gt;&lt;device&gt;</annotation>"],
    ["empty elements with attributes", '<cpuAllocation xsi:nil="true"/><bootOptions />'],
  ])("%s misleads nobody", (_what, text) => {
    const machines = manyMachines((index) => (index % 3 === 0 ? text : ""));
    expect(bodyOf(parseXml(document(machines)))).toEqual(readAlone(machines));
  });
});

test("a short document is left as it is", () => {
  expect(withoutRepeats(document(manyMachines().slice(0, 3)))).toBeUndefined();
});
