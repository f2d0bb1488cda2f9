import type { TaskInfo } from "../../../schema/index.ts";
import { VimCmdError } from "../../ssh/commands/vim-cmd-error.ts";
import type { SshExec } from "../../ssh/exec.ts";
import { SshLostError } from "../../ssh/ssh-lost-error.ts";
import { isSameObject } from "../../vim/codec/objects.ts";
import { surely } from "../grace.ts";
import type { HostCore } from "../host-core.ts";
import { othersTasks, untilEnded, untilTheyEnded } from "../others-tasks.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/** How long another task may make a machine wait. */
const PATIENCE_MS = 10_000;

/**
 * Runs a command on a machine. If a task is working on it, usually one of a run that was stopped, the command comes
 * after its end.
 */
export async function whenFree<T>(
  host: HostCore,
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

/** Waits until no task is working on a machine any more. */
export async function untilFree(
  host: HostCore,
  vm: Pick<ObservedVm, "ref">,
  signal: AbortSignal,
): Promise<void> {
  const isAtWork = ({ entity }: TaskInfo) => entity !== undefined && isSameObject(entity, vm.ref);
  const tasks = (await othersTasks(host, isAtWork, signal)).map(({ task }) => task);
  await untilEnded(host, tasks, signal, AbortSignal.timeout(PATIENCE_MS));
  host.vms.forget();
}

/**
 * Runs commands over that connection. If it is lost while `vim-cmd` runs, the host's agent goes on with its task. The
 * command then fails after that task has ended, so that the next look shows the result. Other commands end with the
 * connection, or have done their work at once. A disk that is being copied keeps its file locked.
 */
export function untilAgentEnds(host: HostCore, ssh: SshExec): SshExec {
  return {
    host: ssh.host,
    exec: async (command, options = {}) => {
      try {
        return await ssh.exec(command, options);
      } catch (error) {
        const isBegun = taskOf(command);
        if (isBegun && error instanceof SshLostError) {
          const signal = options.signal ?? new AbortController().signal;
          await surely(signal, () => untilTheyEnded(host, isBegun, signal)).catch(() => {});
          host.vms.forget();
        }
        throw error;
      }
    },
  };
}

/** Recognizes the tasks that a command may have begun. Undefined for a command that begins none. */
function taskOf([program, operation = "", vmid]: readonly string[]):
  | ((info: TaskInfo) => boolean)
  | undefined {
  if (program !== "vim-cmd") return undefined;
  if (operation === "solo/registervm")
    return ({ name, descriptionId }) => /registerVM/i.test(`${descriptionId} ${name}`);
  const changes = /^vmsvc\/(power\.(on|off)|snapshot\.(create|remove)|destroy)$/.test(operation);
  return changes ? ({ entity }) => entity?.value === vmid : undefined;
}
