import type { ManagedObjectReference, TaskInfo } from "../../schema/index.ts";
import { retrieveMany, retrieveOne } from "../vim/property-collector.ts";
import type { EsxiHost } from "./esxi-host.ts";

/**
 * Tasks under way at the host that this process does not wait for: another client's, those of a process that was
 * killed, and those whose beginning was told in an answer that got lost.
 */
export async function othersTasks(
  host: EsxiHost,
  matches: (info: TaskInfo) => boolean,
  signal: AbortSignal,
): Promise<readonly TaskInfo[]> {
  const { taskManager } = (await host.facts()).content;
  if (!taskManager) return [];
  const { recentTask } = await retrieveOne(host.client, taskManager, "TaskManager", ["recentTask"], signal);
  const others = (recentTask ?? []).filter(({ value }) => !host.ownTasks.has(value));
  const found = await retrieveMany(host.client, others, "Task", ["info"], signal);
  return found.flatMap(({ properties: { info } }) => {
    const goesOn = info?.state === "running" || info?.state === "queued";
    return goesOn && matches(info) ? [info] : [];
  });
}

/**
 * Waits until those tasks have ended; how they end is not ours to judge.
 * @param limit Ends the wait early, without an error.
 */
export async function untilEnded(
  host: EsxiHost,
  tasks: readonly ManagedObjectReference[],
  signal: AbortSignal,
  limit: AbortSignal = signal,
): Promise<void> {
  const either = AbortSignal.any([signal, limit]);
  await Promise.allSettled(tasks.map((task) => host.client.updates.waitForTask(task, { signal: either })));
  signal.throwIfAborted();
}

/**
 * Waits until tasks of a kind have ended that this process does not wait for itself.
 * @param kind Matches the names of such tasks, as `VirtualDiskManager.copyVirtualDisk`.
 * @returns Whether there were any.
 */
export async function othersEnded(host: EsxiHost, kind: RegExp, signal: AbortSignal): Promise<boolean> {
  const running = await othersTasks(
    host,
    ({ descriptionId, name }) => kind.test(`${descriptionId} ${name}`),
    signal,
  );
  await untilEnded(
    host,
    running.map(({ task }) => task),
    signal,
  );
  return running.length > 0;
}
