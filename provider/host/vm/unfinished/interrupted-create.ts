import type { ManagedObjectReference, TaskInfo } from "../../../../schema/index.ts";
import { isSameObject } from "../../../vim/codec/objects.ts";
import { isFault } from "../../../vim/faults.ts";
import { ObjectGoneError } from "../../../vim/watch/object-gone-error.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { othersTasks, untilEnded } from "../../others-tasks.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { untilNotAtWork } from "./session-owner.ts";

/** A host ends an abandoned lease after five minutes. What is still there after this time does not go by itself. */
const LEASE_PATIENCE_MS = 400_000;

interface Options {
  readonly signal: AbortSignal;
  /** Removes a VM that is not finished, with all that belongs to it. */
  readonly remove: (vm: ObservedVm, signal: AbortSignal) => Promise<void>;
  readonly onStatus: (text: string) => void;
}

/**
 * Decides what becomes of a VM that an interrupted create of the same resource has left.
 *
 * A VM that runs is whole, since nothing is powered on before it is. The create goes on with it. Of a VM that is off,
 * nobody can say that all its bytes arrived, and nobody has used it yet. It is removed and made anew, once the lease
 * that a dead process may still hold has ended.
 *
 * @returns True if the create can go on with the VM.
 * @throws HostError if another process is at work on it now.
 */
export async function resolveInterruptedCreate(
  host: EsxiHost,
  vm: ObservedVm,
  options: Options,
): Promise<boolean> {
  if (vm.powerState !== "poweredOff") return true;
  const session = vm.ownerMark?.session;
  if (session !== undefined) await untilNotAtWork(host, session, `"${vm.name}"`, options);
  options.onStatus(`removing what an interrupted run left of "${vm.name}"`);
  await endTasksOf(host, vm.ref, options.signal);
  const now = await host.vms.byReference(vm.ref);
  if (now === undefined) return false;
  // A machine whose power-on was under way is whole.
  if (now.powerState !== "poweredOff") return true;
  try {
    await options.remove(vm, options.signal);
  } catch (error) {
    // The lease is still held, and the host does not let us cancel it. It ends by itself.
    if (!isFault(error, "InvalidState") && !isFault(error, "TaskInProgress")) throw error;
    await waitUntilGone(host, vm, options);
  }
  return false;
}

/** Cancels what runs on that VM, and waits for its end. What cannot be cancelled goes on. */
async function endTasksOf(host: EsxiHost, vm: ManagedObjectReference, signal: AbortSignal): Promise<void> {
  const running = await othersTasks(host, (info) => worksOn(info, vm), signal);
  const ending: ManagedObjectReference[] = [];
  for (const { task, cancelable, descriptionId } of running) {
    // An import goes on as long as its lease. Everything else ends by itself.
    if (!cancelable && /import/i.test(descriptionId)) continue;
    try {
      if (cancelable) await host.client.call(task, "CancelTask", {}, { signal });
      ending.push(task);
    } catch {
      // It goes on. If the run is to end, the wait below says so.
    }
  }
  await untilEnded(host, ending, signal);
}

/** An import may be a task of the resource pool that only locks the VM. */
function worksOn(info: TaskInfo, vm: ManagedObjectReference): boolean {
  return [info.entity, info.locked].flat().some((object) => object !== undefined && isSameObject(object, vm));
}

async function waitUntilGone(host: EsxiHost, vm: ObservedVm, { signal, onStatus }: Options): Promise<void> {
  onStatus(
    `waiting for the host to end the upload of an interrupted run to "${vm.name}" (about five minutes)`,
  );
  const patience = AbortSignal.timeout(LEASE_PATIENCE_MS);
  try {
    const never = () => undefined;
    await host.client.updates.watch(
      vm.ref,
      "VirtualMachine",
      ["name"],
      never,
      AbortSignal.any([signal, patience]),
    );
  } catch (error) {
    if (error instanceof ObjectGoneError) return;
    if (!patience.aborted) throw error;
    throw new HostError(
      `${host.name} keeps "${vm.name}" locked for an upload that nobody continues. Delete it in the host's client, ` +
        "then run `pulumi up` again.",
      { cause: error },
    );
  }
}
