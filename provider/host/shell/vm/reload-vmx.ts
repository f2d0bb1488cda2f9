import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { SshLostError } from "../../../ssh/ssh-lost-error.ts";
import { DEFAULT_RETRY, withRetry } from "../../../vim/soap/retry.ts";
import type { EsxiHost } from "../../esxi-host.ts";
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
