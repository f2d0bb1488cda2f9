import type { VirtualDeviceConfigSpec, VirtualDisk } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { datastoreOf } from "../../datastore/datastore-path.ts";
import { chainOf } from "../reading/disk-chain.ts";
import { familyOf, type Slot, slotName } from "../settings/buses.ts";
import { modeOf } from "../settings/disk-facts.ts";
import { nameInVmx, setKeys } from "./device-keys.ts";

/** Work on the file of a disk, besides what is written into the machine's .vmx file. Files are datastore paths. */
export type DiskWork =
  | {
      readonly kind: "make";
      readonly file: string;
      readonly sizeMb: number;
      readonly format: "thin" | "zeroedthick" | "eagerzeroedthick";
    }
  | { readonly kind: "grow"; readonly file: string; readonly sizeMb: number }
  | { readonly kind: "remove"; readonly file: string };

/** Names the file of a new disk on that datastore, or on the machine's own. Each call gives another name. */
export type NameDisk = (datastore: string | undefined) => string;

/** Writes a disk into its place. @returns The work that must be done before the machine has the disk. */
export function addDisk(
  vmx: Vmx,
  slot: Slot,
  { device, fileOperation }: VirtualDeviceConfigSpec,
  vmxPath: string,
  nameDisk: NameDisk,
): DiskWork[] {
  const disk = device as VirtualDisk;
  const [named = ""] = chainOf(disk);
  const isNew = fileOperation === "create";
  const file = isNew ? nameDisk(datastoreOf(named) || undefined) : named;
  const place = slotName(slot);
  setKeys(vmx, place, { present: true, deviceType: typeOf(slot), fileName: nameInVmx(file, vmxPath) });
  writeMode(vmx, place, disk);
  if (!isNew) return [];
  return [{ kind: "make", file, sizeMb: sizeOf(disk), format: formatOf(disk) }];
}

/** Writes the changes of a disk that stays in its place. */
export function editDisk(vmx: Vmx, slot: Slot, before: VirtualDisk, after: VirtualDisk): DiskWork[] {
  const place = slotName(slot);
  setKeys(vmx, place, { deviceType: typeOf(slot) });
  writeMode(vmx, place, after);
  if (after.capacityInKB <= before.capacityInKB) return [];
  return [{ kind: "grow", file: chainOf(before)[0] ?? "", sizeMb: sizeOf(after) }];
}

const sizeOf = ({ capacityInKB }: VirtualDisk): number => capacityInKB / 1024;

function formatOf({ backing }: VirtualDisk): "thin" | "zeroedthick" | "eagerzeroedthick" {
  const flat = isA(backing, "VirtualDiskFlatVer2BackingInfo") ? backing : undefined;
  if (flat?.thinProvisioned) return "thin";
  return flat?.eagerlyScrub ? "eagerzeroedthick" : "zeroedthick";
}

/** The type of a disk in the file, for each bus. */
function typeOf({ kind }: Slot): string {
  const family = familyOf(kind);
  if (family === "scsi") return "scsi-hardDisk";
  return family === "ide" ? "ata-hardDisk" : "disk";
}

/** The usual mode needs no key. The other modes are written with a hyphen. */
function writeMode(vmx: Vmx, place: string, disk: VirtualDisk): void {
  const mode = modeOf(disk);
  setKeys(vmx, place, { mode: mode === "persistent" ? undefined : mode?.replaceAll("_", "-") });
}
