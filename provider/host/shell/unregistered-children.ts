import { posix } from "node:path";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { HEAD_BYTES, parseDiskHead } from "../../vmdk/create-type.ts";
import { disksIn } from "../../vmx/devices.ts";
import { isDatastorePath, parseDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { fileUses } from "../file-use/file-uses.ts";
import { ownDiskFiles } from "../file-use/machine-files.ts";
import { HostError } from "../host-error.ts";
import { readDatastores } from "../inventory/datastores.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isLinking } from "./linking-folder.ts";
import { registeredFiles } from "./registered-files.ts";

/** Hosts do not open longer chains. */
const MAX_LINKS = 32;

const volumeOf = (datastore: string): string => toHostPath({ datastore, path: "" });

/**
 * Refuses a change that would break disks of machines that are not in the host's inventory, on whichever of its
 * datastores they are. The API does not show such machines, but their files do.
 *
 * @param doing What was to be done, as `power it on`.
 * @throws HostError with the .vmx files of those machines.
 */
export async function refuseUnregistered(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  doing: string,
  signal: AbortSignal,
): Promise<void> {
  // Asked now: a datastore that was away when the run began may be back.
  const there = (await readDatastores(host)).filter(({ accessible }) => accessible);
  const found = await shell.find(
    there.map(({ name }) => volumeOf(name)),
    "*.vmx",
    signal,
  );
  // Read now: a machine that somebody has just taken out of the inventory is known no longer.
  const known = new Set(
    (await registeredFiles(host)).flatMap(({ vmxPath }) =>
      isDatastorePath(vmxPath) ? [toHostPath(parseDatastorePath(vmxPath))] : [],
    ),
  );
  const strangers = found.filter((path) => !known.has(path) && !isLinking(path));
  if (strangers.length === 0) return;
  const own = await namesOf(shell, ownDiskFiles(vm, await fileUses(host)), signal);
  const children: string[] = [];
  for (const path of strangers)
    if ((await parentsOf(shell, path, signal)).some((parent) => own.has(parent))) children.push(path);
  if (children.length === 0) return;
  throw new HostError(
    `${host.name}: disks of machines that are in no inventory build on those of "${vm.name}": ${children.join(", ")}. To ${doing} ` +
      "would destroy them. Nothing was changed. Register those machines, or remove their files, if they are not needed.",
  );
}

/** Absolute paths of files, with the names of their datastores and with the UUIDs to which those are links. */
async function namesOf(
  shell: EsxiShell,
  files: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const places = files.map(parseDatastorePath);
  const names = new Set(places.map((place) => posix.normalize(toHostPath(place))));
  for (const datastore of new Set(places.map((place) => place.datastore))) {
    const real = await shell.realPath(volumeOf(datastore), signal);
    for (const place of places)
      if (place.datastore === datastore) names.add(posix.normalize(`${real}/${place.path}`));
  }
  return names;
}

/** The disks on which the disks of the machine with that file build, as absolute paths of the host. */
async function parentsOf(shell: EsxiShell, vmx: string, signal: AbortSignal): Promise<string[]> {
  const bytes = await shell.readFile(vmx, signal);
  const parents: string[] = [];
  for (const { fileName } of disksIn(bytes)) {
    let path = posix.resolve(posix.dirname(vmx), fileName);
    for (let links = 0; links < MAX_LINKS; links++) {
      const head = parseDiskHead((await shell.readHeadIfThere(path, HEAD_BYTES, signal)) ?? new Uint8Array());
      if (head?.parent === undefined) break;
      path = posix.resolve(posix.dirname(path), head.parent);
      parents.push(path);
    }
  }
  return parents;
}
