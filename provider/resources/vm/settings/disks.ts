import * as v from "valibot";
import { DISK_CONTROLLERS } from "../../../host/vm/settings/buses.ts";
import { DISK_MODES, DISK_PROVISIONINGS } from "../../../host/vm/settings/disk-facts.ts";
import { name, oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import { datastoreFile } from "./datastore-file.ts";

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

/** The setting `disks`. */
export const disks = v.optional(
  v.pipe(v.array(disk, "must be a list"), v.maxLength(120, "must have at most 120")),
);
