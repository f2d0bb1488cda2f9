import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { SshLostError } from "../../../ssh/ssh-lost-error.ts";
import { DEFAULT_RETRY, withRetry } from "../../../vim/soap/retry.ts";
import { parseDatastorePath, toHostPath } from "../../datastore/datastore-path.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { aMomentAfter } from "../../grace.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { whenFree } from "../ssh-when-free.ts";

/** Lets the host read the .vmx file of a machine that is off. */
export async function reloadVmx(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<void> {
  const reload = () => whenFree(host, vm, () => shell.reload(vm.moid, signal), signal);
  // Reading the same file twice gives the same machine.
  await withRetry(DEFAULT_RETRY, reload, (error) => error instanceof SshLostError, signal);
  host.vms.forget();
}

/**
 * Writes the .vmx file of a machine that is off, and lets the host read it. Both is one command: a machine whose file says
 * something else than its host is not to be left behind, because the host starts it as the file says.
 */
export async function writeVmx(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const path = toHostPath(parseDatastorePath(vm.vmxPath));
  signal.throwIfAborted();
  // A command that is told to stop may leave its draft, and what was written is to be read.
  const limit = aMomentAfter(signal);
  const write = () => shell.writeAndReload(path, content, vm.moid, limit);
  // Writing the same file twice gives the same file.
  const isRead = await withRetry(DEFAULT_RETRY, write, (error) => error instanceof SshLostError, signal);
  if (isRead) host.vms.forget();
  else await reloadVmx(host, shell, vm, limit);
}
