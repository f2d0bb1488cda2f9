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
 * Copies a disk at the host, under a temporary name that it loses when it is whole. A chain becomes one disk.
 * @throws TaskFault with what the host said; what there is of the copy has the temporary name.
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
  if (!manager || source === undefined) throw new HostError(`${host.name} offers no way to copy a disk.`);
  const draft = formatDatastorePath(job.draft);
  const destSpec = create("FileBackedVirtualDiskSpec", {
    diskType: DISK_TYPES[job.diskProvisioning],
    // What the adapter is called matters to no guest; leaving it out makes the host refuse the call.
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
  // Whoever clears away must find the disk under one of the two names.
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
    // It has failed, as it should, or it goes on: the next run waits for it.
  }
}
