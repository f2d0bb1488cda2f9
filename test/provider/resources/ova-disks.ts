/** What OVAs are made of whose disks a descriptor's hardware, options and properties decide. */
import type { Lab } from "./lab.ts";

export const GIB_IN_KB = 2 ** 20;
/** The disk that every OVA of tests has. */
export const TINY_DISK_KB = 1024;

/** How a descriptor refers to a property. */
export const reference = (property: string) => `\${${property}}`;

/** The deployment options `small`, which is the default, and `large`. */
export const SMALL_AND_LARGE = `<DeploymentOptionSection><Info>O</Info>
  <Configuration ovf:id="small" ovf:default="true"><Label>s</Label><Description>s</Description></Configuration>
  <Configuration ovf:id="large"><Label>l</Label><Description>l</Description></Configuration></DeploymentOptionSection>`;

/** An empty disk of so many GiB, for {@link withDisks}. */
export const emptyDisk = (diskId: string, capacity: string) =>
  `<Disk ovf:diskId="${diskId}" ovf:capacity="${capacity}" ovf:capacityAllocationUnits="byte * 2^30"/>`;

/**
 * A hardware item by which the machine gets that disk.
 * @param attributes Of the item, such as `ovf:configuration="large"`.
 */
export const diskItem = (unit: number, diskId: string, attributes = "") => `<Item ${attributes}>
    <rasd:AddressOnParent>${unit}</rasd:AddressOnParent>
    <rasd:ElementName>${diskId} ${unit}</rasd:ElementName>
    <rasd:HostResource>ovf:/disk/${diskId}</rasd:HostResource>
    <rasd:InstanceID>${50 + unit}</rasd:InstanceID>
    <rasd:Parent>3</rasd:Parent>
    <rasd:ResourceType>17</rasd:ResourceType>
  </Item>`;

/** Describes further disks in an OVA that is being built. */
export const withDisks = (disks: string) => (entries: Map<string, Buffer>) => {
  const text = String(entries.get("tiny.ovf")).replace("</DiskSection>", () => `${disks}</DiskSection>`);
  entries.set("tiny.ovf", Buffer.from(text));
};

/** Sizes of the machine's disks on the raw host, in KB. */
export const diskSizesOf = (lab: Lab): number[] =>
  (lab.raw.vm("vm").config.hardware?.device ?? []).flatMap((device) =>
    device.$type === "VirtualDisk" && "capacityInKB" in device ? [Number(device.capacityInKB)] : [],
  );

/** What the check of those settings refuses, as `property: reason`. */
export const problemsOf = async (lab: Lab, settings: object): Promise<string[]> =>
  (await lab.check({ ...settings })).failures.map(({ property, reason }) => `${property}: ${reason}`);
