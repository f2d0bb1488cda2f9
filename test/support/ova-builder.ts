import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { rawDisk, streamVmdk } from "./stream-vmdk.ts";
import { buildTar } from "./tar-builder.ts";

/** A file of the package, besides descriptor and manifest. */
export interface PackedFile {
  readonly href: string;
  /** What the host must get: before compression and chunking. */
  readonly content: Uint8Array;
  readonly compression?: "gzip";
  readonly chunkSizeBytes?: number;
  /** Capacity by the descriptor if this is a disk; left out for an ISO or NVRAM. */
  readonly capacityBytes?: number;
  /** What `ovf:size` says; `null` for no such attribute. Default: the stored size. */
  readonly describedBytes?: number | null;
}

export interface OvaOptions {
  /** Of descriptor, manifest and VM. Default `tiny`. */
  readonly name?: string;
  /** Default: one small streamOptimized disk. */
  readonly files?: readonly PackedFile[];
  /** Default `sha256`; `null` for an OVA without manifest. */
  readonly manifest?: "sha1" | "sha256" | "sha512" | null;
  /** Default: one, `VM Network`. */
  readonly networks?: readonly string[];
  /** XML to put into the VirtualSystem, such as ProductSections. */
  readonly sections?: string;
  /** XML to put into the envelope before the VirtualSystem. */
  readonly envelopeSections?: string;
  /** XML to put at the end of the VirtualHardwareSection, such as `vmw:ExtraConfig`. */
  readonly hardware?: string;
  /** Value of `ovf:transport`. Default: none. */
  readonly transport?: string;
  /** Family of its virtual hardware. Default `vmx-13`; `null` for none. */
  readonly family?: string | null;
  /** Order of the archive's entries. Default: descriptor, manifest, files. */
  readonly order?: (names: readonly string[]) => readonly string[];
  /** Changes the entries after the manifest was made. */
  readonly tamper?: (entries: Map<string, Buffer>) => void;
}

export interface BuiltOva {
  /** The tar archive. */
  readonly ova: Buffer;
  readonly descriptor: string;
  /** Everything by name: to lay beside a `.ovf`. */
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly files: readonly PackedFile[];
}

const DISK_BYTES = 1024 * 1024;

/** A small disk as a PackedFile, the same for the same seed. */
export function diskFile(
  href = "tiny-disk1.vmdk",
  options: Partial<PackedFile> & { seed?: number } = {},
): PackedFile {
  const { seed, ...rest } = options;
  return { href, content: streamVmdk(rawDisk(DISK_BYTES, seed)), capacityBytes: DISK_BYTES, ...rest };
}

/** Builds an OVA in memory, and the same files one by one for an `.ovf` with files beside it. */
export function buildOva(options: OvaOptions = {}): BuiltOva {
  const name = options.name ?? "tiny";
  const files = options.files ?? [diskFile(`${name}-disk1.vmdk`)];
  const stored = files.map((file) => ({ file, parts: storedParts(file) }));
  const descriptor = ovfXml(name, stored, options);
  const content = new Map<string, Buffer>([[`${name}.ovf`, Buffer.from(descriptor)]]);
  for (const { parts } of stored) for (const [part, bytes] of parts) content.set(part, bytes);
  const algorithm = options.manifest === undefined ? "sha256" : options.manifest;
  const entries = new Map<string, Buffer>();
  for (const [entry, bytes] of content) {
    entries.set(entry, bytes);
    if (entry === `${name}.ovf` && algorithm !== null) {
      entries.set(`${name}.mf`, Buffer.from(manifestText(algorithm, content)));
    }
  }
  options.tamper?.(entries);
  const order = options.order?.([...entries.keys()]) ?? [...entries.keys()];
  const ova = buildTar(
    order.map((entry) => ({ name: entry, content: entries.get(entry) ?? Buffer.alloc(0) })),
  );
  return { ova, descriptor, entries, files };
}

/** The lines of a manifest for these files. */
function manifestText(
  algorithm: "sha1" | "sha256" | "sha512",
  files: ReadonlyMap<string, Uint8Array>,
): string {
  return [...files]
    .map(([name, bytes]) => {
      const digest = createHash(algorithm).update(bytes).digest("hex");
      return `${algorithm.toUpperCase()}(${name})= ${digest}\n`;
    })
    .join("");
}

function storedParts(file: PackedFile): Map<string, Buffer> {
  const bytes = file.compression === "gzip" ? gzipSync(file.content) : Buffer.from(file.content);
  const chunk = file.chunkSizeBytes;
  if (chunk === undefined) return new Map([[file.href, bytes]]);
  const parts = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; at += chunk) {
    parts.set(`${file.href}.${String(at / chunk).padStart(9, "0")}`, bytes.subarray(at, at + chunk));
  }
  return parts;
}

function ovfXml(
  name: string,
  stored: readonly { file: PackedFile; parts: Map<string, Buffer> }[],
  options: OvaOptions,
): string {
  const networks = options.networks ?? ["VM Network"];
  const references = stored.map(({ file, parts }, index) => {
    const storedBytes = [...parts.values()].reduce((total, part) => total + part.length, 0);
    const size = file.describedBytes === undefined ? storedBytes : file.describedBytes;
    return [
      `    <File ovf:href="${xml(file.href)}" ovf:id="file${index + 1}"`,
      size === null ? "" : ` ovf:size="${size}"`,
      file.compression === undefined ? "" : ` ovf:compression="${file.compression}"`,
      file.chunkSizeBytes === undefined ? "" : ` ovf:chunkSize="${file.chunkSizeBytes}"`,
      "/>",
    ].join("");
  });
  const disks = stored.flatMap(({ file }, index) =>
    file.capacityBytes === undefined
      ? []
      : [
          `    <Disk ovf:diskId="vmdisk${index + 1}" ovf:fileRef="file${index + 1}" ovf:capacity="${file.capacityBytes}" ` +
            'ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>',
        ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
${references.join("\n")}
  </References>
  <DiskSection><Info>Disks</Info>
${disks.join("\n")}
  </DiskSection>
  <NetworkSection><Info>Networks</Info>
${networks.map((network) => `    <Network ovf:name="${xml(network)}"><Description>The ${xml(network)} network</Description></Network>`).join("\n")}
  </NetworkSection>
${options.envelopeSections ?? ""}
  <VirtualSystem ovf:id="${xml(name)}"><Info>A virtual machine</Info>
    <Name>${xml(name)}</Name>
    <OperatingSystemSection ovf:id="36" vmw:osType="otherLinuxGuest"><Info>Guest</Info></OperatingSystemSection>
    <VirtualHardwareSection${options.transport === undefined ? "" : ` ovf:transport="${options.transport}"`}><Info>Hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${xml(name)}</vssd:VirtualSystemIdentifier>
${familyXml(options.family)}      </System>
      <Item>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:ElementName>1 virtual CPU(s)</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>64MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>64</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>SCSI Controller 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
${stored.map(({ file }, index) => (file.capacityBytes === undefined ? "" : diskItem(index))).join("")}
${networks.map((network, index) => nicItem(network, index)).join("")}
${options.hardware ?? ""}
    </VirtualHardwareSection>
${options.sections ?? ""}
  </VirtualSystem>
</Envelope>
`;
}

function familyXml(family: string | null = "vmx-13"): string {
  return family === null ? "" : `        <vssd:VirtualSystemType>${xml(family)}</vssd:VirtualSystemType>\n`;
}

function diskItem(index: number): string {
  return `      <Item>
        <rasd:AddressOnParent>${index}</rasd:AddressOnParent>
        <rasd:ElementName>disk${index}</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/vmdisk${index + 1}</rasd:HostResource>
        <rasd:InstanceID>${10 + index}</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
`;
}

function nicItem(network: string, index: number): string {
  return `      <Item>
        <rasd:AddressOnParent>${7 + index}</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>${xml(network)}</rasd:Connection>
        <rasd:ElementName>ethernet${index}</rasd:ElementName>
        <rasd:InstanceID>${100 + index}</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
`;
}

function xml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
