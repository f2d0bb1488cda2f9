import type { ManagedObjectReference, VirtualDisk } from "../../../schema/index.ts";
import { create } from "../../vim/codec/objects.ts";
import { type DatastorePath, formatDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, surely } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";

const DISK_TYPES = { thin: "thin", thick: "preallocated", eagerZeroedThick: "eagerZeroedThick" } as const;
const CANCEL_MS = 3000;

/**
 * Copies a disk on the host, first under a temporary name. It gets its own name when it is whole. A chain becomes one
 * disk.
 * @throws TaskFault with the host's fault. An unfinished copy has the temporary name.
 */
export async function copyDisk(
  host: EsxiHost,
  job: {
    readonly disk: VirtualDisk;
    readonly draft: DatastorePath;
    readonly target: DatastorePath;
    readonly diskProvisioning: keyof typeof DISK_TYPES;
    readonly signal: AbortSignal;
    readonly onProgress: (percent: number) => void;
  },
): Promise<void> {
  const { virtualDiskManager: manager } = (await host.facts()).content;
  const [source] = chainOf(job.disk);
  if (!manager || source === undefined)
    throw new HostError(
      `${host.name} cannot copy a disk: its API has no VirtualDiskManager, which every ESXi host has. Is esxi:host an ESXi host?`,
    );
  const draft = formatDatastorePath(job.draft);
  const destSpec = create("FileBackedVirtualDiskSpec", {
    diskType: DISK_TYPES[job.diskProvisioning],
    // The guest does not see this adapter type. But without one the host refuses the call.
    adapterType: "lsiLogic",
    capacityKb: job.disk.capacityInKB,
  });
  const { signal, onProgress } = job;
  await host.copies.run(async () => {
    onProgress(0);
    let task: ManagedObjectReference | undefined;
    try {
      await host.task(
        async () => {
          const params = { sourceName: source, destName: draft, destSpec };
          task = await host.client.call(manager, "CopyVirtualDisk_Task", params);
          return task;
        },
        { signal, onProgress },
      );
    } catch (error) {
      if (signal.aborted && task) await cancel(host, task);
      throw error;
    }
  }, signal);
  const destName = formatDatastorePath(job.target);
  signal.throwIfAborted();
  // The move is not cut short: whoever removes the disk later must find it under one of the two names.
  const limit = aMomentAfter(signal);
  await host.task(() => host.client.call(manager, "MoveVirtualDisk_Task", { sourceName: draft, destName }), {
    signal: limit,
  });
}

/** Ends a copy that nobody waits for any more, so that its file can be removed. */
async function cancel(host: EsxiHost, task: ManagedObjectReference): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    await surely(signal, () => host.client.call(task, "CancelTask", {}, { signal }));
    await host.client.updates.waitForTask(task, { signal });
  } catch {
    // Either it has ended, as it should, or it goes on, and the next run waits for it.
  }
}
