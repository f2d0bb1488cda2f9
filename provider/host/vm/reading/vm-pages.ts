import type { ManagedObjectReference } from "../../../../schema/index.ts";

/** The first page is there soon, so that Pulumi's engine has something to do meanwhile. */
const VMS_OF_FIRST_PAGE = 20;
/** Each page is so many times as long as the one before: a host prepares VMs faster than Pulumi takes them up. */
const GROWTH = 3;
/** Five megabytes or so. */
export const MOST_VMS_A_PAGE = 500;

/**
 * What to read of the VMs at a time, in order.
 * @param asked Moids of those that somebody waits for, as far as they are known: they come first.
 */
export function pagesOf(
  vms: readonly ManagedObjectReference[],
  asked: ReadonlySet<string>,
): (readonly ManagedObjectReference[])[] {
  const isAsked = ({ value }: ManagedObjectReference) => asked.has(value);
  const ordered = [...vms.filter(isAsked), ...vms.filter((vm) => !isAsked(vm))];
  const pages: (readonly ManagedObjectReference[])[] = [];
  for (let begin = 0, length = VMS_OF_FIRST_PAGE; begin < ordered.length; ) {
    pages.push(ordered.slice(begin, begin + length));
    begin += length;
    length = Math.min(length * GROWTH, MOST_VMS_A_PAGE);
  }
  return pages;
}
