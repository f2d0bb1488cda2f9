import type { Properties } from "../../frame/lifecycle.ts";
import { entriesOf } from "../settings/entries.ts";

/** Few guests start with less memory, and hardly anybody wants that. */
const LITTLE_MB = 32;
/** A larger number is more often a size in MB than a disk of terabytes. */
const MUCH_GB = 2048;

/**
 * Sizes that were probably meant in another unit. A host accepts them, but then the guest does not start, or a disk
 * fills up.
 */
export function unitWarnings({ memory, bootDelay, disks }: Properties): string[] {
  const warnings: string[] = [];
  if (typeof memory === "number" && memory < LITTLE_MB) {
    warnings.push(
      `memory: ${memory} MB is very little; did you mean ${memory * 1024} (${memory} GB)? The unit is MB.`,
    );
  }
  if (typeof bootDelay === "number" && bootDelay > 0 && bootDelay < 100) {
    warnings.push(
      `bootDelay: ${bootDelay} ms is very short; did you mean ${bootDelay * 1000}? The unit is ms.`,
    );
  }
  for (const [index, { size }] of entriesOf(disks).entries()) {
    if (typeof size !== "number" || size < MUCH_GB || size % 256 !== 0) continue;
    warnings.push(
      `disks[${index}].size: ${size} GB is ${size / 1024} TB; did you mean ${size / 1024} (${size} MB)? The unit is GB.`,
    );
  }
  return warnings;
}
