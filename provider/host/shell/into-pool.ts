import type { EsxiShell, IntoPool } from "../../ssh/commands/esxi-shell.ts";
import { isAscii } from "../../vmx/encoding.ts";
import { filesIn } from "../datastore/datastore-listing.ts";
import {
  type DatastorePath,
  folderOf,
  inFolder,
  parseDatastorePath,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import { othersEnded } from "../others-tasks.ts";
import { otherPool, poolOf } from "../pool/vm-pool.ts";
import { observeAutoStart } from "../vm/auto-start.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import { ownSession, untilNotAtWork } from "../vm/unfinished/session-owner.ts";
import type { MoveToPoolOptions } from "../vm/vm-control.ts";
import { shellOf } from "./host-shell.ts";
import { unregisterSurely } from "./linking-folder.ts";
import { registerVm } from "./register-vm.ts";

/** The name of a file beside the .vmx file, while the machine is out of the inventory between two pools. */
const FLAG = "pulumi-changing-pool";

/** Why a name cannot be combined with a pool over SSH, as the end of a sentence. */
export const POOL_NAME =
  "the host's command that puts a machine into a pool takes its name too, and may spoil one with other characters than " +
  "ASCII: over SSH such a machine can only be in the host's root resource pool";

/**
 * The pool in which a new machine is registered, in the command's form. Undefined for the host's root pool.
 * @throws HostError if there is no such pool, or the name cannot be combined with it.
 */
export async function poolToRegister(
  host: EsxiHost,
  pool: string | undefined,
  name: string,
): Promise<IntoPool | undefined> {
  const [wanted, root] = await Promise.all([findResourcePool(host, pool), findResourcePool(host, undefined)]);
  if (wanted.value === root.value) return undefined;
  if (!isAscii(name))
    throw new HostError(
      `${host.name}: "${name}" cannot be in the pool "${pool}": ${POOL_NAME}. Leave \`resourcePool\` out. Nothing was created.`,
    );
  return { name: encodeVmName(name), poolId: wanted.value };
}

/**
 * Moves a machine into another pool. No command does that. So the machine, which is off, is taken out of the inventory
 * and registered in the other pool. The host then gives it another id, and it loses its place in the list of machines
 * that start with the host.
 */
export async function moveToPoolBySsh(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  pool: string | undefined,
  { signal, onWarning, powerOff }: MoveToPoolOptions,
): Promise<ObservedVm | undefined> {
  const vmx = parseDatastorePath(vm.vmxPath);
  const flag = toHostPath(flagBeside(vmx));
  if ((await otherPool(host, vm, pool, signal)) === undefined) {
    // A killed run may have moved it there. With this file, a machine that somebody unregisters would come back.
    await shell.removeFiles([flag], signal);
    return undefined;
  }
  const into = await poolToRegister(host, pool, vm.name);
  if (vm.powerState !== "poweredOff") await powerOff();
  const starts = await observeAutoStart(host, vm.ref, { enabled: true });
  signal.throwIfAborted();
  // Between the two steps the machine is in no inventory. A run that is told to stop still finishes them.
  const limit = aMomentAfter(signal);
  await shell.writeInPlace(flag, new TextEncoder().encode(await ownSession(host)), limit);
  await unregisterSurely(host, shell, vm.moid, limit);
  const registered = await registerVm(host, shell, vmx, limit, into).catch(async (error: unknown) => {
    // A machine in the wrong pool is better than a machine in no inventory.
    await registerVm(host, shell, vmx, limit);
    await shell.removeFiles([flag], limit);
    throw error;
  });
  await shell.removeFiles([flag], limit);
  const now = await poolOf(host, registered, limit);
  if (into !== undefined && now?.value !== into.poolId)
    throw new HostError(
      `${host.name}: "${vm.name}" was registered for the pool "${pool}", and the host has it in another one. ` +
        "Run `pulumi up` again.",
    );
  if (starts.enabled)
    onWarning(
      `"${vm.name}" is in another pool now, and the host has taken it out of the list of machines that start with it.`,
    );
  return registered;
}

/**
 * Registers a machine that an interrupted run has left out of the inventory between two pools.
 * @returns False if there is none in that place.
 * @throws HostError if another run is working on it.
 */
export async function registerLeftOut(
  host: EsxiHost,
  vmxPath: string,
  options: { readonly signal: AbortSignal; readonly onStatus: (text: string) => void },
): Promise<boolean> {
  const { signal, onStatus } = options;
  const vmx = parseDatastorePath(vmxPath);
  const folder = folderOf(vmx);
  const there = await filesIn(host, folder, "*", signal).catch((error: unknown): readonly string[] => {
    // If a datastore is away, its machines are not gone: the host has them in its inventory.
    if (error instanceof HostError) return [];
    throw error;
  });
  if (!there.includes(FLAG)) return false;
  const shell = await shellOf(host).open();
  const flag = toHostPath(flagBeside(vmx));
  const session = Buffer.from((await shell.readFile(flag, signal)) ?? "").toString("utf8");
  await untilNotAtWork(host, session, vmxPath, options);
  await othersEnded(host, /registerVM/i, signal);
  const names = [...there, ...((await shell.list(toHostPath(folder), signal)) ?? [])];
  if (!names.some((name) => name.endsWith(".vmx"))) {
    // It has been deleted since.
    await shell.removeFiles([flag], signal);
    if (folder.path !== "") await shell.removeFolder(toHostPath(folder), signal);
    return false;
  }
  onStatus("registering it again, which an interrupted run has left out of the inventory");
  await registerVm(host, shell, vmx, signal);
  await shell.removeFiles([flag], signal);
  return true;
}

/** That file of a machine. One that was killed at the end of a change of pools still has it. */
export const flagBeside = (vmx: DatastorePath): DatastorePath => inFolder(folderOf(vmx), FLAG);
