import { isFile } from "../../datastore/datastore-path.ts";
import { HostError } from "../../host-error.ts";
import { isMovedFrom } from "./move-mark.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { placeOf, type UnreadableVm, UnreadableVmError } from "./unreadable-vm.ts";

/**
 * Which machine state means. Machines that were copied by hand have the same instance UUID, so the rest tells them
 * apart.
 */
export interface VmIdentity {
  readonly instanceUuid: string;
  /** Its managed object id when it was seen last. State of an early release has neither this nor the path. */
  readonly moid?: string | undefined;
  /** Where its .vmx file was then. */
  readonly vmxPath?: string | undefined;
  /** What it was called, for messages. */
  readonly name?: string | undefined;
}

/** All machines of a host, or those of them that may be the one that is looked for. */
export interface HostVms {
  readonly vms: readonly ObservedVm[];
  readonly unreadable: readonly UnreadableVm[];
}

/** What machines are told apart by. */
interface Identified {
  readonly moid: string;
  readonly name: string;
  readonly instanceUuid: string;
  readonly vmxPath: string;
  readonly extraConfig?: ReadonlyMap<string, string> | undefined;
}

/** True if all that state knows is true of this machine. Then no other can be meant. */
export function isExactly(vm: Identified, { instanceUuid, moid, vmxPath }: VmIdentity): boolean {
  return (
    hasUuid(vm, instanceUuid) &&
    (moid !== undefined || vmxPath !== undefined) &&
    (moid ?? vm.moid) === vm.moid &&
    (vmxPath ?? vm.vmxPath) === vm.vmxPath
  );
}

/**
 * The one machine that state means. Several machines may have its instance UUID. Then the first of these counts: the one
 * with its managed object id, the one whose .vmx file is where it was, the one whose mark says that it was moved from
 * there. Undefined if the host has none with that instance UUID.
 *
 * @throws UnreadableVmError if it may be one that the host cannot read now.
 * @throws HostError if state does not tell which one it is.
 */
export function theMachine<V extends Identified>(
  hostName: string,
  identity: VmIdentity,
  { vms, unreadable }: { readonly vms: readonly V[]; readonly unreadable: readonly UnreadableVm[] },
): V | undefined {
  const { instanceUuid, moid, vmxPath, name } = identity;
  const candidates = vms.filter((vm) => hasUuid(vm, instanceUuid));
  const exact = candidates.find((vm) => isExactly(vm, identity));
  if (exact) return exact;
  const [hidden] = unreadable.filter((vm) => mayBe(vm, identity));
  if (hidden) throw new UnreadableVmError(hostName, hidden, `"${name ?? hidden.name}"`);
  const sure = candidates.filter((vm) => vm.moid === moid || vm.vmxPath === vmxPath);
  // A run that was killed after it had moved the machine has not written the new place into state.
  const moved = candidates.filter((vm) => isMovedFrom(vm, vmxPath));
  if (sure.length === 0 && moved.length === 1) return moved[0];
  if (sure.length === 1 || candidates.length === 0) return sure[0];
  // State of an early release does not know the path. The id changes when a machine is registered anew.
  if (vmxPath === undefined && candidates.length === 1) return candidates[0];
  throw ambiguous(hostName, identity, candidates);
}

/** An empty instance UUID means that there is none, so it matches no machine. */
function hasUuid(vm: { readonly instanceUuid: string | undefined }, instanceUuid: string): boolean {
  return instanceUuid !== "" && vm.instanceUuid?.toLowerCase() === instanceUuid.toLowerCase();
}

/** False if what the host still tells shows that it is another machine. */
function mayBe(vm: UnreadableVm, { instanceUuid, moid, vmxPath }: VmIdentity): boolean {
  if (vm.instanceUuid !== undefined) return hasUuid(vm, instanceUuid);
  if (moid === undefined && vmxPath === undefined) return true;
  return (
    vm.moid === moid || (vm.vmxPath !== undefined && vmxPath !== undefined && isFile(vm.vmxPath, vmxPath))
  );
}

function ambiguous(hostName: string, identity: VmIdentity, candidates: readonly Identified[]): HostError {
  const { instanceUuid, moid, vmxPath, name = instanceUuid } = identity;
  const known = [moid && `id ${moid}`, vmxPath].filter(Boolean).join(", ");
  const found = candidates.map((vm) => `"${vm.name}" (${placeOf(vm)})`).join(" and ");
  const has =
    candidates.length === 1
      ? `there is only ${found}: the same machine, moved, or a copy of it`
      : `there are ${candidates.length} machines, copies of each other: ${found}`;
  return new HostError(
    `${hostName}: it is not clear which machine "${name}" is. With the instance UUID ${instanceUuid} ${has}; ` +
      `state knows it as ${known || "no more than that"}. Nothing was changed. ` +
      "Give copies an instance UUID of their own (remove vc.uuid from the .vmx file of each and register it again). " +
      "If it was moved, take the resource out of state with `pulumi state delete`, and let the program take the machine " +
      "over with `adopt`.",
  );
}
