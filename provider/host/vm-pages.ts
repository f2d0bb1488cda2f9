import type { ManagedObjectReference } from "../../schema/index.ts";

/** The first page is there soon, so that Pulumi's engine has something to do meanwhile. */
const VMS_OF_FIRST_PAGE = 20;
/** Each page is so many times as long as the one before: a host prepares VMs faster than Pulumi takes them up. */
const GROWTH = 3;
/** Five megabytes or so. */
export const MOST_VMS_A_PAGE = 500;

/** Name and identity of a VM, without its configuration. */
export interface VmEntry {
  readonly ref: ManagedObjectReference;
  /** As the host spells it; see vm-name.ts. */
  readonly encodedName: string;
  readonly instanceUuid: string | undefined;
}

/**
 * What to read of the VMs at a time, in order.
 * @param asked Instance UUIDs of those that somebody waits for: they come first.
 */
export function pagesOf(entries: readonly VmEntry[], asked: ReadonlySet<string>): (readonly VmEntry[])[] {
  const isAsked = ({ instanceUuid }: VmEntry) => instanceUuid !== undefined && asked.has(instanceUuid);
  const ordered = [...entries.filter(isAsked), ...entries.filter((entry) => !isAsked(entry))];
  const pages: (readonly VmEntry[])[] = [];
  for (let begin = 0, length = VMS_OF_FIRST_PAGE; begin < ordered.length; ) {
    pages.push(ordered.slice(begin, begin + length));
    begin += length;
    length = Math.min(length * GROWTH, MOST_VMS_A_PAGE);
  }
  return pages;
}
