import { posix } from "node:path";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { HEAD_BYTES, parseDiskHead } from "../../vmdk/create-type.ts";
import { disksIn } from "../../vmx/devices.ts";
import { isDatastorePath, parseDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { fileUses } from "../file-use/file-uses.ts";
import { ownDiskFiles } from "../file-use/machine-files.ts";
import { HostError } from "../host-error.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isLinking } from "./linking-folder.ts";
import { registeredFiles } from "./registered-files.ts";

/** Hosts do not open longer chains. */
const MAX_LINKS = 32;

/**
 * Refuses a change that would break disks of machines that are not in the host's inventory, on the machine's own
 * datastore. The API does not show such machines, but their files do.
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
  const { datastore } = parseDatastorePath(vm.vmxPath);
  const volume = toHostPath({ datastore, path: "" });
  const found = await shell.find(volume, "*.vmx", signal);
  // Read now: a machine that somebody has just taken out of the inventory is known no longer.
  const known = new Set(
    (await registeredFiles(host)).flatMap(({ vmxPath }) =>
      isDatastorePath(vmxPath) ? [toHostPath(parseDatastorePath(vmxPath))] : [],
    ),
  );
  const strangers = found.filter((path) => !known.has(path) && !isLinking(path));
  if (strangers.length === 0) return;
  const real = await shell.realPath(volume, signal);
  const own = new Set(
    ownDiskFiles(vm, await fileUses(host)).map((file) => toHostPath(parseDatastorePath(file))),
  );
  const isOwn = (path: string) =>
    own.has(path.startsWith(`${real}/`) ? volume + path.slice(real.length) : path);
  const children: string[] = [];
  for (const path of strangers) if ((await parentsOf(shell, path, signal)).some(isOwn)) children.push(path);
  if (children.length === 0) return;
  throw new HostError(
    `${host.name}: disks of machines that are in no inventory build on those of "${vm.name}": ${children.join(", ")}. To ${doing} ` +
      "would destroy them. Nothing was changed. Register those machines, or remove their files, if they are not needed.",
  );
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
