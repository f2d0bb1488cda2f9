import type { CheckFailure } from "../frame/lifecycle.ts";
import { datastoreOf, type Look } from "./look.ts";
import type { DiskSize } from "./wants.ts";

const GIB = 1024 ** 3;

/**
 * Refuses a disk that is larger than its datastore. If it is thin, a host makes it all the same, and stops the
 * machine when there is no more room. That is a warning.
 */
export function tooLarge(look: Look, { property, size, isThick, ...disk }: DiskSize): CheckFailure[] {
  const datastore = datastoreOf(look, disk.datastore);
  const capacity = datastore?.capacityBytes;
  if (datastore === undefined || !capacity || size * GIB <= capacity) return [];
  const problem =
    `a disk of ${size} GB is larger than the datastore "${datastore.name}" of ${look.host.name}, ` +
    `which has ${gigabytes(capacity)} GB in all`;
  if (isThick) return [{ property, reason: `${problem}. Make it smaller, or choose another \`datastore\`.` }];
  look.context.progress.warn(
    `${property}: ${problem}. The machine will be stopped when there is no more room.`,
  );
  return [];
}

const gigabytes = (bytes: number): number => Math.floor((bytes / GIB) * 10) / 10;
