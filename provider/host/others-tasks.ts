import type { ManagedObjectReference, TaskInfo } from "../../schema/index.ts";
import { isSameObject } from "../vim/codec/objects.ts";
import { TaskFault } from "../vim/faults.ts";
import { retrieveMany, retrieveOne } from "../vim/reads/property-collector.ts";
import { TransportError } from "../vim/soap/transport-error.ts";
import { isSilence, surely } from "./grace.ts";
import type { HostCore } from "./host-core.ts";

/**
 * Tasks under way at the host that this process does not wait for: another client's, those of a process that was
 * killed, and those whose beginning was told in an answer that got lost.
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
 * Waits until those tasks have ended; how they end is not ours to judge.
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
 * Waits until that has ended which the host may have begun, or goes on with, although this process could not be told:
 * whoever looks before that sees neither that it was done nor that it was not. Never throws.
 *
 * @param error What the call, or the wait for its task, has failed with; if the host itself has ended it, nothing is waited for.
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

/** A task may be one of the object that was called, or of another kind of object: a snapshot's are its machine's. */
function mayHaveBegun({ self, method }: NonNullable<TransportError["call"]>, info: TaskInfo): boolean {
  const { name, entity } = info;
  if (name ? name !== method : entity === undefined) return false;
  return entity === undefined || entity.type !== self.type || isSameObject(entity, self);
}

/**
 * Waits until tasks have ended that this process does not wait for itself.
 * @param matches Which are meant.
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
 * Waits until tasks of a kind have ended that this process does not wait for itself.
 * @param kind Matches the names of such tasks, as `VirtualDiskManager.copyVirtualDisk`.
 * @returns Whether there were any.
 */
export function othersEnded(host: HostCore, kind: RegExp, signal: AbortSignal): Promise<boolean> {
  return untilTheyEnded(host, ({ descriptionId, name }) => kind.test(`${descriptionId} ${name}`), signal);
}
