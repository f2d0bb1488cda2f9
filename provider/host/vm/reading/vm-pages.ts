import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { MOST_OBJECTS, VM_PAGES } from "../../../vim/tuning.ts";

/**
 * The VMs to read at a time, in order.
 * @param asked Moids of VMs that somebody waits for, as far as they are known. These come first.
 */
export function pagesOf(
  vms: readonly ManagedObjectReference[],
  asked: ReadonlySet<string>,
): (readonly ManagedObjectReference[])[] {
  const isAsked = ({ value }: ManagedObjectReference) => asked.has(value);
  const ordered = [...vms.filter(isAsked), ...vms.filter((vm) => !isAsked(vm))];
  const pages: (readonly ManagedObjectReference[])[] = [];
  for (let begin = 0, length: number = VM_PAGES.first; begin < ordered.length; ) {
    pages.push(ordered.slice(begin, begin + length));
    begin += length;
    length = Math.min(length * VM_PAGES.growth, MOST_OBJECTS);
  }
  return pages;
}
