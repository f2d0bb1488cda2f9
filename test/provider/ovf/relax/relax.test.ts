import { describe, expect, it } from "vitest";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { relaxed } from "../../../../provider/ovf/relax/relax.ts";
import { describeVm, item, lineWith, SCSI } from "../../../simulator/ovf/descriptor.ts";
import { errorsOf, run, specOf } from "../../../simulator/ovf/import.ts";
import { virtualBoxDescriptor } from "../../../support/virtualbox-export.ts";

const DRAFT = "http://www.vmware.com/schema/ovf/1/envelope";
const OVF_1 = "http://schemas.dmtf.org/ovf/envelope/1";
const lines = (text: string) => text.split("\n");

describe("a relaxed descriptor", () => {
  it.each([
    ["0.9", virtualBoxDescriptor({ version: "0.9", sound: true })],
    ["1.0", virtualBoxDescriptor({ sound: true, floppies: 2 })],
    ["2.0", virtualBoxDescriptor({ version: "2.0", cdroms: [{ on: "ide", at: 1 }] })],
    ["a vApp", vApp(describeVm())],
  ])("of %s has each element on the line where it was", (_, xml) => {
    const made = relaxed(xml).xml;
    expect(lines(made)).toHaveLength(lines(xml).length);
    for (const [index, line] of lines(xml).entries()) {
      const instance = /InstanceI[dD]>(\d+)</.exec(line)?.[1];
      if (instance !== undefined) expect(lines(made)[index]).toContain(`>${instance}<`);
    }
  });

  it("is the one that it was, character by character, where there is nothing to change", () => {
    const xml = describeVm();
    expect(relaxed(xml)).toMatchObject({ xml, findings: [] });
  });

  it("is not changed any further by being relaxed once more", () => {
    const once = relaxed(virtualBoxDescriptor({ sound: true, adapters: ["virtio"], efi: true })).xml;
    expect(relaxed(once)).toMatchObject({ xml: once, findings: [] });
  });

  it("keeps comments, CDATA and everything else that is none of its business", () => {
    const kept = "<!-- <Item> --><![CDATA[<Item>]]>";
    const xml = virtualBoxDescriptor().replace("<Info>A virtual machine</Info>", `<Info>${kept}</Info>`);
    expect(relaxed(xml).xml).toContain(kept);
  });
});

describe("a draft of OVF", () => {
  /** As the drafts write it: the namespace has a prefix only, and sections have a type instead of a name. */
  const draft = (namespace: string, prefix = "xsi") =>
    describeVm({
      items:
        describeVm()
          .match(/<Item[\s\S]*<\/Item>/)?.[0]
          .replaceAll("ElementName", "Caption") ?? "",
    })
      .replaceAll(OVF_1, namespace)
      .replace(
        /<Envelope xmlns="[^"]*"/,
        `<ovf:Envelope xmlns:${prefix}="http://www.w3.org/2001/XMLSchema-instance"`,
      )
      .replace("</Envelope>", "</ovf:Envelope>")
      .replace(/<(\w+Section)/g, `<Section ${prefix}:type="ovf:$1_Type"`)
      .replace(/<\/\w+Section>/g, "</Section>")
      .replace("<VirtualSystem ", `<Content ${prefix}:type="ovf:VirtualSystem_Type" `)
      .replace("</VirtualSystem>", "</Content>")
      .replaceAll("InstanceID", "InstanceId");

  it.each([
    ["OVF 0.9", DRAFT, "xsi"],
    ["OVF 0.9", DRAFT, "xsi-namespace"],
    ["OVF 1.0", OVF_1, "xsi"],
    ["OVF 1.0", "http://schemas.dmtf.org/ovf/1.0.0b/envelope", "xsi"],
  ])("is called one of %s (%s, %s), and is a machine when relaxed", (called, namespace, prefix) => {
    const xml = draft(namespace, prefix);
    const { findings, virtualSystem, adapters, hardware } = parseDescriptor(xml);
    expect(findings[0]).toMatchObject({ line: 2, isRefused: true });
    expect(findings[0]?.what).toContain(`it is of a draft of ${called}`);
    expect({ virtualSystem, adapters, hardware }).toMatchObject({
      virtualSystem: { id: "vm1", name: "from the descriptor", guestId: "otherLinuxGuest" },
      adapters: [{ network: "VM Network" }],
      hardware: { numCpus: 2, memoryMb: 256 },
    });
    expect(errorsOf(run(xml))).not.toEqual([]);
    const made = specOf(run(relaxed(xml).xml));
    expect(made.deviceChange?.map(({ device }) => device.$type)).toEqual(
      specOf(run(describeVm())).deviceChange?.map(({ device }) => device.$type),
    );
  });

  it("is named where nothing can be read of it", () => {
    expect(() => parseDescriptor(`<Envelope xmlns="${DRAFT}"/>`)).toThrow(
      /no VM to deploy; it is of a draft of OVF 0\.9/,
    );
  });

  it("is not what a later version of OVF would be", () => {
    const later = describeVm({ namespace: "http://schemas.dmtf.org/ovf/envelope/3" });
    expect(() => parseDescriptor(later)).toThrow(/envelope\/3" and not an OVF 1\.x or 2\.x/);
  });
});

/** A vApp around the machine of a descriptor. @param further What else is in it. */
function vApp(xml: string, further = ""): string {
  return xml
    .replace(
      /<VirtualSystem [^>]*>/,
      (tag) =>
        `<VirtualSystemCollection ovf:id="app" xmlns:app="urn:app"><Info/><Name>app</Name>\n` +
        `<StartupSection><Info/></StartupSection>\n` +
        `<ProductSection><Info/>\n<Property ovf:key="size" ovf:type="int" ovf:value="3"/></ProductSection>\n${tag}<Info/>`,
    )
    .replace(
      "</VirtualSystem>",
      `<app:Own ovf:required="false"/></VirtualSystem>${further}</VirtualSystemCollection>`,
    );
}

describe("a vApp", () => {
  it("of one machine is that machine when relaxed, with the vApp's properties", () => {
    const xml = vApp(describeVm()).replace(`ovf:capacity="10"`, `ovf:capacity="\${size}"`);
    const { findings, properties, virtualSystem } = parseDescriptor(xml);
    expect(findings).toEqual([
      {
        line: lineWith(xml, "<VirtualSystemCollection"),
        what: "it is a vApp (VirtualSystemCollection), which needs vCenter",
        change: "its only machine is taken out of it, without the vApp's StartupSection",
        isRefused: true,
        options: undefined,
      },
    ]);
    expect(properties.map(({ key }) => key)).toEqual(["size"]);
    expect(virtualSystem.id).toBe("vm1");
    expect(errorsOf(run(xml)).map(([type]) => type)).toEqual(["OvfUnsupportedElement"]);
    const disk = specOf(run(relaxed(xml).xml)).deviceChange?.find(
      ({ device }) => device.$type === "VirtualDisk",
    );
    expect(disk?.device).toMatchObject({ capacityInKB: 3 * 1024 });
  });

  it("in a vApp is looked through", () => {
    const twice = vApp(describeVm())
      .replace(
        "<VirtualSystemCollection",
        '<VirtualSystemCollection ovf:id="outer"><Info/><VirtualSystemCollection',
      )
      .replace("</VirtualSystemCollection>", "</VirtualSystemCollection></VirtualSystemCollection>");
    expect(specOf(run(relaxed(twice).xml)).numCPUs).toBe(2);
  });

  it("of several machines stays refused, and the error says that relax does not help", () => {
    const xml = vApp(describeVm(), `<VirtualSystem ovf:id="other"><Info/></VirtualSystem>`);
    expect(() => parseDescriptor(xml)).toThrow(
      /vApp \(VirtualSystemCollection, line \d+\).*relax: true accepts only a vApp of one VM/,
    );
  });
});

describe("hardware", () => {
  it("of a deployment option that shares a place with another option's is left where it is", () => {
    const disk = (id: number, option: string) =>
      item(
        id,
        17,
        { HostResource: "ovf:/disk/vmdisk1", Parent: "3", AddressOnParent: "0" },
        `ovf:configuration="${option}"`,
      );
    const xml = describeVm({ items: SCSI + disk(4, "one") + disk(5, "two") });
    expect(relaxed(xml).findings).toEqual([]);
  });

  it("goes round the place that a SCSI controller keeps for itself", () => {
    const disk = (id: number, at: string) =>
      item(id, 17, { HostResource: "ovf:/disk/vmdisk1", Parent: "3", AddressOnParent: at });
    const xml = describeVm({ items: SCSI + disk(4, "0") + disk(5, "7") });
    expect(relaxed(xml).findings.map(({ change }) => change)).toEqual([
      'it is put at place 1 of the controller "item 3"',
    ]);
  });

  it("that may be missing is no finding", () => {
    expect(relaxed(describeVm({ items: item(9, 35, {}, `ovf:required="false"`) })).findings).toEqual([]);
  });
});
