import type { OptionValue, VirtualDisk } from "../../../../schema/index.ts";
import { create, isRecord } from "../../../vim/codec/objects.ts";
import { chainOf, disksAmong } from "../reading/disk-chain.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { slotName, slotOf } from "./buses.ts";

/**
 * The advanced setting in which a machine says which of its disks has which label. It stands on the host and not in
 * state, because it is written by the call that makes the disk: a run that is killed there finds its disk again.
 */
const DISK_LABELS_KEY = "pulumi-esxi-direct.labels";

/** What is remembered of one labelled disk. */
export interface LabelledDisk {
  /** `source`: came with the machine. `made`: created for an entry of `disks`. `attached`: existed before. */
  readonly origin: "source" | "made" | "attached";
  /** Where it was put, as `scsi0:1`: all that is known until the disk has been seen. */
  readonly slot?: string | undefined;
  readonly uuid?: string | undefined;
  /** The file that it had when it was last seen, or that was attached. */
  readonly file?: string | undefined;
  /** Its file stays when the disk or the machine goes. */
  readonly keep?: boolean | undefined;
  /** How it was asked for when it was made; some datastores have only one way. */
  readonly provisioning?: string | undefined;
}

export type DiskLabels = ReadonlyMap<string, LabelledDisk>;

type Machine = Pick<ObservedVm, "devices" | "extraConfig">;

/** What a machine remembers; one that remembers nothing yet came with all its disks: disk0, disk1, … in its order. */
export function diskLabels(vm: Machine): DiskLabels {
  return (
    storedLabels(vm) ??
    new Map(
      disksAmong(vm.devices).map((disk, index) => [`disk${index}`, seen(vm, disk, { origin: "source" })]),
    )
  );
}

/** A machine's disks by their labels. A disk without a label is somebody else's, and none of this package's business. */
export function labelledDisks(vm: Machine, labels: DiskLabels = diskLabels(vm)): Map<string, VirtualDisk> {
  const disks = disksAmong(vm.devices);
  const found = new Map<string, VirtualDisk>();
  for (const [label, entry] of labels) {
    const disk = disks.find((each) => isThat(vm, each, entry, disks));
    if (disk) found.set(label, disk);
  }
  return found;
}

/** What to write down so that the machine remembers those labels. */
export const writtenLabels = (labels: DiskLabels): OptionValue =>
  create("OptionValue", { key: DISK_LABELS_KEY, value: labelsText(labels) });

const labelsText = (labels: DiskLabels): string => JSON.stringify(Object.fromEntries(labels));

/**
 * Advanced settings that are still to be written for new disks, which the host named when it made them; undefined if
 * there are none. Until then such a disk is known by its place alone.
 */
export function labelsToSettle(vm: Machine): Readonly<Record<string, string>> | undefined {
  const stored = storedLabels(vm);
  if (stored === undefined || ![...stored.values()].some(({ slot }) => slot !== undefined)) return undefined;
  const text = labelsText(refreshed(vm, stored));
  return text === vm.extraConfig.get(DISK_LABELS_KEY) ? undefined : { [DISK_LABELS_KEY]: text };
}

/**
 * The advanced setting as it is to be once files of disks have other places; undefined if there is nothing to change.
 * @param places Files as the machine remembers them, and where each is then.
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

/** The advanced setting of a machine that is to remember nothing of its disks. */
export const NO_LABELS: Readonly<Record<string, string>> = { [DISK_LABELS_KEY]: "" };

/** The labels with what can be seen of their disks now. */
export function refreshed(vm: Machine, labels: DiskLabels): Map<string, LabelledDisk> {
  const disks = labelledDisks(vm);
  return new Map(
    [...labels].map(([label, entry]) => {
      const disk = disks.get(label);
      return [label, disk ? seen(vm, disk, entry) : entry];
    }),
  );
}

/** Of a machine that is to be deleted: the disks whose files must stay, and those that it must take with it. */
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

/** True for the very file that was made for the entry: one that was put in its place may have its identity. */
export const isMade = (disk: VirtualDisk, { origin, file }: LabelledDisk): boolean =>
  origin === "made" && (file === undefined || chainOf(disk).includes(file));

/** The file of the disk itself, below all its snapshots. */
export const baseFile = (disk: VirtualDisk): string => chainOf(disk).at(-1) ?? "";

function seen(vm: Machine, disk: VirtualDisk, { slot: _, ...entry }: LabelledDisk): LabelledDisk {
  const uuid = uuidOf(disk);
  // What was made, or given, stays that file: another one with its identity is somebody else's.
  const file = entry.file ?? (entry.origin === "attached" ? undefined : baseFile(disk));
  if (uuid === undefined && file === undefined) return { ...entry, slot: slotText(vm, disk) };
  return { ...entry, ...(uuid !== undefined && { uuid }), ...(file !== undefined && { file }) };
}

/** By the disk's own identity, else its file, else its place; a copy of a disk has the identity of the first. */
function isThat(
  vm: Machine,
  disk: VirtualDisk,
  { uuid, file, slot }: LabelledDisk,
  disks: readonly VirtualDisk[],
): boolean {
  const hasFile = file !== undefined && chainOf(disk).includes(file);
  if (uuid !== undefined) {
    const same = disks.filter((each) => uuidOf(each) === uuid);
    if (same.length === 1) return same[0] === disk;
    if (same.length > 1) return hasFile && uuidOf(disk) === uuid;
  }
  if (file !== undefined) return hasFile;
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
  if (text === undefined || text === "") return undefined;
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
