/**
 * Traits of descriptors that people and makers have published, each in a descriptor of our own: what a host makes of it
 * as it is, and what `relax` makes of it.
 */
import { expect, test } from "vitest";
import { refusalsAmong } from "../../../../provider/host/import/host-refusals.ts";
import { descriptorForHost } from "../../../../provider/ovf/descriptor/host-descriptor.ts";
import { parseDescriptor } from "../../../../provider/ovf/descriptor/parse-descriptor.ts";
import { relaxRefusals } from "../../../../provider/ovf/relax/refusals.ts";
import { relaxed } from "../../../../provider/ovf/relax/relax.ts";
import { CPU, DISK, describeVm, item, MEMORY, NIC, SCSI } from "../../../simulator/ovf/descriptor.ts";
import { run } from "../../../simulator/ovf/import.ts";

const ALL = CPU + MEMORY + SCSI + DISK + NIC;
const family = (text: string) => `<vssd:VirtualSystemType>${text}</vssd:VirtualSystemType>`;
const plain = describeVm();

/** `taken` as it is; `warned` of; `relaxed` only; `refused` in any case, by a line. */
type Outcome = "taken" | "warned" | "relaxed" | "refused";

const TRAITS: readonly (readonly [trait: string, outcome: Outcome, descriptor: string])[] = [
  // As VMware's tools have written them over the years.
  ["nothing out of the ordinary", "taken", plain],
  [
    "OVF's namespace has a prefix only",
    "taken",
    plain.replace(/<Envelope xmlns="[^"]*"/, "<ovf:Envelope").replace("</Envelope>", "</ovf:Envelope>"),
  ],
  [
    "everything of OVF has a prefix",
    "taken",
    plain.replace(/<Envelope xmlns="[^"]*"/, "<Envelope").replace(/<(\/?)(?=[A-Z])/g, "<$1ovf:"),
  ],
  ["InstanceId instead of InstanceID", "taken", plain.replaceAll("InstanceID", "InstanceId")],
  ["captions instead of names", "taken", plain.replaceAll("ElementName", "Caption")],
  [
    "fields in an order of their own",
    "taken",
    describeVm({
      items: ALL.replace(
        /(<rasd:AllocationUnits>.*?<\/rasd:AllocationUnits>)\n([\s\S]*?)<\/Item>/g,
        "$2$1</Item>",
      ),
    }),
  ],
  ["a size of less than nothing", "taken", plain.replace('size="1000"', 'size="-2"')],
  ["no size", "taken", plain.replace(' ovf:size="1000"', "")],
  [
    "a prefix that nobody declares",
    "taken",
    plain.replace("</Envelope>", '<ovfstr:Strings xml:lang="de-DE"/></Envelope>'),
  ],
  [
    "texts in a namespace of their own",
    "taken",
    plain.replace("</Envelope>", '<s:Strings xmlns:s="http://schemas.dmtf.org/ovf/strings/1"/></Envelope>'),
  ],
  ["several families, one of them a host's", "taken", describeVm({ family: family("foobar, vmx-09 xen3") })],
  ["no family", "taken", describeVm({ family: "" })],
  ["a family of one digit", "taken", describeVm({ family: family("vmx-7") })],
  [
    "several controllers to choose from",
    "taken",
    describeVm({ items: CPU + MEMORY + SCSI.replace("lsilogic", "someother, lsilogic") + DISK }),
  ],
  [
    "ranges around an item",
    "taken",
    describeVm({
      items: ALL + item(2, 4, { VirtualQuantity: "1", AllocationUnits: "byte * 2^20" }, 'ovf:bound="min"'),
    }),
  ],
  [
    "a disk of another VMDK than the usual",
    "taken",
    plain.replace(/vmdk\.html#streamOptimized/, "vmdk.html#sparse"),
  ],
  [
    "a network that no adapter is on",
    "taken",
    describeVm({ networks: `<Network ovf:name="VM Network"/><Network ovf:name="none"/>` }),
  ],
  [
    "a section that may be passed over",
    "warned",
    plain.replace("<VirtualSystem ", '<Own ovf:required="false"/><VirtualSystem '),
  ],
  [
    "a device that may be missing",
    "warned",
    describeVm({ items: ALL + item(9, 35, { ResourceSubType: "ensoniq1371" }, 'ovf:required="false"') }),
  ],
  // What hosts refuse although it is meant well.
  ["a sound card", "relaxed", describeVm({ items: ALL + item(9, 35, { ResourceSubType: "ensoniq1371" }) })],
  ["hardware that is newer than the host's", "relaxed", describeVm({ family: family("vmx-22") })],
  ["another maker's family", "relaxed", describeVm({ family: family("xen3") })],
  [
    "a device of another world",
    "relaxed",
    describeVm({ items: ALL + item(9, 1, { ResourceSubType: "vmware.nvdimm.device" }) }),
  ],
  [
    "an adapter that is passed through",
    "relaxed",
    describeVm({ items: CPU + MEMORY + SCSI + DISK + NIC.replace("VmxNet3", "SriovEthernetCard") }),
  ],
  [
    "a SATA controller of old hardware",
    "relaxed",
    describeVm({
      family: family("vmx-07"),
      items: CPU + MEMORY + item(3, 20, { ResourceSubType: "vmware.sata.ahci" }) + DISK,
    }),
  ],
  [
    "a section of vCenter's",
    "relaxed",
    plain.replace(
      "<VirtualSystem ",
      "<TagBasedPlacementGroupSection><Info/></TagBasedPlacementGroupSection><VirtualSystem ",
    ),
  ],
  [
    "a setting that hosts never had",
    "relaxed",
    describeVm({ configs: '<vmw:Config vmw:key="tools.syncTime" vmw:value="true"/>' }),
  ],
  [
    "an adapter's network that is not declared",
    "relaxed",
    describeVm({ networks: `<Network ovf:name="other"/>` }),
  ],
  [
    "no networks at all, and an adapter",
    "relaxed",
    plain.replace(/<NetworkSection>[\s\S]*<\/NetworkSection>/, ""),
  ],
  [
    "a vApp of one machine",
    "relaxed",
    plain
      .replace("<VirtualSystem ", '<VirtualSystemCollection ovf:id="a"><Info/><VirtualSystem ')
      .replace("</VirtualSystem>", "</VirtualSystem></VirtualSystemCollection>"),
  ],
  [
    "storage as OVF 2 names it",
    "relaxed",
    describeVm({
      namespace: "http://schemas.dmtf.org/ovf/envelope/2",
      items: CPU + MEMORY + SCSI + DISK.replaceAll("Item", "StorageItem").replaceAll("rasd:", "sasd:"),
    }).replace(
      "xmlns:vmw",
      'xmlns:sasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_StorageAllocationSettingData" xmlns:vmw',
    ),
  ],
  [
    "a disk that names no controller",
    "relaxed",
    describeVm({ items: CPU + MEMORY + SCSI + NIC + item(4, 17, { HostResource: "ovf:/disk/vmdisk1" }) }),
  ],
  // What nobody can make a machine of.
  [
    "a disk, and no controller at all",
    "refused",
    describeVm({ items: CPU + MEMORY + item(4, 17, { HostResource: "ovf:/disk/vmdisk1" }) }),
  ],
  ["two machines", "refused", plain.replace("</Envelope>", '<VirtualSystem ovf:id="b"/></Envelope>')],
  [
    "a vApp of two",
    "refused",
    plain
      .replace(
        "<VirtualSystem ",
        '<VirtualSystemCollection ovf:id="a"><VirtualSystem ovf:id="b"/><VirtualSystem ',
      )
      .replace("</VirtualSystem>\n", "</VirtualSystem></VirtualSystemCollection>\n"),
  ],
  ["a file without id", "refused", plain.replace('ovf:id="file1"', "")],
  [
    "a file twice",
    "refused",
    plain.replace("</References>", '<File ovf:id="file1" ovf:href="b"/></References>'),
  ],
  ["a disk of no file", "refused", plain.replace('fileRef="file1"', 'fileRef="x"')],
  ["a disk without id", "refused", plain.replace('ovf:diskId="vmdisk1"', "")],
  [
    "a disk that builds on another one",
    "refused",
    plain.replace("ovf:capacity=", 'ovf:parentRef="p" ovf:capacity='),
  ],
  ["a disk without format", "relaxed", plain.replace(/ovf:format="[^"]*"/, "")],
  [
    "a disk of another format by its name",
    "relaxed",
    plain.replace(/ovf:format="[^"]*"/, 'ovf:format="http://a/qcow2"'),
  ],
  [
    "a disk with an empty parent",
    "relaxed",
    plain.replace("ovf:capacity=", 'ovf:parentRef="" ovf:capacity='),
  ],
  [
    "a disk with an empty parent and no format",
    "relaxed",
    plain.replace(/ovf:format="[^"]*"/, 'ovf:parentRef=""'),
  ],
  ["a size that is no number", "refused", plain.replace('size="1000"', 'size="abcd"')],
  ["two items of one id", "refused", describeVm({ items: ALL + item(5, 24) })],
  ["an item without id", "refused", describeVm({ items: ALL + item("-", 24) })],
  ["an item without a type", "refused", describeVm({ items: ALL + item(9, 24, { ResourceType: "-" }) })],
  ["a quantity in words", "refused", describeVm({ items: CPU.replace(">2<", ">two<") + MEMORY })],
  [
    "an NVRAM that is not in the package",
    "refused",
    describeVm({ configs: '<vmw:ExtraConfig vmw:key="nvram" vmw:value="ovf:/file/none"/>' }),
  ],
  [
    "a property of an unknown type",
    "refused",
    describeVm({ system: '<ProductSection><Info/><Property ovf:key="k" ovf:type="odd"/></ProductSection>' }),
  ],
];

/** What the client and a host make of a descriptor, with whatever they complain of. */
function outcomeOf(descriptor: string): { readonly outcome: Outcome; readonly said: string } {
  let findings: readonly { readonly isRefused: boolean; readonly line: number; readonly what: string }[];
  try {
    ({ findings } = parseDescriptor(descriptor));
  } catch (error) {
    return { outcome: "refused", said: String(error) };
  }
  const asIs = run(descriptorForHost(descriptor));
  const refused = findings.filter(({ isRefused }) => isRefused);
  const said = [
    ...refused.map(({ line, what }) => `${what} (line ${line})`),
    ...(asIs.error ?? []).map(({ localizedMessage }) => localizedMessage),
  ].join("; ");
  if (asIs.error === undefined && refused.length === 0) {
    return { outcome: asIs.warning === undefined ? "taken" : "warned", said };
  }
  let text = descriptorForHost(relaxed(descriptor).xml);
  for (let round = 0; round < 5; round++) {
    const { error } = run(text);
    if (error === undefined) return { outcome: "relaxed", said };
    const answer = relaxRefusals(text, refusalsAmong(error), "vmx-19");
    if (answer.changes.length === 0) break;
    text = answer.xml;
  }
  return { outcome: "refused", said };
}

test.each(TRAITS)("%s: %s", (_, outcome, descriptor) => {
  const found = outcomeOf(descriptor);
  expect(found.outcome, found.said).toBe(outcome);
  if (outcome === "relaxed" || outcome === "refused") expect(found.said).toMatch(/line \d+/i);
});
