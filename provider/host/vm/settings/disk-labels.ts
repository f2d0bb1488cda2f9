import type { OptionValue, VirtualDisk } from "../../../../schema/index.ts";
import { create, isRecord } from "../../../vim/codec/objects.ts";
import { isFile, pathOnUnnamed } from "../../datastore/datastore-path.ts";
import { chainOf, disksAmong } from "../reading/disk-chain.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { slotName, slotOf } from "./buses.ts";

/**
 * The advanced setting in which a machine records the labels of its disks. It is on the host and not in state, because
 * the call that makes a disk writes it too. So if a run is killed after that call, the next run finds the disk.
 */
const DISK_LABELS_KEY = "pulumi-esxi-direct.labels";

/** The record of one labelled disk. */
export interface LabelledDisk {
  /** `source`: came with the machine. `made`: created for an entry of `disks`. `attached`: existed before. */
  readonly origin: "source" | "made" | "attached";
  /** Its place when it was added, as `scsi0:1`. Until the disk has been seen, nothing else is known about it. */
  readonly slot?: string | undefined;
  readonly uuid?: string | undefined;
  /** Its file when it was seen last, or the file that was attached. */
  readonly file?: string | undefined;
  /** If true, its file stays when the disk or the machine is removed. */
  readonly keep?: boolean | undefined;
  /** The provisioning that was asked for when it was made. Some datastores support only one kind. */
  readonly provisioning?: string | undefined;
}

export type DiskLabels = ReadonlyMap<string, LabelledDisk>;

type Machine = Pick<ObservedVm, "devices" | "extraConfig">;

/**
 * The labels that a machine has recorded. If it has recorded none yet, all its disks came with it: disk0, disk1, … in
 * its order.
 */
export function diskLabels(vm: Machine): DiskLabels {
  return (
    storedLabels(vm) ??
    new Map(
      disksAmong(vm.devices).map((disk, index) => [`disk${index}`, seen(vm, disk, { origin: "source" })]),
    )
  );
}

/**
 * A machine's disks by their labels. A disk without a label was added by somebody else, and this package leaves it
 * alone.
 */
export function labelledDisks(vm: Machine, labels: DiskLabels = diskLabels(vm)): Map<string, VirtualDisk> {
  const disks = disksAmong(vm.devices);
  const found = new Map<string, VirtualDisk>();
  for (const [label, entry] of labels) {
    const disk = disks.find((each) => isThat(vm, each, entry, disks));
    if (disk) found.set(label, disk);
  }
  return found;
}

/** The advanced setting that records those labels. */
export const writtenLabels = (labels: DiskLabels): OptionValue =>
  create("OptionValue", { key: DISK_LABELS_KEY, value: labelsText(labels) });

const labelsText = (labels: DiskLabels): string => JSON.stringify(Object.fromEntries(labels));

/**
 * Advanced settings that must still be written for new disks, because the host has named their files. Undefined if
 * there are none. Until then only its place identifies such a disk.
 */
export function labelsToSettle(vm: Machine): Readonly<Record<string, string>> | undefined {
  const stored = storedLabels(vm);
  if (stored === undefined || ![...stored.values()].some(({ slot }) => slot !== undefined)) return undefined;
  const text = labelsText(refreshed(vm, stored));
  return text === vm.extraConfig.get(DISK_LABELS_KEY) ? undefined : { [DISK_LABELS_KEY]: text };
}

/**
 * The advanced setting after files of disks have moved. Undefined if nothing changes.
 * @param places The recorded files, and the new place of each.
 */
export function relocatedLabels(
  vm: Machine,
  places: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> | undefined {
  const stored = storedLabels(vm);
  if (stored === undefined) return undefined;
  const moved = [...stored].map(([label, entry]): [string, LabelledDisk] => {
    const file = entry.file === undefined ? undefined : places.get(entry.file);
    return [label, file === undefined ? entry : { ...entry, file }];
  });
  const text = labelsText(new Map(moved));
  return text === vm.extraConfig.get(DISK_LABELS_KEY) ? undefined : { [DISK_LABELS_KEY]: text };
}

/**
 * Advanced settings that are to be written, with the labels of new disks at other places.
 * @param places The planned places, as `ide0:1`, and the new place of each.
 */
export const withPlaces = (
  options: readonly OptionValue[],
  places: ReadonlyMap<string, string>,
): OptionValue[] =>
  options.map((option) => {
    const labels = option.key === DISK_LABELS_KEY ? parseLabels(String(option.value)) : undefined;
    if (labels === undefined) return option;
    const placed = [...labels].map(([label, entry]): [string, LabelledDisk] => {
      const slot = entry.slot === undefined ? undefined : places.get(entry.slot);
      return [label, slot === undefined ? entry : { ...entry, slot }];
    });
    return writtenLabels(new Map(placed));
  });

/** The advanced setting of a machine without any record of its disks. */
export const NO_LABELS: Readonly<Record<string, string>> = { [DISK_LABELS_KEY]: "" };

/** The labels, with the present facts of their disks. */
export function refreshed(vm: Machine, labels: DiskLabels): Map<string, LabelledDisk> {
  const disks = labelledDisks(vm);
  return new Map(
    [...labels].map(([label, entry]) => {
      const disk = disks.get(label);
      return [label, disk ? seen(vm, disk, entry) : entry];
    }),
  );
}

/** For a machine that is to be deleted: the disks whose files must stay, and those whose files must be deleted. */
export function disksOnDelete(vm: Machine): {
  readonly staying: readonly VirtualDisk[];
  readonly going: readonly VirtualDisk[];
} {
  const labels = storedLabels(vm) ?? new Map<string, LabelledDisk>();
  const staying: VirtualDisk[] = [];
  const going: VirtualDisk[] = [];
  for (const [label, disk] of labelledDisks(vm)) {
    const entry = labels.get(label);
    if (entry?.origin === "attached" || entry?.keep) staying.push(disk);
    else if (entry && isMade(disk, entry)) going.push(disk);
  }
  return { staying, going };
}

/** True for the file that was made for the entry. Another file in its place may have the same disk identity. */
export const isMade = (disk: VirtualDisk, { origin, file }: LabelledDisk): boolean =>
  origin === "made" && (file === undefined || hasFile(disk, file));

const hasFile = (disk: VirtualDisk, file: string): boolean =>
  chainOf(disk).some((told) => isFile(told, file));

/** Whether the disk is on a datastore that the host does not have now, so that the host knows nothing of it. */
export const isOnUnnamed = (disk: VirtualDisk): boolean => pathOnUnnamed(baseFile(disk)) !== undefined;

/** The file of the disk below all its snapshots. */
export const baseFile = (disk: VirtualDisk): string => chainOf(disk).at(-1) ?? "";

function seen(vm: Machine, disk: VirtualDisk, { slot: _, ...entry }: LabelledDisk): LabelledDisk {
  const uuid = uuidOf(disk);
  // A file that was made or attached stays the disk's file. Another file with the same identity belongs to somebody
  // else.
  const file = entry.file ?? (entry.origin === "attached" || isOnUnnamed(disk) ? undefined : baseFile(disk));
  if (uuid === undefined && file === undefined) return { ...entry, slot: slotText(vm, disk) };
  return { ...entry, ...(uuid !== undefined && { uuid }), ...(file !== undefined && { file }) };
}

/** Compares the disk's identity, or its file, or its place. A copy of a disk has the same identity as the original. */
function isThat(
  vm: Machine,
  disk: VirtualDisk,
  { uuid, file, slot }: LabelledDisk,
  disks: readonly VirtualDisk[],
): boolean {
  const isItsFile = file !== undefined && hasFile(disk, file);
  if (uuid !== undefined) {
    const same = disks.filter((each) => uuidOf(each) === uuid);
    if (same.length === 1) return same[0] === disk;
    if (same.length > 1) return isItsFile && uuidOf(disk) === uuid;
  }
  if (file !== undefined) return isItsFile;
  return slot !== undefined && slotText(vm, disk) === slot;
}

function slotText(vm: Machine, disk: VirtualDisk): string | undefined {
  const slot = slotOf(vm.devices, disk);
  return slot && slotName(slot);
}

function uuidOf({ backing }: VirtualDisk): string | undefined {
  const uuid = backing !== undefined && "uuid" in backing ? backing.uuid : undefined;
  return typeof uuid === "string" && uuid !== "" ? uuid : undefined;
}

function storedLabels(vm: Machine): Map<string, LabelledDisk> | undefined {
  const text = vm.extraConfig.get(DISK_LABELS_KEY);
  return text === undefined || text === "" ? undefined : parseLabels(text);
}

function parseLabels(text: string): Map<string, LabelledDisk> | undefined {
  try {
    const stored: unknown = JSON.parse(text);
    if (!isRecord(stored)) return undefined;
    return new Map(
      Object.entries(stored).flatMap(([label, entry]) => {
        const labelled = parseEntry(entry);
        return labelled ? [[label, labelled]] : [];
      }),
    );
  } catch {
    return undefined;
  }
}

function parseEntry(entry: unknown): LabelledDisk | undefined {
  if (!isRecord(entry)) return undefined;
  const { origin } = entry;
  if (origin !== "source" && origin !== "made" && origin !== "attached") return undefined;
  const text = (key: string) => (typeof entry[key] === "string" ? { [key]: entry[key] } : {});
  return {
    origin,
    ...text("slot"),
    ...text("uuid"),
    ...text("file"),
    ...text("provisioning"),
    ...(entry.keep === true && { keep: true }),
  };
}
