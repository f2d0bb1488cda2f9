import { createHash } from "node:crypto";
import { diskFile } from "./ova-builder.ts";
import { buildTar } from "./tar-builder.ts";

/** A drive of a machine of VirtualBox: on which controller, and at which place of it. */
interface VirtualBoxDrive {
  readonly on: "ide" | "sata" | "scsi" | "virtio" | "nvme";
  readonly at: number;
}

export interface VirtualBoxMachine {
  /** Of OVF, as the export dialog offers them. Default `1.0`. */
  readonly version?: "0.9" | "1.0" | "2.0";
  /** Default: one, the first of a SATA controller. */
  readonly disks?: readonly VirtualBoxDrive[];
  readonly cdroms?: readonly VirtualBoxDrive[];
  /** As VirtualBox calls the adapters' types; an empty text for none. Default: one `E1000`. */
  readonly adapters?: readonly string[];
  readonly floppies?: number;
  readonly sound?: boolean;
  readonly usb?: boolean;
  readonly efi?: boolean;
  /** As VirtualBox calls it. Default `Debian_64`. */
  readonly guest?: string;
  readonly memoryMb?: number;
}

const CONTROLLERS = {
  ide: { type: 5, subType: "PIIX4", called: "ideController0" },
  sata: { type: 20, subType: "AHCI", called: "sataController0" },
  scsi: { type: 6, subType: "LsiLogic", called: "SCSIController0" },
  virtio: { type: 20, subType: "VirtioSCSI", called: "vioscsiController0" },
  nvme: { type: 20, subType: "NVMe", called: "nvmeController0" },
} as const;
const CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_";
const NAMESPACES = {
  "0.9": "http://www.vmware.com/schema/ovf/1/envelope",
  "1.0": "http://schemas.dmtf.org/ovf/envelope/1",
  "2.0": "http://schemas.dmtf.org/ovf/envelope/2",
} as const;

type Fields = Readonly<Record<string, string | number>>;

/** An OVA as VirtualBox exports it, in the traits that matter: written for this test, not by VirtualBox. */
export function virtualBoxExport(machine: VirtualBoxMachine = {}): Buffer {
  const descriptor = virtualBoxDescriptor(machine);
  const files = new Map<string, Uint8Array>([["box.ovf", Buffer.from(descriptor)]]);
  for (const [index] of disksOf(machine).entries()) files.set(diskName(index), contentOf(index));
  const manifest = [...files].map(
    ([name, bytes]) => `SHA1 (${name}) = ${createHash("sha1").update(bytes).digest("hex")}\n`,
  );
  return buildTar([
    ...[...files].map(([name, content]) => ({ name, content })),
    { name: "box.mf", content: Buffer.from(manifest.join("")) },
  ]);
}

const disksOf = ({ disks }: VirtualBoxMachine): readonly VirtualBoxDrive[] =>
  disks ?? [{ on: "sata", at: 0 }];
const diskName = (index: number) => `box-disk${String(index + 1).padStart(3, "0")}.vmdk`;
const contentOf = (index: number) => diskFile("x", { seed: index + 1 }).content;

export function virtualBoxDescriptor(machine: VirtualBoxMachine = {}): string {
  const version = machine.version ?? "1.0";
  const disks = disksOf(machine);
  const adapters = machine.adapters ?? ["E1000"];
  const isDraft = version === "0.9";
  const ns = NAMESPACES[version];
  const suffix = ".xsd";
  const further =
    version === "2.0"
      ? ` xmlns:epasd="${CIM}EthernetPortAllocationSettingData${suffix}" xmlns:sasd="${CIM}StorageAllocationSettingData${suffix}"`
      : "";
  const section = (name: string, content: string, attributes = "") =>
    isDraft
      ? `<Section xsi:type="ovf:${name}_Type"${attributes}>\n${content}\n</Section>`
      : `<${name}${attributes}>\n${content}\n</${name}>`;
  const id = isDraft ? "InstanceId" : "InstanceID";
  let nextId = 1;
  const ids = new Map<string, number>();
  const item = (fields: Fields, element = "Item", prefix = "rasd") => {
    const all = { ...fields, [id]: nextId++ };
    const written = Object.entries(all)
      .filter(([name]) => !(isDraft && name === "ElementName"))
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, value]) => `        <${prefix}:${name}>${value}</${prefix}:${name}>`);
    return `      <${element}>\n${written.join("\n")}\n      </${element}>`;
  };
  const called = (text: string) => ({ Caption: text, ElementName: text });
  const used = [...disks, ...(machine.cdroms ?? [])].map(({ on }) => on);
  const controllers = (["ide", "sata", "scsi", "virtio", "nvme"] as const).filter((on) => used.includes(on));
  const items = [
    item({
      ...called("1 virtual CPU"),
      Description: "Number of virtual CPUs",
      ResourceType: 3,
      VirtualQuantity: 1,
    }),
    item({
      ...called(`${machine.memoryMb ?? 64} MB of memory`),
      AllocationUnits: "MegaBytes",
      Description: "Memory Size",
      ResourceType: 4,
      VirtualQuantity: machine.memoryMb ?? 64,
    }),
    ...controllers.map((on) => {
      ids.set(on, nextId);
      const { type, subType, called: name } = CONTROLLERS[on];
      const bus = isDraft ? { BusNumber: 0 } : {};
      return item({ ...called(name), ...bus, Address: 0, ResourceSubType: subType, ResourceType: type });
    }),
    ...(machine.usb
      ? [item({ ...called("usb"), Address: 0, Description: "USB Controller", ResourceType: 23 })]
      : []),
    ...(machine.sound
      ? [
          item({
            ...called("sound"),
            AddressOnParent: 3,
            AutomaticAllocation: "false",
            Description: "Sound Card",
            ResourceSubType: "ensoniq1371",
            ResourceType: 35,
          }),
        ]
      : []),
    ...Array.from({ length: machine.floppies ?? 0 }, () =>
      item({ ...called("floppy0"), AddressOnParent: 0, AutomaticAllocation: "false", ResourceType: 14 }),
    ),
    ...disks.map(({ on, at }, index) =>
      item(
        {
          ...called(`disk${index + 1}`),
          AddressOnParent: at,
          Description: "Disk Image",
          HostResource: `/disk/vmdisk${index + 1}`,
          Parent: ids.get(on) ?? 0,
          ResourceType: 17,
        },
        ...(version === "2.0" ? (["StorageItem", "sasd"] as const) : []),
      ),
    ),
    ...(machine.cdroms ?? []).map(({ on, at }) =>
      item(
        {
          ...called("cdrom1"),
          AddressOnParent: at,
          AutomaticAllocation: "true",
          Description: "CD-ROM Drive",
          Parent: ids.get(on) ?? 0,
          ResourceType: 15,
        },
        ...(version === "2.0" ? (["StorageItem", "sasd"] as const) : []),
      ),
    ),
    ...adapters.map((type) =>
      item(
        {
          ...called("Ethernet adapter on NAT"),
          AutomaticAllocation: "true",
          Connection: "NAT",
          ...(type === "" ? {} : { ResourceSubType: type }),
          ResourceType: 10,
        },
        ...(version === "2.0" ? (["EthernetPortItem", "epasd"] as const) : []),
      ),
    ),
  ];
  const guest = machine.guest ?? "Debian_64";
  const vbox = `xmlns:vbox="http://www.virtualbox.org/ovf/machine"`;
  const osType = isDraft ? "" : `<vbox:OSType ovf:required="false">${guest}</vbox:OSType>`;
  const firmware = machine.efi ? `<Firmware type="EFI"/>` : "";
  const own = isDraft
    ? ""
    : `<vbox:Machine ovf:required="false" version="1.19-linux" uuid="{0}" name="box"><ovf:Info>Own</ovf:Info>
      <Hardware>${firmware}</Hardware></vbox:Machine>`;
  const system = `<Info>A virtual machine</Info>
    ${section("OperatingSystemSection", `<Info>i</Info><Description>${guest}</Description>${osType}`, ' ovf:id="96"')}
    ${section(
      "VirtualHardwareSection",
      `<Info>Virtual hardware requirements for a virtual machine</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:${id}>0</vssd:${id}>
        <vssd:VirtualSystemIdentifier>box</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
${items.join("\n")}`,
    )}
    ${own}`;
  return `<?xml version="1.0"?>
<Envelope ovf:version="${version}" xml:lang="en-US" xmlns="${ns}" xmlns:ovf="${ns}" xmlns:rasd="${CIM}ResourceAllocationSettingData" xmlns:vssd="${CIM}VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ${vbox}${further}>
  <References>
${disks.map((_, index) => `    <File ovf:href="${diskName(index)}" ovf:id="file${index + 1}"/>`).join("\n")}
  </References>
  ${section(
    "DiskSection",
    `<Info>List of the virtual disks used in the package</Info>
${disks
  .map(
    (_, index) =>
      `    <Disk ovf:capacity="1048576" ovf:diskId="vmdisk${index + 1}" ovf:fileRef="file${index + 1}" ` +
      'ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>',
  )
  .join("\n")}`,
  )}
  ${section(
    "NetworkSection",
    `<Info>Logical networks used in the package</Info>
    <Network ovf:name="NAT"><Description>Logical network used by this appliance.</Description></Network>`,
  )}
  ${isDraft ? `<Content xsi:type="ovf:VirtualSystem_Type" ovf:id="box">` : `<VirtualSystem ovf:id="box">`}
    ${system}
  ${isDraft ? "</Content>" : "</VirtualSystem>"}
</Envelope>
`;
}
