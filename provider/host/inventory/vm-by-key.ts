import { didYouMean } from "../../ovf/did-you-mean.ts";
import { formatDatastorePath, isDatastorePath, parseDatastorePath } from "../datastore/datastore-path.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { placeOf, type UnreadableVm, UnreadableVmError } from "../vm/reading/unreadable-vm.ts";

/** What a virtual machine can be known by. */
export type VmKey = "name" | "instanceUuid" | "moid" | "vmxPath";

/** How messages say it. */
export const CALLED: Readonly<Record<VmKey, string>> = {
  name: "named",
  instanceUuid: "with the instance UUID",
  moid: "with the managed object id",
  vmxPath: "whose .vmx file is",
};

const INSTANCE_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Which of these a text is. */
export function keyOf(text: string): Exclude<VmKey, "moid"> {
  if (isDatastorePath(text)) return "vmxPath";
  return INSTANCE_UUID.test(text) ? "instanceUuid" : "name";
}

/** The errors if a name or another key means no machine, or several. */
interface Refusals {
  /**
   * @param instead Which name was probably meant, and which names there are: sentences without the last full stop.
   */
  none(instead: string): Error;
  /** @param paths Of their .vmx files, by which they can be told apart. */
  several(paths: readonly string[]): Error;
}

/**
 * The one machine that a person means by that name.
 * @throws UnreadableVmError if the host cannot read it now.
 */
export function theOneCalled<V extends ObservedVm>(
  hostName: string,
  { vms, unreadable }: { readonly vms: readonly V[]; readonly unreadable: readonly UnreadableVm[] },
  [key, value]: readonly [key: VmKey, value: string],
  refusals: Refusals,
): V {
  const wanted = comparable(key, value);
  const isMeant = (vm: ObservedVm | UnreadableVm) => comparable(key, vm[key] ?? "") === wanted;
  const [found, hidden] = [vms.filter(isMeant), unreadable.filter(isMeant)];
  const all = [...found, ...hidden];
  if (all.length > 1) throw refusals.several(all.map((vm) => vm.vmxPath ?? placeOf(vm)));
  if (hidden[0]) throw new UnreadableVmError(hostName, hidden[0]);
  if (found[0]) return found[0];
  const instead = didYouMean(
    value,
    // A UUID that looks like another one helps nobody.
    vms.map((vm) => (key === "vmxPath" ? vm.vmxPath : vm.name)),
    "virtual machines",
    hostName,
  );
  throw refusals.none(`${instead}${noteOn(unreadable)}`);
}

/** Says that one of the machines that the host cannot read may be meant. */
function noteOn(unreadable: readonly UnreadableVm[]): string {
  if (unreadable.length === 0) return "";
  const each = unreadable.map((vm) => `"${vm.name}" (${placeOf(vm)})`).join(", ");
  return `. It may be one of those that the host cannot read now: ${each}`;
}

function comparable(key: VmKey, value: string): string {
  if (key === "vmxPath")
    return isDatastorePath(value) ? formatDatastorePath(parseDatastorePath(value)) : value;
  return key === "instanceUuid" ? value.toLowerCase() : value;
}
