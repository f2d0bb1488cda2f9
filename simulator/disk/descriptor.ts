/** The text file that describes a VMFS disk and names the files with its bytes. */
import { randomBytes } from "node:crypto";
import { DiskFormatError } from "./disk-format-error.ts";
import { geometryOf } from "./geometry.ts";
import { SECTOR_BYTES } from "./sectors.ts";

const FIRST_LINE = "# Disk DescriptorFile";
/** The CID in a disk without a parent. */
const NO_PARENT = "ffffffff";

/** VMFS stores this in its block maps, which a file of the local disk does not have. */
const EAGER_ZEROED = "ddb.eagerZeroed";

interface DiskExtent {
  readonly access: "RW" | "RDONLY" | "NOACCESS";
  readonly capacityBytes: number;
  /** VMFS for a flat file, VMFSSPARSE or SESPARSE for a delta disk. */
  readonly type: string;
  /** The name of a file beside the descriptor. */
  readonly file: string;
}

export interface DiskDescriptor {
  /** 8 hex digits that change with the first write after the disk was opened. */
  readonly cid: string;
  readonly parentCid: string;
  /** The parent's descriptor, for a delta disk: a name beside this one, or an absolute path. */
  readonly parentFile?: string | undefined;
  readonly createType: string;
  readonly extents: readonly DiskExtent[];
  readonly adapterType: string;
  readonly thin: boolean;
  readonly eagerZeroed: boolean;
  /** As vim25 writes it: `6000C29a-…`. */
  readonly uuid: string;
  readonly hardwareVersion: string;
}

/** Capacity of a disk in bytes: the sum of its extents. */
export function diskCapacity(descriptor: DiskDescriptor): number {
  return descriptor.extents.reduce((sum, extent) => sum + extent.capacityBytes, 0);
}

/** A new disk in one flat file. */
export function flatDescriptor(options: {
  readonly capacityBytes: number;
  readonly flatFile: string;
  readonly adapterType: string;
  readonly thin: boolean;
  readonly eagerZeroed: boolean;
}): DiskDescriptor {
  return {
    cid: randomBytes(4).toString("hex"),
    parentCid: NO_PARENT,
    createType: "vmfs",
    extents: [{ access: "RW", capacityBytes: options.capacityBytes, type: "VMFS", file: options.flatFile }],
    adapterType: options.adapterType,
    thin: options.thin,
    eagerZeroed: options.eagerZeroed,
    uuid: newDiskUuid(),
    hardwareVersion: "13",
  };
}

/** A delta disk of this parent, with its changes in one file. */
export function deltaDescriptor(options: {
  readonly parent: DiskDescriptor;
  /** The name in the delta disk. */
  readonly parentFile: string;
  readonly deltaFile: string;
}): DiskDescriptor {
  const { parent, parentFile, deltaFile } = options;
  return {
    cid: parent.cid,
    parentCid: parent.cid,
    parentFile,
    createType: "seSparse",
    extents: [{ access: "RW", capacityBytes: diskCapacity(parent), type: "SESPARSE", file: deltaFile }],
    adapterType: parent.adapterType,
    thin: false,
    eagerZeroed: false,
    uuid: "",
    hardwareVersion: "",
  };
}

export function formatDescriptor(descriptor: DiskDescriptor): string {
  const { cylinders, heads, sectors } = geometryOf(diskCapacity(descriptor), descriptor.adapterType);
  return [
    FIRST_LINE,
    "version=1",
    'encoding="UTF-8"',
    `CID=${descriptor.cid}`,
    `parentCID=${descriptor.parentCid}`,
    `createType="${descriptor.createType}"`,
    ...(descriptor.parentFile === undefined ? [] : [`parentFileNameHint="${descriptor.parentFile}"`]),
    "",
    "# Extent description",
    ...descriptor.extents.map(
      ({ access, capacityBytes, type, file }) =>
        `${access} ${capacityBytes / SECTOR_BYTES} ${type} "${file}"`,
    ),
    "",
    "# The Disk Data Base",
    "#DDB",
    "",
    `ddb.adapterType = "${descriptor.adapterType}"`,
    `ddb.geometry.cylinders = "${cylinders}"`,
    `ddb.geometry.heads = "${heads}"`,
    `ddb.geometry.sectors = "${sectors}"`,
    ...(descriptor.eagerZeroed ? [`${EAGER_ZEROED} = "1"`] : []),
    ...(descriptor.thin ? ['ddb.thinProvisioned = "1"'] : []),
    ...(descriptor.uuid === "" ? [] : [`ddb.uuid = "${spacedUuid(descriptor.uuid)}"`]),
    ...(descriptor.hardwareVersion === "" ? [] : [`ddb.virtualHWVersion = "${descriptor.hardwareVersion}"`]),
    "",
  ].join("\n");
}

/** @throws DiskFormatError if the text is no disk descriptor. */
export function parseDescriptor(text: string): DiskDescriptor {
  if (!text.startsWith(FIRST_LINE)) throw new DiskFormatError("not a disk descriptor");
  const values = new Map<string, string>();
  const extents: DiskExtent[] = [];
  for (const line of text.split(/\r?\n/)) {
    const extent = /^(RW|RDONLY|NOACCESS)\s+(\d+)\s+(\w+)\s+"(.*)"/s.exec(line);
    const value = /^([\w.]+)\s*=\s*"?(.*?)"?\s*$/s.exec(line);
    if (extent) {
      const [, access = "", sectors = "", type = "", file = ""] = extent;
      extents.push({
        access: access === "RDONLY" || access === "NOACCESS" ? access : "RW",
        capacityBytes: Number(sectors) * SECTOR_BYTES,
        type,
        file,
      });
    } else if (value?.[1] !== undefined) values.set(value[1], value[2] ?? "");
  }
  const createType = values.get("createType");
  if (createType === undefined || extents.length === 0)
    throw new DiskFormatError("incomplete disk descriptor");
  return {
    cid: values.get("CID") ?? NO_PARENT,
    parentCid: values.get("parentCID") ?? NO_PARENT,
    parentFile: values.get("parentFileNameHint"),
    createType,
    extents,
    adapterType: values.get("ddb.adapterType") ?? "lsilogic",
    eagerZeroed: values.get(EAGER_ZEROED) === "1",
    thin: values.get("ddb.thinProvisioned") === "1",
    uuid: dashedUuid(values.get("ddb.uuid") ?? ""),
    hardwareVersion: values.get("ddb.virtualHWVersion") ?? "",
  };
}

/** UUIDs of virtual disks begin with VMware's vendor number. */
function newDiskUuid(): string {
  return dashedUuid(`6000c29${randomBytes(13).toString("hex").slice(0, 25)}`);
}

/** `60 00 C2 9a 12 …-…` or plain hex → `6000C29a-12…`. */
export function dashedUuid(text: string): string {
  const hex = text.replace(/[^0-9a-fA-F]/g, "").toLowerCase();
  if (hex.length !== 32) return text;
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join("-").replace(/^6000c29/, "6000C29");
}

/** `6000C29a-…` → `60 00 c2 9a 12 34 56 78-9a …`. */
function spacedUuid(uuid: string): string {
  const bytes = uuid.replaceAll("-", "").toLowerCase().match(/../g) ?? [];
  return `${bytes.slice(0, 8).join(" ")}-${bytes.slice(8).join(" ")}`;
}
