import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { imageFile } from "./datastore-path-check.ts";
import { entriesOf } from "./entries.ts";
import { type Change, items, type Theme } from "./setting.ts";

/** A CD drive of a virtual machine. With neither `iso` nor `hostDevice` it is empty. */
export interface CdromArgs {
  /**
   * Path of an image on a datastore, `[datastore1] iso/Core-5.4.iso`, or of an image of the host itself,
   * `[] /vmimages/tools-isoimages/windows.iso`. Changed in place, while the VM runs.
   */
  iso?: pulumi.Input<string> | undefined;
  /** True for the host's own drive, or its name if there are several. Changed in place, while the VM runs. */
  hostDevice?: pulumi.Input<true | string> | undefined;
  /**
   * Whether the medium is connected at power-on. Default: true if there is one. Changed in place. A medium that the
   * guest has ejected is back after the next power-on, so that is no difference.
   */
  connected?: pulumi.Input<boolean> | undefined;
  /** `ide` or `sata`. Default for a new drive: IDE while it has room. Changed with one power cycle. */
  controller?: pulumi.Input<"ide" | "sata"> | undefined;
}

/** The floppy drive of a virtual machine. With neither `image` nor `hostDevice` it is empty. */
export interface FloppyArgs {
  /** Path of an image on a datastore, `[datastore1] floppies/answers.flp`. Changed in place, while the VM runs. */
  image?: pulumi.Input<string> | undefined;
  /** True for the host's own drive, or its name if there are several. Changed in place, while the VM runs. */
  hostDevice?: pulumi.Input<true | string> | undefined;
  /** Whether the medium is connected at power-on. Default: true if there is one. Changed in place. */
  connected?: pulumi.Input<boolean> | undefined;
}

/** The drives of a virtual machine. */
export interface MediaSettings {
  /**
   * All CD drives of the VM, in order. Default: those of the source. Changed in place if only the media change; drives
   * are added and removed with one power cycle. For example `[{ iso: "[datastore1] iso/debian-12.iso" }]`.
   */
  cdroms?: pulumi.Input<pulumi.Input<CdromArgs>[]> | undefined;
  /**
   * The floppy drive; false for none. Default: as the source has it. Changed in place; the drive itself is added or
   * removed with one power cycle. For example `{ image: "[datastore1] floppies/drivers.flp" }`.
   */
  floppy?: pulumi.Input<FloppyArgs | false> | undefined;
}

const hostDevice = v.optional(v.union([v.literal(true), name], "must be true, or a device's name"));

const cdrom = v.strictObject(
  {
    iso: v.optional(imageFile("[datastore1] iso/Core-5.4.iso")),
    hostDevice,
    connected: v.optional(yesOrNo),
    controller: v.optional(oneOf(["ide", "sata"])),
  },
  unknownSetting,
);

const floppyDrive = v.strictObject(
  {
    image: v.optional(imageFile("[datastore1] floppies/answers.flp")),
    hostDevice,
    connected: v.optional(yesOrNo),
  },
  unknownSetting,
);

const isDrive = (value: unknown) => typeof value === "object" && value !== null;

/**
 * Check, cost and preview of each setting.
 * @internal
 */
export const removableMedia = {
  cdroms: {
    check: v.optional(v.pipe(v.array(cdrom, "must be a list"), v.maxLength(10, "must have at most ten"))),
    cost: items(["controller"], { countIsFixed: true }),
    told: "parts",
  },
  floppy: {
    check: v.optional(v.lazy((given) => (given === false ? v.literal(false) : floppyDrive))),
    cost: ({ old, wanted }: Change) => (isDrive(old) && isDrive(wanted) ? "inPlace" : "powerCycle"),
    told: "parts",
  },
} satisfies Theme<MediaSettings>;

/**
 * A drive has only one medium, and an empty drive cannot be connected.
 * @internal
 */
export function removableMediaRules(inputs: Properties): CheckFailure[] {
  const drives = entriesOf(inputs.cdroms);
  return [
    ...drives.flatMap((drive, index) => mediumRules(drive, drive.iso, `cdroms.${index}`, "iso")),
    ...entriesOf([inputs.floppy]).flatMap((drive) => mediumRules(drive, drive.image, "floppy", "image")),
  ];
}

function mediumRules(drive: Properties, image: unknown, path: string, imageName: string): CheckFailure[] {
  if (image !== undefined && drive.hostDevice !== undefined) {
    return [{ property: `${path}.hostDevice`, reason: `cannot be given together with ${imageName}` }];
  }
  if (drive.connected === true && image === undefined && drive.hostDevice === undefined) {
    const reason = `cannot be true for an empty drive: give it ${imageName === "iso" ? "an iso" : "an image"} or a hostDevice`;
    return [{ property: `${path}.connected`, reason }];
  }
  return [];
}
