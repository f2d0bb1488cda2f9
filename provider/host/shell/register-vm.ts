import type { EsxiShell, IntoPool } from "../../ssh/commands/esxi-shell.ts";
import { type DatastorePath, formatDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway, surely } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isReadable, type SeenVm } from "../vm/reading/vm-snapshot-read.ts";

/**
 * Registers a machine whose files are complete, with the name in its .vmx file, and checks through the API whether the
 * host has it correctly. The machine is returned even if the run was told to stop meanwhile.
 *
 * @param into The pool for it, from {@link poolToRegister}. Default: the root pool.
 * @returns The machine as the host shows it.
 * @throws VimCmdError with the host's message. HostError for a machine that the host has registered but cannot work
 * with. It is then out of the inventory again. The files are left to the caller, who asks {@link isUnknown} before they
 * are deleted.
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
  // The printed id may have been wrong, and may belong to another machine.
  const seen = (await seenAt(host, vmx, told)) ?? (await seenAt(host, vmx, await idOf(shell, vmx, limit)));
  if (seen && isReadable(seen) && seen.instanceUuid !== "") return seen;
  const path = formatDatastorePath(vmx);
  if (!seen) {
    throw new HostError(
      `${host.name} says that it has registered ${path}, and does not show it. Run \`pulumi up\` again.`,
    );
  }
  await surely(limit, () => shell.unregister(seen.moid, limit));
  host.vms.forget();
  const what = isReadable(seen)
    ? "gave it no instance UUID. Run `pulumi up` again"
    : `cannot work with it: it was "${seen.connectionState}". Its virtual hardware may be newer than the host knows: see hardwareVersion`;
  throw new HostError(
    `${host.name} registered ${path}, but ${what}. It was taken out of the inventory again.`,
  );
}

/** The machine with that id, if it has that file. */
async function seenAt(
  host: EsxiHost,
  vmx: DatastorePath,
  value: string | undefined,
): Promise<SeenVm | undefined> {
  if (value === undefined) return undefined;
  const vm = (await host.vms.these([{ type: "VirtualMachine", value }])).get(value);
  return vm?.vmxPath === formatDatastorePath(vmx) ? vm : undefined;
}

/**
 * True if the host says that it has no such machine. A machine that lost its files would be lost, and nobody could tell
 * whose it was.
 */
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
