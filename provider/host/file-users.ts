import type { VirtualDevice } from "../../schema/index.ts";
import { isA } from "../vim/codec/objects.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
} from "./datastore-path.ts";
import { chainOf } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { ObservedVm } from "./observed-vm.ts";

/** How long "no VM uses it" is believed without looking again; who is found is always looked for anew. */
const SERVES_MS = 5000;

const known = new WeakMap<
  EsxiHost,
  { readonly vms: Promise<readonly ObservedVm[]>; readonly takenAt: number }
>();

/**
 * Refuses what would take a file, or what is in a folder, away from virtual machines.
 * @param doing What was to be done, as `delete it`.
 * @param counts Which machines count. Default: all, also those that are off.
 * @throws HostError with the names of those machines.
 */
export async function refuseWhileUsed(
  host: EsxiHost,
  place: DatastorePath,
  doing: string,
  counts: (vm: ObservedVm) => boolean = () => true,
): Promise<void> {
  const users = async () => (await vmsOf(host)).filter((vm) => counts(vm) && uses(vm, place));
  if ((await users()).length === 0) return;
  // What was seen may be gone by now: a destroy has just removed it.
  known.delete(host);
  const names = (await users()).map(({ name }) => `"${name}"`);
  if (names.length === 0) return;
  throw new HostError(
    `${host.name}: ${names.join(", ")} ${names.length === 1 ? "uses" : "use"} ${formatDatastorePath(place)}, so it is ` +
      `not possible to ${doing}. Nothing was changed. Take it out of the machine's devices first, or delete the machine.`,
  );
}

function vmsOf(host: EsxiHost): Promise<readonly ObservedVm[]> {
  const before = known.get(host);
  if (before && Date.now() - before.takenAt < SERVES_MS) return before.vms;
  const vms = host.vms.inventory().then((all) => all.vms);
  known.set(host, { vms, takenAt: Date.now() });
  vms.catch(() => known.delete(host));
  return vms;
}

function uses(vm: ObservedVm, place: DatastorePath): boolean {
  return [vm.vmxPath, ...vm.devices.flatMap(filesOf)].filter(isDatastorePath).some((text) => {
    const { datastore, path } = parseDatastorePath(text);
    return datastore === place.datastore && `${path}/`.startsWith(`${place.path}/`);
  });
}

/** Files of a device: a disk with all that it builds on, the image in a drive, what a serial port writes to. */
function filesOf(device: VirtualDevice): string[] {
  if (isA(device, "VirtualDisk")) return chainOf(device);
  const { backing } = device;
  return isA(backing, "VirtualDeviceFileBackingInfo") ? [backing.fileName] : [];
}
