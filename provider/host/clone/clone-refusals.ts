import type { VirtualDevice, VirtualDisk } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { backingsOf, chainOf } from "../vm/reading/disk-chain.ts";
import { modeOf } from "../vm/settings/disk-facts.ts";
import type { CloneRequest } from "./clone-request.ts";
import type { CloneSource } from "./clone-source.ts";

/** Hosts do not open longer chains of disks. */
const MAX_CHAIN = 30;

/** Kinds of disks that hosts run. All others come from Workstation, Fusion and the like. */
const OF_HOSTS = new Set([
  "VirtualDiskFlatVer2BackingInfo",
  "VirtualDiskSeSparseBackingInfo",
  "VirtualDiskRawDiskMappingVer1BackingInfo",
  "VirtualDiskLocalPMemBackingInfo",
]);

/** The file name of a raw device in physical mode, on every host. The machine's settings may not say what it is. */
const PHYSICAL_MAPPING = /-rdmp\.vmdk$/i;

/** How a source is to be cloned. */
interface CloneWay {
  readonly mode: "full" | "linked";
  readonly poweredOnSource: "refuse" | "snapshot";
}

/**
 * Refuses a source that cannot be cloned in that way, before anything is written.
 * @throws HostError with the reason.
 */
export function refuseUncloneable(host: EsxiHost, source: CloneSource, way: CloneWay): void {
  const reason =
    whyUncloneable(source) ?? (way.mode === "linked" ? whyNotLinked(source) : whyNotFull(source, way));
  if (reason !== undefined) throw uncloneable(host.name, source, reason);
}

/** The error for a source that cannot be cloned, of which nothing was written. */
export function uncloneable(host: string, { name }: Pick<CloneSource, "name">, reason: string): HostError {
  return new HostError(`${host}: "${name}" cannot be cloned: ${reason}. Nothing was created.`);
}

/**
 * The datastore of a linked clone.
 * @throws HostError if the program asks for another datastore than the source's.
 */
export function homeOfLinked(
  host: Pick<EsxiHost, "name">,
  { source, datastore }: Pick<CloneRequest, "source" | "datastore">,
): string {
  const home = source.vmxPath.datastore;
  if (datastore === undefined || datastore === home) return home;
  throw new HostError(
    `${host.name}: a linked clone is on the datastore of its source, and "${source.name}" is on ${home}, not on ` +
      `${datastore}. Leave \`datastore\` out, or use mode: "full". Nothing was created.`,
  );
}

/** Why a raw device in physical mode cannot be cloned. */
export const rawReason = (disk: string) =>
  `its disk ${disk} is a raw device in physical mode, which no host copies`;

/** Why a disk in a format of desktop products cannot be cloned. */
export const hostedReason = (disk: string, format: string) =>
  `its disk ${disk} has the format ${format} of desktop products, which no host runs. Convert it with \`vmkfstools -i\` and attach the result`;

/** Why the machine cannot be copied at all, in whatever way. */
export function whyUncloneable({ config, devices, disks, files }: CloneSource): string | undefined {
  if (config.keyId) return "it is encrypted, and a copy would need its key";
  if (devices.some((device) => isA(device, "VirtualTPM"))) {
    return "it has a virtual TPM, whose secrets must not exist twice";
  }
  for (const disk of disks) {
    for (const backing of backingsOf(disk)) {
      if (
        isA(backing, "VirtualDiskRawDiskMappingVer1BackingInfo") &&
        backing.compatibilityMode !== "virtualMode"
      ) {
        return rawReason(labelOf(disk));
      }
      const type = backing.$type ?? "";
      const isSplit = "split" in backing && backing.split === true;
      if (!OF_HOSTS.has(type) || isSplit) {
        return hostedReason(labelOf(disk), formatOf(type));
      }
      if ("sharing" in backing && backing.sharing === "sharingMultiWriter") {
        return `its disk ${labelOf(disk)} is shared with other machines (multi-writer), which may write to it. Take the sharing off first`;
      }
    }
  }
  const mapping = files.find((file) => PHYSICAL_MAPPING.test(file));
  if (mapping !== undefined) return rawReason(mapping);
  const shared = devices.find((device) => isSharedBus(device));
  if (shared !== undefined) {
    return `its ${shared.deviceInfo?.label ?? "SCSI controller"} shares the bus with other machines, which may write to its disks. Set bus sharing to none first`;
  }
  return undefined;
}

function whyNotLinked({ powerState, disks, vmxPath }: CloneSource): string | undefined {
  if (powerState !== "poweredOff") {
    return `it is ${powerState}, and linked clones need a source that is off and stays as it is. Power it off`;
  }
  if (disks.some((disk) => chainOf(disk).length >= MAX_CHAIN)) {
    return `its disks are chains of ${MAX_CHAIN} links already, and longer ones do not open. Use mode: "full"`;
  }
  const backings = disks.flatMap(backingsOf);
  if (backings.some((backing) => isA(backing, "VirtualDiskRawDiskMappingVer1BackingInfo"))) {
    return 'it has a raw device, on which no linked clone can build. Use mode: "full"';
  }
  const elsewhere = disks
    .map((disk) => chainOf(disk)[0] ?? "")
    .find((file) => !file.startsWith(`[${vmxPath.datastore}]`));
  if (elsewhere !== undefined) {
    return `its disk ${elsewhere} is not on ${vmxPath.datastore}, and a linked clone has all its disks on one datastore. Use mode: "full"`;
  }
  return undefined;
}

function whyNotFull({ powerState, disks }: CloneSource, { poweredOnSource }: CloneWay): string | undefined {
  if (powerState === "suspended") {
    return "it is suspended. Power it off, or let it run and use poweredOnSource";
  }
  if (powerState !== "poweredOn") return undefined;
  if (poweredOnSource === "refuse") {
    return 'it is powered on, and its disks are in use. Power it off, or set poweredOnSource: "snapshot" for a copy as after a power failure';
  }
  const independent = disks.find((disk) => modeOf(disk).startsWith("independent"));
  if (independent !== undefined) {
    return `it is powered on, and its disk ${labelOf(independent)} is ${modeOf(independent)}: a snapshot leaves it out, so it would be written to while it is copied. Power the machine off`;
  }
  return undefined;
}

const labelOf = (disk: VirtualDisk): string => {
  const file = chainOf(disk)[0];
  const label = disk.deviceInfo?.label ?? String(disk.key);
  return file === undefined ? label : `${label} (${file})`;
};

const formatOf = (type: string): string => type.replace(/^VirtualDisk|BackingInfo$/g, "");

function isSharedBus(device: VirtualDevice): boolean {
  return "sharedBus" in device && device.sharedBus !== undefined && device.sharedBus !== "noSharing";
}
