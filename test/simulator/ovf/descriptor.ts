/** Writes OVF descriptors piece by piece, so that each test can leave out or spoil one. */

const RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
const VSSD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
export const FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";

export interface DescriptorParts {
  readonly namespace?: string;
  readonly references?: string;
  readonly disks?: string;
  readonly networks?: string;
  /** Further sections of the envelope. */
  readonly envelope?: string;
  /** Sections of the virtual system before its hardware. */
  readonly system?: string;
  readonly family?: string;
  readonly items?: string;
  /** What follows the items. */
  readonly configs?: string;
}

export const CPU = item(1, 3, { VirtualQuantity: "2", AllocationUnits: "hertz * 10^6" });
export const MEMORY = item(2, 4, { VirtualQuantity: "256", AllocationUnits: "byte * 2^20" });
export const SCSI = item(3, 6, { Address: "0", ResourceSubType: "lsilogic" });
export const DISK = item(4, 17, { HostResource: "ovf:/disk/vmdisk1", Parent: "3", AddressOnParent: "0" });
export const NIC = item(5, 10, {
  Connection: "VM Network",
  ResourceSubType: "VmxNet3",
  AutomaticAllocation: "true",
});

/** An `Item`; its fields come in the order of their names, as CIM wants it. */
export function item(
  instanceId: number | string,
  resourceType: number,
  fields: Record<string, string> = {},
  attributes = "",
  inner = "",
): string {
  const all = {
    ElementName: `item ${instanceId}`,
    InstanceID: String(instanceId),
    ResourceType: String(resourceType),
    ...fields,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== "-")
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`);
  return `<Item ${attributes}>\n${lines.join("\n")}\n${inner}</Item>\n`;
}

export function describeVm(parts: DescriptorParts = {}): string {
  const namespace = parts.namespace ?? "http://schemas.dmtf.org/ovf/envelope/1";
  const family = parts.family ?? "<vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>";
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="${namespace}" xmlns:ovf="${namespace}" xmlns:rasd="${RASD}" xmlns:vssd="${VSSD}" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>
${parts.references ?? `<File ovf:id="file1" ovf:href="disk1.vmdk" ovf:size="1000"/>`}
</References>
<DiskSection><Info/>
${parts.disks ?? `<Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="10" ovf:capacityAllocationUnits="byte * 2^20" ovf:format="${FORMAT}"/>`}
</DiskSection>
<NetworkSection><Info/>
${parts.networks ?? `<Network ovf:name="VM Network"/>`}
</NetworkSection>
${parts.envelope ?? ""}
<VirtualSystem ovf:id="vm1"><Info/><Name>from the descriptor</Name>
${parts.system ?? `<OperatingSystemSection ovf:id="36" vmw:osType="otherLinuxGuest"><Info/></OperatingSystemSection>`}
<VirtualHardwareSection><Info/>
<System><vssd:ElementName>Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
${family}
</System>
${parts.items ?? `${CPU}${MEMORY}${SCSI}${DISK}${NIC}`}
${parts.configs ?? ""}
</VirtualHardwareSection>
</VirtualSystem>
</Envelope>`;
}

/** The line, counted from 1, that first has this text. */
export function lineWith(descriptor: string, text: string): number {
  return descriptor.slice(0, descriptor.indexOf(text)).split("\n").length;
}
