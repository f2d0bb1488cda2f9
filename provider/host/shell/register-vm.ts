import type { EsxiShell, IntoPool } from "../../ssh/commands/esxi-shell.ts";
import { type DatastorePath, formatDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway, surely } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isReadable, type SeenVm } from "../vm/reading/vm-snapshot-read.ts";

/**
 * Registers a machine whose files are whole, under the name in its .vmx file, and looks through the API whether the host
 * has it as it should. It is also returned when the run was told to stop meanwhile.
 *
 * @param into The pool that it is to be in, as {@link poolToRegister} finds it. Default: the root pool.
 * @returns The machine as the host shows it.
 * @throws VimCmdError with what the host said; HostError for a machine that the host has taken and cannot work with,
 *   which is in its inventory no more. The files are left to the caller, who asks {@link isUnknown} before they go.
 */
export async function registerVm(
  host: EsxiHost,
  shell: EsxiShell,
  vmx: DatastorePath,
  signal: AbortSignal,
  into?: IntoPool,
): Promise<ObservedVm> {
  signal.throwIfAborted();
  const limit = aMomentAfter(signal);
  const told = await madeDespiteLostAnswer(
    () => shell.register(toHostPath(vmx), limit, into),
    () => idOf(shell, vmx, limit),
  );
  host.vms.forget();
  // What was printed may have been wrong, and then another machine has that id.
  const seen = (await seenAt(host, vmx, told)) ?? (await seenAt(host, vmx, await idOf(shell, vmx, limit)));
  if (seen && isReadable(seen) && seen.instanceUuid !== "") return seen;
  const path = formatDatastorePath(vmx);
  if (!seen) throw new HostError(`${host.name} says that it has registered ${path}, and does not show it.`);
  await surely(limit, () => shell.unregister(seen.moid, limit));
  host.vms.forget();
  const what = isReadable(seen)
    ? "gave it no instance UUID"
    : `cannot work with it: it was "${seen.connectionState}". Its virtual hardware may be newer than the host knows`;
  throw new HostError(
    `${host.name} registered ${path}, but ${what}. It was taken out of the inventory again.`,
  );
}

/** The machine with that id, if it is the one of that file. */
async function seenAt(
  host: EsxiHost,
  vmx: DatastorePath,
  value: string | undefined,
): Promise<SeenVm | undefined> {
  if (value === undefined) return undefined;
  const vm = (await host.vms.these([{ type: "VirtualMachine", value }])).get(value);
  return vm?.vmxPath === formatDatastorePath(vmx) ? vm : undefined;
}

/** True if the host says that it has no such machine: one that loses its files is lost, and nobody can tell whose it was. */
export async function isUnknown(shell: EsxiShell, vmx: DatastorePath, signal: AbortSignal): Promise<boolean> {
  return clearAway(signal, (limit) => idOf(shell, vmx, limit)).then(
    (id) => id === undefined,
    () => false,
  );
}

async function idOf(shell: EsxiShell, vmx: DatastorePath, signal: AbortSignal): Promise<string | undefined> {
  const path = formatDatastorePath(vmx);
  return (await shell.listVms(signal)).find(({ vmxPath }) => vmxPath === path)?.vmid;
}
