import { cdroms } from "./cdroms.ts";
import { environmentDrive } from "./environment-drive.ts";
import { floppy } from "./floppy.ts";

/** Drives with a medium that can be changed. */
export const removableMedia = { cdroms, environmentDrive, floppy };
