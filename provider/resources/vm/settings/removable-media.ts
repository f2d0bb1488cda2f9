import * as v from "valibot";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { name, oneOf, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { imageFile } from "./datastore-file.ts";
import { entriesOf } from "./entries.ts";

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

/** The setting `cdroms`. */
export const cdroms = v.optional(
  v.pipe(v.array(cdrom, "must be a list"), v.maxLength(10, "must have at most ten")),
);

const floppyDrive = v.strictObject(
  {
    image: v.optional(imageFile("[datastore1] floppies/answers.flp")),
    hostDevice,
    connected: v.optional(yesOrNo),
  },
  unknownSetting,
);

/** The setting `floppy`. */
export const floppy = v.optional(v.lazy((given) => (given === false ? v.literal(false) : floppyDrive)));

/** A drive has one medium, and an empty one has nothing to connect. */
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
    const reason = `has no meaning for an empty drive: give it ${imageName === "iso" ? "an iso" : "an image"} or a hostDevice`;
    return [{ property: `${path}.connected`, reason }];
  }
  return [];
}
