import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { DISK_CONTROLLERS } from "../../../host/vm/settings/buses.ts";
import { DISK_MODES, DISK_PROVISIONINGS } from "../../../host/vm/settings/disk-facts.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-file.ts";
import { type Change, type Cost, items, listOf, type Theme } from "./setting.ts";

/** A disk of a virtual machine. */
export interface DiskArgs {
  /**
   * Which disk is meant. Default: `disk0`, `disk1`, … by position; give labels as soon as you take entries out, for a
   * list in which it is not clear which disk is gone is refused. The disks that a VM has from its OVA or its source
   * are `disk0`, `disk1`, … in the machine's order. Another label is another disk: the old one goes, a new one is made.
   */
  label?: pulumi.Input<string> | undefined;
  /**
   * In GB; fractions count in whole megabytes, from 1 MB to 62 TB. Needed for a new disk. Growing is done in place, on
   * IDE with one power cycle; the guest's file system is the guest's business. A smaller size is refused, and so is
   * growing a disk with snapshots or of a linked clone.
   */
  size?: pulumi.Input<number> | undefined;
  /** `thin`, `thick` or `eagerZeroedThick`. Default of a new disk `thin`. Cannot be changed. */
  provisioning?: pulumi.Input<"thin" | "thick" | "eagerZeroedThick"> | undefined;
  /** Name of the datastore for a new disk. Default: the VM's own. Cannot be changed. */
  datastore?: pulumi.Input<string> | undefined;
  /**
   * Path of a disk that exists, `[datastore1] data/shared.vmdk`, instead of a size. It is never made, grown or deleted:
   * without its entry, and when the VM is deleted, it is detached. Cannot be changed.
   */
  attach?: pulumi.Input<string> | undefined;
  /**
   * `pvscsi`, `lsilogic`, `lsilogic-sas`, `buslogic`, `sata`, `nvme` or `ide`. Default of a new disk: as the VM's first
   * disk has it, else `pvscsi`. Controllers are added as they are needed. Changed with one power cycle.
   */
  controller?:
    | pulumi.Input<"pvscsi" | "lsilogic" | "lsilogic-sas" | "buslogic" | "sata" | "nvme" | "ide">
    | undefined;
  /** Number of the controller of that kind, 0–3 (IDE 0–1). Default: one with room. Changed with one power cycle. */
  busNumber?: pulumi.Input<number> | undefined;
  /**
   * Place on the controller: SCSI 0–15 without 7, SATA 0–29, NVMe 0–14, IDE 0–1. Default: the first that is free.
   * Changed with one power cycle.
   */
  unitNumber?: pulumi.Input<number> | undefined;
  /**
   * `persistent`, `independent_persistent` (not part of snapshots) or `independent_nonpersistent` (forgets everything
   * at power-off). Default `persistent`. Changed with one power cycle.
   */
  mode?: pulumi.Input<"persistent" | "independent_persistent" | "independent_nonpersistent"> | undefined;
  /**
   * Whether the disk's files stay on the datastore when its entry or the VM goes. Default false. Changed in place; it has
   * an effect only if it was set before the entry was taken out.
   */
  keepOnRemove?: pulumi.Input<boolean> | undefined;
}

/** The disks of a virtual machine. */
export interface DiskSettings {
  /**
   * Disks, each known by its label. Those that the VM has from its OVA or its source are left alone if they are not
   * listed. An entry that is taken out goes with its disk; `[]` takes out all. Default: nothing is changed.
   * For example `[{ label: "system", size: 16 }]`.
   */
  disks?: pulumi.Input<pulumi.Input<DiskArgs>[]> | undefined;
}

/** 62 TB, the most that a virtual disk can have. */
const MAX_GB = 62 * 1024;

const label = v.pipe(
  text,
  v.regex(
    /^[a-z0-9]([a-z0-9 ._-]{0,38}[a-z0-9])?$/i,
    "must have at most 40 letters, digits, spaces and . _ -, and begin and end with a letter or digit",
  ),
);

const size = v.pipe(
  v.number("must be a number (GB)"),
  v.minValue(1 / 1024, "must be at least 1 MB, which is 1/1024 GB"),
  v.maxValue(MAX_GB, `must be at most ${MAX_GB} GB (62 TB)`),
);

const attach = v.pipe(
  datastoreFile("[datastore1] data/shared.vmdk"),
  v.check(
    (path) => /\.vmdk$/i.test(path) && !/-(flat|delta|sesparse|ctk|rdmp?|s\d{3})\.vmdk$/i.test(path),
    "must be a disk's descriptor, a .vmdk file without -flat or the like",
  ),
);

const disk = v.strictObject(
  {
    label: v.optional(label),
    size: v.optional(size),
    provisioning: v.optional(oneOf(DISK_PROVISIONINGS)),
    datastore: v.optional(name),
    attach: v.optional(attach),
    controller: v.optional(oneOf(DISK_CONTROLLERS)),
    busNumber: v.optional(wholeNumber(0, 3, "")),
    unitNumber: v.optional(wholeNumber(0, 29, "")),
    mode: v.optional(oneOf(DISK_MODES)),
    keepOnRemove: v.optional(yesOrNo),
  },
  unknownSetting,
);

/** Controllers whose drives come, grow and go only while the machine is off. */
const COLD: readonly unknown[] = ["ide", "buslogic"];
/** Controllers that are themselves plugged in only while the machine is off. */
const COLD_IF_NEW: readonly unknown[] = ["sata", "nvme"];

/** Disks come, grow and go in place, where their controllers allow it; none moves or changes its mode. */
function ofDisks({ old, wanted }: Change): Cost {
  const [before, after] = [listOf(old), listOf(wanted)];
  const changed = [...before, ...after].filter((disk) => {
    const is = (other: Properties) => isDeepStrictEqual(other, disk);
    return !(before.some(is) && after.some(is));
  });
  const added = after.filter((disk) => !before.some(({ label }) => label === disk.label));
  const isCold =
    changed.some(({ controller }) => COLD.includes(controller)) ||
    added.some(
      ({ controller }) =>
        COLD_IF_NEW.includes(controller) && !before.some((disk) => disk.controller === controller),
    );
  if (isCold) return "powerCycle";
  const fixed = items(["controller", "busNumber", "unitNumber", "mode"], { countIsFixed: false });
  return fixed({ old: before, wanted: withoutNew(before, after), olds: {} });
}

const withoutNew = (before: readonly Properties[], after: readonly Properties[]) =>
  after.filter(({ label }) => before.some((disk) => disk.label === label));

/**
 * Check, cost and preview of it.
 * @internal
 */
export const disks = {
  disks: {
    check: v.optional(v.pipe(v.array(disk, "must be a list"), v.maxLength(120, "must have at most 120"))),
    cost: ofDisks,
    told: "parts",
  },
} satisfies Theme<DiskSettings>;
