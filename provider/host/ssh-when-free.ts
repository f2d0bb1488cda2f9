import type { TaskInfo } from "../../schema/index.ts";
import { VimCmdError } from "../ssh/vim-cmd-error.ts";
import { isSameObject } from "../vim/codec/objects.ts";
import type { EsxiHost } from "./esxi-host.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { othersTasks, untilEnded } from "./others-tasks.ts";

/** How long another task may hold a machine up. */
const PATIENCE_MS = 10_000;

/** Runs a command on a machine; when a task is at work on it, mostly one of a run that was stopped, after its end. */
export async function whenFree<T>(
  host: EsxiHost,
  vm: Pick<ObservedVm, "ref">,
  command: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof VimCmdError) || error.fault !== "TaskInProgress") throw error;
    await untilFree(host, vm, signal);
    return command();
  }
}

/** Waits until no task is at work on a machine any more. */
export async function untilFree(
  host: EsxiHost,
  vm: Pick<ObservedVm, "ref">,
  signal: AbortSignal,
): Promise<void> {
  const isAtWork = ({ entity }: TaskInfo) => entity !== undefined && isSameObject(entity, vm.ref);
  const tasks = (await othersTasks(host, isAtWork, signal)).map(({ task }) => task);
  await untilEnded(host, tasks, signal, AbortSignal.timeout(PATIENCE_MS));
  host.vms.forget();
}
