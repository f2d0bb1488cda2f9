import type { ManagedObjectReference, VirtualMachineSnapshotTree } from "../../schema/index.ts";
import { isFault } from "../vim/faults.ts";
import { retrieveAll } from "../vim/property-collector.ts";
import { flat } from "./clone-source.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import { sharedRead } from "./inventory/shared-read.ts";
import { decodeVmName } from "./vm-name.ts";

/** A snapshot of a virtual machine as its host describes it. */
export interface ObservedSnapshot {
  readonly ref: ManagedObjectReference;
  /** Number within its machine, which no other snapshot of that machine ever gets. */
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly createTime: string;
  /** True if it has kept the memory of a machine that ran. */
  readonly withMemory: boolean;
  readonly quiesced: boolean;
}

/** A machine with its snapshots. */
interface SnapshotsOfVm {
  readonly vmName: string;
  readonly snapshots: readonly ObservedSnapshot[];
}

/** All machines' snapshots by the machines' instance UUIDs, as they are now. */
export const readSnapshots = sharedRead(
  async ({ client }: EsxiHost): Promise<ReadonlyMap<string, SnapshotsOfVm>> => {
    const vms = await retrieveAll(client, "VirtualMachine", ["name", "config.instanceUuid", "snapshot"]);
    return new Map(
      vms.map(({ properties }) => [
        properties["config.instanceUuid"] ?? "",
        {
          vmName: decodeVmName(properties.name ?? ""),
          snapshots: flat(properties.snapshot?.rootSnapshotList).map(observed),
        },
      ]),
    );
  },
);

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

export async function takeSnapshot(
  host: EsxiHost,
  vm: { readonly ref: ManagedObjectReference; readonly name: string },
  wish: SnapshotWish,
  options: Options,
): Promise<ManagedObjectReference> {
  const ref = await host.task<ManagedObjectReference>(
    () => host.client.call(vm.ref, "CreateSnapshot_Task", wish, { signal: options.signal }),
    options,
  );
  if (ref) return ref;
  throw new HostError(`${host.name} took a snapshot of "${vm.name}", but does not say which.`);
}

/** Gives a snapshot another name and description; what is left out stays. */
export async function renameSnapshot(
  host: EsxiHost,
  snapshot: ManagedObjectReference,
  texts: { readonly name?: string | undefined; readonly description?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  await host.client.call(snapshot, "RenameSnapshot", texts, { signal });
}

/** Removes that snapshot and no other: what was changed after it goes into its disks. Nothing happens if it is gone. */
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
