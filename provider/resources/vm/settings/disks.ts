import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { DISK_CONTROLLERS } from "../../../host/vm/settings/buses.ts";
import { DISK_MODES, DISK_PROVISIONINGS } from "../../../host/vm/settings/disk-facts.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-path-check.ts";
import { type Change, type Cost, items, listOf, type Theme } from "./setting.ts";

/** A disk of a virtual machine. */
export interface DiskArgs {
  /**
   * Identifies the disk. Default: `disk0`, `disk1`, … by position. Give labels before you take entries out: a shorter
   * list is refused if it is not clear which disk is gone. The disks that a VM has from its OVA or its source are
   * `disk0`, `disk1`, … in the machine's order. Another label is another disk: the old one is removed, a new one is
   * made.
   */
  label?: pulumi.Input<string> | undefined;
  /**
   * In GB, from 1 MB to 62 TB, rounded to whole megabytes. Required for a new disk. Growing is done in place, on IDE
   * with one power cycle. The guest must grow its file system itself. A smaller size is refused. A disk with snapshots,
   * or of a linked clone, cannot grow.
   */
  size?: pulumi.Input<number> | undefined;
  /** `thin`, `thick` or `eagerZeroedThick`. Default for a new disk: `thin`. Cannot be changed. */
  provisioning?: pulumi.Input<"thin" | "thick" | "eagerZeroedThick"> | undefined;
  /** Name of the datastore for a new disk. Default: the VM's own. Cannot be changed. */
  datastore?: pulumi.Input<string> | undefined;
  /**
   * Path of an existing disk, `[datastore1] data/shared.vmdk`, instead of a size. It is never made, grown or deleted.
   * It is detached when its entry is taken out, or when the VM is deleted. Cannot be changed.
   */
  attach?: pulumi.Input<string> | undefined;
  /**
   * `pvscsi`, `lsilogic`, `lsilogic-sas`, `buslogic`, `sata`, `nvme` or `ide`. Default for a new disk: the kind of the
   * VM's first disk, and if there is none, `pvscsi`. Controllers are added as they are needed. Changed with one power
   * cycle.
   */
  controller?:
    | pulumi.Input<"pvscsi" | "lsilogic" | "lsilogic-sas" | "buslogic" | "sata" | "nvme" | "ide">
    | undefined;
  /** Number of the controller of that kind, 0–3 (IDE 0–1). Default: one with room. Changed with one power cycle. */
  busNumber?: pulumi.Input<number> | undefined;
  /**
   * Place on the controller: SCSI 0–15 without 7, SATA 0–29, NVMe 0–14, IDE 0–1. Default: the first free one. Changed
   * with one power cycle.
   */
  unitNumber?: pulumi.Input<number> | undefined;
  /**
   * `persistent`, `independent_persistent` (not part of snapshots) or `independent_nonpersistent` (loses all changes at
   * power-off). Default for a new disk: `persistent`. Changed with one power cycle.
   */
  mode?: pulumi.Input<"persistent" | "independent_persistent" | "independent_nonpersistent"> | undefined;
  /**
   * Whether the disk's files stay on the datastore when its entry is taken out or the VM is deleted. Default false.
   * Changed in place. It counts only if it was set in an update before that.
   */
  keepOnRemove?: pulumi.Input<boolean> | undefined;
}

/** The disks of a virtual machine. */
export interface DiskSettings {
  /**
   * Disks, each known by its label. Disks that the VM has from its OVA or its source are left alone if they are not
   * listed. Taking an entry out removes its disk. `[]` takes out all. Default: nothing is changed. For example
   * `[{ label: "system", size: 16 }]`.
   */
  disks?: pulumi.Input<pulumi.Input<DiskArgs>[]> | undefined;
}

/** 62 TB, the largest size of a virtual disk. */
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

/** Controllers whose drives can be added, grown and removed only while the machine is off. */
const COLD: readonly unknown[] = ["ide", "buslogic"];
/** Controllers that can be added only while the machine is off. */
const COLD_IF_NEW: readonly unknown[] = ["sata", "nvme"];

/**
 * Disks are added, grown and removed in place if their controllers allow it. To move a disk or change its mode, the
 * machine must be off.
 */
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
 * Check, cost and preview of the setting.
 * @internal
 */
export const disks = {
  disks: {
    check: v.optional(v.pipe(v.array(disk, "must be a list"), v.maxLength(120, "must have at most 120"))),
    cost: ofDisks,
    told: "parts",
  },
} satisfies Theme<DiskSettings>;
