import type { ManagedObjectReference, TaskInfo } from "../../schema/index.ts";
import { isSameObject } from "../vim/codec/objects.ts";
import { TaskFault } from "../vim/faults.ts";
import { retrieveMany, retrieveOne } from "../vim/reads/property-collector.ts";
import { TransportError } from "../vim/soap/transport-error.ts";
import { isSilence, surely } from "./grace.ts";
import type { HostCore } from "./host-core.ts";

/**
 * Tasks that run on the host and that this process does not wait for. They are another client's, or a killed
 * process's, or their beginning was told in an answer that was lost.
 */
export async function othersTasks(
  host: HostCore,
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
 * Waits until those tasks have ended. Whether they succeed does not matter here.
 * @param limit Ends the wait early, without an error.
 */
export async function untilEnded(
  host: HostCore,
  tasks: readonly ManagedObjectReference[],
  signal: AbortSignal,
  limit: AbortSignal = signal,
): Promise<void> {
  const either = AbortSignal.any([signal, limit]);
  await Promise.allSettled(tasks.map((task) => host.client.updates.waitForTask(task, { signal: either })));
  signal.throwIfAborted();
}

/**
 * Waits for the end of what the host may have begun, or may still do, although its answer did not reach this process.
 * A look before that end would not show whether it was done. Never throws.
 *
 * @param error What the call, or the wait for its task, has failed with. If the host itself has ended it, this does
 * not wait.
 * @param task The task, if the host has told of it.
 */
export async function untilUntoldEnded(
  host: HostCore,
  error: unknown,
  signal: AbortSignal,
  task?: ManagedObjectReference,
): Promise<void> {
  if (signal.aborted || error instanceof TaskFault) return;
  const call = error instanceof TransportError ? error.call : undefined;
  const wait = (isMeant: (info: TaskInfo) => boolean) =>
    surely(signal, () => untilTheyEnded(host, isMeant, signal)).catch((failure: unknown) => {
      if (error instanceof TransportError) error.isSilence = isSilence(failure);
    });
  if (task) await wait((info) => isSameObject(info.task, task));
  else if (call) await wait((info) => mayHaveBegun(call, info));
}

/**
 * A task may belong to another kind of object than the one that was called: the tasks of a snapshot are its
 * machine's.
 */
function mayHaveBegun({ self, method }: NonNullable<TransportError["call"]>, info: TaskInfo): boolean {
  const { name, entity } = info;
  if (name ? name !== method : entity === undefined) return false;
  return entity === undefined || entity.type !== self.type || isSameObject(entity, self);
}

/**
 * Waits for the end of tasks that this process does not wait for otherwise.
 * @param matches Which tasks are meant.
 * @returns Whether there were any.
 */
export async function untilTheyEnded(
  host: HostCore,
  matches: (info: TaskInfo) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const running = (await othersTasks(host, matches, signal)).map(({ task }) => task);
  await untilEnded(host, running, signal);
  return running.length > 0;
}

/**
 * Waits for the end of tasks of one kind that this process does not wait for otherwise.
 * @param kind Matches the names of such tasks, as `VirtualDiskManager.copyVirtualDisk`.
 * @returns Whether there were any.
 */
export function othersEnded(host: HostCore, kind: RegExp, signal: AbortSignal): Promise<boolean> {
  return untilTheyEnded(host, ({ descriptionId, name }) => kind.test(`${descriptionId} ${name}`), signal);
}
