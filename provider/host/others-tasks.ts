import type { ManagedObjectReference } from "../../schema/index.ts";
import { retrieveMany, retrieveOne } from "../vim/property-collector.ts";
import type { EsxiHost } from "./esxi-host.ts";

/**
 * Waits until tasks of a kind have ended that this process does not wait for itself: a process that was killed leaves
 * its tasks to the host, which goes on with them.
 *
 * @param kind Matches the names of such tasks, as `VirtualDiskManager.copyVirtualDisk`.
 */
export async function othersEnded(host: EsxiHost, kind: RegExp, signal: AbortSignal): Promise<void> {
  const { taskManager } = (await host.facts()).content;
  if (!taskManager) return;
  const { recentTask } = await retrieveOne(host.client, taskManager, "TaskManager", ["recentTask"], signal);
  const others = (recentTask ?? []).filter(({ value }) => !host.ownTasks.has(value));
  const found = await retrieveMany(host.client, others, "Task", ["info"], signal);
  const running = found.filter(({ properties: { info } }) => {
    const goesOn = info?.state === "running" || info?.state === "queued";
    return goesOn && kind.test(`${info.descriptionId} ${info.name}`);
  });
  await Promise.allSettled(running.map(({ ref }) => ended(host, ref, signal)));
  signal.throwIfAborted();
}

async function ended(host: EsxiHost, task: ManagedObjectReference, signal: AbortSignal): Promise<void> {
  await host.client.updates.waitForTask(task, { signal });
}
