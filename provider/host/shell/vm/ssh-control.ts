import { pauseFor } from "../../../pause.ts";
import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../../ssh/commands/vim-cmd-error.ts";
import { folderOf, inFolder, parseDatastorePath, toHostPath } from "../../datastore/datastore-path.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { setAutoStart } from "../../vm/auto-start.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { encodeVmName } from "../../vm/reading/vm-name.ts";
import type { VmControl } from "../../vm/vm-control.ts";
import { refuseInVmx } from "../../vm/vmx/write-vmx.ts";
import { moveToPoolBySsh } from "../into-pool.ts";
import { whenFree } from "../ssh-when-free.ts";
import { destroyBySsh } from "./destroy-vm.ts";
import { growHot, hotGrowth } from "./hot-growth.ts";
import { editVmx, isUnsettled, reconfigureByVmx } from "./reconfigure-vmx.ts";

/** How often a power-on that failed without a reason is tried, and the pause between. Tests shorten it. */
export const POWER_ON = { tries: 4, pauseMs: 2000 };

/**
 * Changes machines by the host's shell: the .vmx file is rewritten, and vim-cmd does the rest. Nothing is written
 * through the API.
 */
export function sshControl(host: EsxiHost, shell: EsxiShell): VmControl {
  return {
    changesOnlyWhileOff: true,
    refuse: (vm, wishes) => refuseInVmx(wishes, vm.config.firmware),
    isUnsettled,
    whileOn: (vm, wishes) => {
      const growths = host.sshHotChanges ? hotGrowth(vm, wishes) : undefined;
      return growths && ((signal) => growHot(host, shell, vm, growths, signal));
    },
    reconfigure: (vm, wishes, signal) => reconfigureByVmx(host, shell, vm, wishes, signal),
    rename: (vm, name, signal) =>
      editVmx(host, shell, vm, (vmx) => vmx.set("displayName", encodeVmName(name)), signal),
    moveToPool: (vm, pool, options) => moveToPoolBySsh(host, shell, vm, pool, options),
    markCreated: (vm, mark, signal) =>
      shell.removeFiles(mark.flag === undefined ? [] : [inFolderOf(vm, mark.flag)], signal),
    powerOn: (vm, name, signal) => powerOn(host, shell, vm, name, signal),
    powerOff: (vm, signal) => powerOff(host, shell, vm, signal),
    shutDown: (vm, seconds, signal) => shutDown(host, shell, vm, seconds, signal),
    setAutoStart: (vm, wish) => setAutoStart(host, vm.ref, wish, "ssh"),
    destroy: (vm, signal, options) => destroyBySsh(host, shell, vm, signal, options),
  };
}

/**
 * Powers on. The question whether the machine was moved or copied is answered by the text of a choice. The command may
 * not return while the host waits for the answer, and may use the only channel. So the result is read through the API.
 */
async function powerOn(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const asked = new AbortController();
  const either = AbortSignal.any([signal, asked.signal]);
  const command = whenFree(
    host,
    vm,
    () => onceMore(host, vm, () => shell.powerOn(vm.moid, either), either),
    either,
  )
    .catch(unlessState(host, vm, "poweredOn"))
    .then(() => "on" as const);
  const seen = host.client.updates.watch(
    vm.ref,
    "VirtualMachine",
    ["runtime.question", "runtime.powerState"],
    (now) => (now["runtime.question"] ? ("asks" as const) : undefined),
    either,
  );
  seen.catch(() => {});
  const first = await Promise.race([command, seen]).finally(() =>
    asked.abort(new Error("There is a question.")),
  );
  host.vms.forget();
  if (first === "on") return;
  command.catch(() => {});
  const question = await shell.question(vm.moid, signal);
  if (question !== undefined) {
    if (question.messageId !== "msg.uuid.altered") {
      throw new HostError(
        `${host.name}: "${name}" does not power on before somebody answers its question: ${question.text} ` +
          "Answer it in the host's client, then run `pulumi up` again.",
      );
    }
    await shell.answer(vm.moid, question, /copied/i, signal);
  }
  await untilState(host, vm, "poweredOn", signal);
}

/** A machine that was just registered may fail to start, and the host gives no reason. */
async function onceMore(
  host: EsxiHost,
  vm: ObservedVm,
  command: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await command();
    } catch (error) {
      const isBare =
        error instanceof VimCmdError && error.fault === undefined && /Power on failed$/.test(error.message);
      if (!isBare) throw error;
      if (tries === POWER_ON.tries) throw noReason(error, vm, tries);
      await pauseFor(POWER_ON.pauseMs, signal);
      if ((await host.vms.byReference(vm.ref))?.powerState !== "poweredOff") throw error;
    }
  }
}

const noReason = (error: VimCmdError, vm: ObservedVm, tries: number): VimCmdError =>
  new VimCmdError(
    `${error.message}. It was tried ${tries} times, because hosts say so of machines that were just registered too. The ` +
      `host gives no reason here: the file vmware.log beside ${vm.vmxPath} may have one.`,
    error.fault,
  );

async function shutDown(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  if (vm.toolsRunning && seconds > 0) {
    const patience = AbortSignal.timeout(seconds * 1000);
    try {
      await shell.shutDown(vm.moid, signal);
      return await untilState(host, vm, "poweredOff", AbortSignal.any([signal, patience]));
    } catch (error) {
      signal.throwIfAborted();
      if (!patience.aborted && !(error instanceof VimCmdError)) throw error;
    }
  }
  await powerOff(host, shell, vm, signal);
}

async function powerOff(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<void> {
  await whenFree(host, vm, () => shell.powerOff(vm.moid, signal), signal).catch(
    unlessState(host, vm, "poweredOff"),
  );
  host.vms.forget();
}

function inFolderOf(vm: ObservedVm, name: string): string {
  return toHostPath(inFolder(folderOf(parseDatastorePath(vm.vmxPath)), name));
}

function unlessState(host: EsxiHost, vm: ObservedVm, state: ObservedVm["powerState"]) {
  return async (error: unknown) => {
    if (!(error instanceof VimCmdError) || (await host.vms.byReference(vm.ref))?.powerState !== state)
      throw error;
  };
}

async function untilState(
  host: EsxiHost,
  vm: ObservedVm,
  state: ObservedVm["powerState"],
  signal: AbortSignal,
): Promise<void> {
  await host.client.updates.watch(
    vm.ref,
    "VirtualMachine",
    ["runtime.powerState"],
    (now) => now["runtime.powerState"] === state || undefined,
    signal,
  );
  host.vms.forget();
}
