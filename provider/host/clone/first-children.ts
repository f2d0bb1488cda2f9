import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { parseChild } from "../../vmdk/child-descriptor.ts";
import { disksOf } from "../../vmx/devices.ts";
import { newInstanceUuid } from "../../vmx/new-uuid.ts";
import { formatVmx, parseVmx, type Vmx } from "../../vmx/vmx.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  inFolder,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { linkingVmx, unregisterSurely } from "../shell/linking-folder.ts";
import { registerVm } from "../shell/register-vm.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import type { CloneOptions, CloneRequest } from "./clone-request.ts";
import { linkingName } from "./linking-name.ts";

/** A disk that builds on a disk of the source, and to which nobody has written. */
export interface Child {
  /** The device of the source's disk, as its .vmx file names it: `scsi0:0`. */
  readonly device: string;
  /** The folder of the child, as a path in the host's own file system. */
  readonly folder: string;
  /** File name of its descriptor. */
  readonly name: string;
  readonly descriptor: string;
}

/** How long the API may take to show what the shell has done. */
const SHOWN_MS = 30_000;
/** What a machine needs to have disks: its kind, its controllers, and the disks themselves. */
const NEEDED =
  /^(\.encoding|config\.version|virtualhw\.version|guestos|(scsi|sata|nvme|ide)\d+\.(present|virtualdev))$/i;
const OF_DISK = /\.(present|devicetype|filename)$/i;

/**
 * Lets the host make a child of each of the source's disks. For that, a temporary machine has the disks themselves,
 * takes a snapshot in a folder of its own, and is taken out of the inventory. It is never started. It is never deleted
 * either, because the host would delete the disks with it.
 *
 * @param within The folder of the new clone. The flag in it says whose all of this is.
 * @param disks Paths of the source's disks in the host's own file system, by device.
 * @throws HostError or VimCmdError. {@link removeLinking} removes what is there by then.
 */
export async function firstChildren(
  host: EsxiHost,
  shell: EsxiShell,
  within: DatastorePath,
  original: Vmx,
  disks: ReadonlyMap<string, string>,
  { source, mark }: Pick<CloneRequest, "source" | "mark">,
  { signal }: CloneOptions,
): Promise<readonly Child[]> {
  const place = inFolder(within, linkingName(mark));
  const path = toHostPath(place);
  const file = linkingVmx(place);
  signal.throwIfAborted();
  await shell.makeFolder(path, aMomentAfter(signal));
  const vmx = vmxOnDisks(
    original,
    disks,
    encodeVmName(`${source.name} (pulumi-esxi-direct links to its disks)`),
  );
  signal.throwIfAborted();
  await shell.writeFile(toHostPath(file), formatVmx(vmx), aMomentAfter(signal));
  const vm = await registerVm(host, shell, file, signal);
  let changed: Vmx;
  try {
    signal.throwIfAborted();
    await takeSnapshot(host, shell, vm.ref, signal);
    changed = await readVmx(host, shell, file, signal);
  } finally {
    await clearAway(signal, (limit) => unregisterSurely(host, shell, vm.moid, limit));
  }
  const made: Child[] = [];
  for (const { device, fileName } of disksOf(changed)) {
    const parent = disks.get(device);
    const child = fileName.includes("/") ? undefined : await readChild(shell, path, fileName, device, signal);
    if (parent === undefined || child === undefined)
      throw new HostError(
        `${host.name}: a snapshot of ${formatDatastorePath(file)} did not make a disk beside it that builds on ` +
          `${parent ?? device}: it is ${fileName}. No linked clone can be made on this host over SSH. Use mode: "full".`,
      );
    made.push(child);
  }
  return made;
}

/** The child at that path. Undefined if it is not a child, or if somebody has written to it. */
export async function readChild(
  shell: EsxiShell,
  folder: string,
  name: string,
  device: string,
  signal: AbortSignal,
): Promise<Child | undefined> {
  const bytes = await shell.readFile(`${folder}/${name}`, signal);
  const descriptor = Buffer.from(bytes ?? "").toString("utf8");
  return parseChild(descriptor)?.isUntouched ? { device, folder, name, descriptor } : undefined;
}

function vmxOnDisks(original: Vmx, disks: ReadonlyMap<string, string>, displayName: string): Vmx {
  const vmx = original.copy();
  const devices = [...disks.keys()].map((device) => device.toLowerCase());
  const isOfDisk = (key: string) =>
    OF_DISK.test(key) && devices.includes(key.toLowerCase().slice(0, key.lastIndexOf(".")));
  for (const key of vmx.keys()) if (!NEEDED.test(key) && !isOfDisk(key)) vmx.delete(key);
  for (const [device, file] of disks) vmx.set(`${device}.fileName`, file);
  vmx.set("displayName", displayName);
  vmx.set("vc.uuid", newInstanceUuid());
  // Without this, the snapshot's files come beside the disk, where nothing says whose they are.
  vmx.set("workingDir", ".");
  vmx.set("snapshot.redoNotWithParent", "TRUE");
  return vmx;
}

/** The command's own answer is not enough. The snapshot counts as taken when the API shows it. */
async function takeSnapshot(
  host: EsxiHost,
  shell: EsxiShell,
  ref: ManagedObjectReference,
  signal: AbortSignal,
): Promise<void> {
  const said = await shell.createSnapshot(ref.value, "linking", aMomentAfter(signal)).then(
    () => undefined,
    (error: unknown) => error,
  );
  const patience = AbortSignal.timeout(said === undefined ? SHOWN_MS : 0);
  await host.client.updates
    .watch(
      ref,
      "VirtualMachine",
      ["snapshot"],
      ({ snapshot }) => snapshot?.rootSnapshotList?.length,
      AbortSignal.any([signal, patience]),
    )
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (said !== undefined) throw said;
      if (!patience.aborted) throw error;
      throw new HostError(
        `${host.name}: a snapshot of a temporary machine was taken over SSH for a linked clone, but the host does not ` +
          'show it. Run `pulumi up` again. If it stays so, use mode: "full".',
      );
    });
}

async function readVmx(
  host: EsxiHost,
  shell: EsxiShell,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<Vmx> {
  const bytes = await shell.readTwice(toHostPath(file), signal);
  if (bytes !== undefined) return parseVmx(bytes);
  throw new HostError(
    `${host.name}: there is no ${formatDatastorePath(file)} any more, of which a linked clone was to be made. Run \`pulumi up\` again.`,
  );
}
