import { pauseFor } from "../../pause.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../ssh/commands/vim-cmd-error.ts";
import { disksOf } from "../../vmx/devices.ts";
import { formatVmx, parseVmx, type Vmx } from "../../vmx/vmx.ts";
import {
  folderOf,
  formatDatastorePath,
  inFolder,
  isInFolder,
  parseDatastorePath,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { lately, refuseToDelete } from "../file-use/refuse-loss.ts";
import { HostError } from "../host-error.ts";
import { setAutoStart } from "../vm/auto-start.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import { disksOnDelete } from "../vm/settings/disk-labels.ts";
import { isUnfinished } from "../vm/unfinished/remove-unfinished.ts";
import type { VmControl } from "../vm/vm-control.ts";
import { applyToVmx, refuseInVmx } from "../vm/vmx/write-vmx.ts";
import { moveToPoolBySsh } from "./into-pool.ts";
import { removeMade } from "./ssh-folder.ts";
import { untilFree, whenFree } from "./ssh-when-free.ts";
import { refuseUnregistered } from "./unregistered-children.ts";

const POWER_ON_TRIES = 4;
const POWER_ON_PAUSE_MS = 2000;

/** By the host's shell: the .vmx file is rewritten, and vim-cmd does the rest. Not one write through the API. */
export function sshControl(host: EsxiHost, shell: EsxiShell): VmControl {
  return {
    changesOnlyWhileOff: true,
    refuse: (vm, wishes) => refuseInVmx(wishes, vm.config.firmware),
    reconfigure: (vm, change, signal) => edit(host, shell, vm, (vmx) => applyToVmx(vmx, change), signal),
    rename: (vm, name, signal) =>
      edit(host, shell, vm, (vmx) => vmx.set("displayName", encodeVmName(name)), signal),
    moveToPool: (vm, pool, options) => moveToPoolBySsh(host, shell, vm, pool, options),
    markCreated: (vm, mark, signal) =>
      shell.removeFiles(mark.flag === undefined ? [] : [inFolderOf(vm, mark.flag)], signal),
    powerOn: (vm, name, signal) => powerOn(host, shell, vm, name, signal),
    powerOff: (vm, signal) => powerOff(host, shell, vm, signal),
    shutDown: (vm, seconds, signal) => shutDown(host, shell, vm, seconds, signal),
    setAutoStart: (vm, wish) => setAutoStart(host, vm.ref, wish),
    destroy: (vm, signal, seenAt) => destroy(host, shell, vm, signal, seenAt),
  };
}

async function edit(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  change: (vmx: Vmx) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = toHostPath(parseDatastorePath(vm.vmxPath));
  const bytes = await shell.readTwice(path, signal);
  if (bytes === undefined) throw new HostError(`${host.name}: there is no ${vm.vmxPath} any more.`);
  const vmx = parseVmx(bytes);
  change(vmx);
  await shell.writeFile(path, formatVmx(vmx), `${path}-draft`, signal);
  await whenFree(host, vm, () => shell.reload(vm.moid, signal), signal);
  host.vms.forget();
}

/**
 * Powers on; the question whether the machine was moved or copied is answered by its words. The command may not return
 * while the host asks, and may take the only channel: what becomes of the machine is seen through the API.
 */
async function powerOn(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isUnfinished(host, vm, signal)))
    await refuseUnregistered(host, shell, vm, "power it on", signal);
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

/** A machine that was registered just now may fail to start, and the host says no more than that. */
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
      if (!isBare || tries === POWER_ON_TRIES) throw error;
      await pauseFor(POWER_ON_PAUSE_MS, signal);
      if ((await host.vms.byReference(vm.ref))?.powerState !== "poweredOff") throw error;
    }
  }
}

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

/**
 * Removes a machine and the disks in its own folder. First the .vmx file loses all disks, so that nothing follows them
 * into other machines' files; then the disks go; the machine itself goes last, so that a killed run finds it again.
 */
async function destroy(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
  seenAt?: number,
): Promise<void> {
  await refuseToDelete(host, vm, lately(seenAt));
  await refuseUnregistered(host, shell, vm, "delete it", signal);
  const vmxPath = parseDatastorePath(vm.vmxPath);
  const folder = folderOf(vmxPath);
  const own = ownDisks(vm).map((file) => parseDatastorePath(file));
  // Whoever can change the machine's settings can write anything there.
  const before = (vm.extraConfig.get(DETACHED_KEY)?.split("\n") ?? []).filter((name) =>
    /^[^/]+\.vmdk$/.test(name),
  );
  const files = before.map((name) => formatDatastorePath(inFolder(folder, name)));
  await refuseWhileNeeded(host, { files, owner: vm, doing: "delete it" });
  const names = [...new Set([...before, ...own.map(({ path }) => path.slice(folder.path.length + 1))])];
  const detach = (vmx: Vmx) => {
    for (const { device } of disksOf(vmx)) {
      const prefix = `${device.toLowerCase()}.`;
      for (const key of vmx.keys()) if (key.toLowerCase().startsWith(prefix)) vmx.delete(key);
    }
    if (names.length > 0) vmx.set(DETACHED_KEY, names.join("\n"));
  };
  try {
    await edit(host, shell, vm, detach, signal);
  } catch (error) {
    // A run that was stopped may have begun to delete it.
    await untilFree(host, vm, signal);
    if (await host.vms.byReference(vm.ref)) throw error;
    if (folder.path !== "") await shell.removeFolder(toHostPath(folder), signal);
    return;
  }
  const look = async () => (await shell.list(toHostPath(folder), signal)) ?? [];
  const first = await look();
  // What one look does not show would stay for good, as nothing tells any more whose it is.
  const there = names.every((name) => first.includes(name)) ? first : [...first, ...(await look())];
  for (const name of names) {
    if (there.includes(name)) await shell.deleteDisk(toHostPath(inFolder(folder, name)), signal);
  }
  const mark = vm.ownerMark;
  if (mark?.flag !== undefined && there.includes(mark.flag)) {
    // Never finished: disks that were copied and not attached. The machine itself says whose they are as long as it is there.
    const machine = there.filter((name) => !name.endsWith(".vmdk") && name !== mark.flag);
    await removeMade(shell, folder, mark, signal, new Set(machine));
  }
  await whenFree(host, vm, () => shell.destroy(vm.moid, signal), signal);
  host.vms.forget();
  if (folder.path !== "") await shell.removeFolder(toHostPath(folder), signal);
}

/** Names, on a machine that is being deleted, the disks that it has lost already and that are to go. */
const DETACHED_KEY = "pulumi-esxi-direct.disks";

function ownDisks(vm: ObservedVm): string[] {
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  const { staying } = disksOnDelete(vm);
  return disksAmong(vm.devices)
    .filter((disk) => !staying.includes(disk))
    .flatMap(chainOf)
    .filter((file) => isInFolder(parseDatastorePath(file), folder));
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
