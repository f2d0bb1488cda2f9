import type { ManagedObjectReference, VirtualMachineSnapshotTree } from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveAll } from "../../vim/reads/property-collector.ts";
import { flat } from "../clone/clone-source.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { sharedRead } from "../per-host.ts";
import { canBeRead } from "./reading/observed-vm.ts";
import { readUnreadable } from "./reading/unreadable-vm.ts";
import { decodeVmName, encodeSnapshotName } from "./reading/vm-name.ts";
import { theMachine, type VmIdentity } from "./reading/vm-of-state.ts";

/** A snapshot of a virtual machine as its host describes it. */
export interface ObservedSnapshot {
  readonly ref: ManagedObjectReference;
  /** Number within its machine. No other snapshot of that machine ever gets the same. */
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly createTime: string;
  /** True if it holds the memory of a machine that ran. */
  readonly withMemory: boolean;
  readonly quiesced: boolean;
}

/** A machine with its snapshots. */
export interface SnapshotsOfVm {
  readonly moid: string;
  readonly name: string;
  readonly instanceUuid: string;
  readonly vmxPath: string;
  readonly snapshots: readonly ObservedSnapshot[];
}

const PATHS = [
  "name",
  "config.instanceUuid",
  "config.files.vmPathName",
  "runtime.connectionState",
  "snapshot",
] as const;

/** All machines with their snapshots, as they are now. */
const readSnapshots = sharedRead(async ({ client }: EsxiHost) => {
  const found = await retrieveAll(client, "VirtualMachine", PATHS);
  const isRead = ({ properties }: (typeof found)[number]) =>
    properties["config.files.vmPathName"] !== undefined && canBeRead(properties["runtime.connectionState"]);
  const vms = found.filter(isRead).map(
    ({ ref, properties }): SnapshotsOfVm => ({
      moid: ref.value,
      name: decodeVmName(properties.name ?? ""),
      instanceUuid: String(properties["config.instanceUuid"] ?? ""),
      vmxPath: String(properties["config.files.vmPathName"]),
      snapshots: flat(properties.snapshot?.rootSnapshotList).map(observed),
    }),
  );
  const unread = found.filter((object) => !isRead(object)).map(({ ref }) => ref);
  return { vms, unreadable: await readUnreadable(client, unread) };
});

/**
 * That machine with its snapshots. Undefined if the host does not have it.
 * @throws UnreadableVmError, HostError as {@link theMachine}
 */
export async function snapshotsOf(host: EsxiHost, vm: VmIdentity): Promise<SnapshotsOfVm | undefined> {
  return theMachine(host.name, vm, await readSnapshots(host));
}

function observed(tree: VirtualMachineSnapshotTree): ObservedSnapshot {
  const { snapshot: ref, id, name, description, createTime, state, quiesced } = tree;
  return {
    ref,
    id,
    name: decodeVmName(name),
    description,
    createTime,
    withMemory: state === "poweredOn",
    quiesced,
  };
}

export interface SnapshotWish {
  readonly name: string;
  readonly description?: string | undefined;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress?: (percent: number) => void;
}

/** Takes a snapshot. It is returned even if the run was told to stop meanwhile. */
export async function takeSnapshot(
  host: EsxiHost,
  vm: { readonly ref: ManagedObjectReference; readonly name: string },
  wish: SnapshotWish,
  options: Options,
): Promise<ManagedObjectReference> {
  options.signal.throwIfAborted();
  const signal = aMomentAfter(options.signal);
  const sent = { ...wish, name: encodeSnapshotName(wish.name) };
  const ref = await host.task<ManagedObjectReference>(
    () => host.client.call(vm.ref, "CreateSnapshot_Task", sent, { signal }),
    { ...options, signal },
  );
  if (ref) return ref;
  throw new HostError(
    `${host.name} took a snapshot of "${vm.name}", but does not say which one it is. Run \`pulumi up\` again.`,
  );
}

/** Gives a snapshot another name and description. What is left out stays. */
export async function renameSnapshot(
  host: EsxiHost,
  snapshot: ManagedObjectReference,
  texts: { readonly name?: string | undefined; readonly description?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { name, description } = texts;
  const sent = { description, ...(name !== undefined && { name: encodeSnapshotName(name) }) };
  await host.client.call(snapshot, "RenameSnapshot", sent, { signal });
}

/**
 * Removes that snapshot and no other. Changes since the snapshot are merged into its disks. Nothing happens if it is
 * gone.
 */
export async function removeSnapshot(
  host: EsxiHost,
  snapshot: ManagedObjectReference,
  options: Options,
): Promise<void> {
  const removal = { removeChildren: false, consolidate: true };
  try {
    await host.task(
      () => host.client.call(snapshot, "RemoveSnapshot_Task", removal, { signal: options.signal }),
      options,
    );
  } catch (error) {
    if (!isFault(error, "ManagedObjectNotFound")) throw error;
  }
}
