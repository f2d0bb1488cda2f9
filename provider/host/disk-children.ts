import { chainOf, disksAmong, folderText } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { ObservedVm } from "./observed-vm.ts";
import type { VmSnapshotRead } from "./vm-snapshot-read.ts";

/** A machine and a file of one of its disks' chains. */
interface DiskUse {
  readonly moid: string;
  readonly name: string;
  /** The file is what the machine writes to, and not what that builds on. */
  readonly isLeaf: boolean;
}

/** The files of all disks of a host, each with those who use it. */
type DiskUses = ReadonlyMap<string, readonly DiskUse[]>;

const known = new WeakMap<VmSnapshotRead, Promise<DiskUses>>();

/** To be told when {@link refuseWithChildren} is about to be asked: what it needs is read meanwhile. */
export function expectChildren(host: EsxiHost): void {
  void diskUses(host);
}

/**
 * Refuses what would change or remove the disks that other virtual machines build on.
 * @param doing What was to be done, as `delete it`.
 * @throws HostError with the names of those machines.
 */
export async function refuseWithChildren(host: EsxiHost, vm: ObservedVm, doing: string): Promise<void> {
  if ((await childrenOf(host, vm)).length === 0) return;
  // What was seen may be gone by now: a destroy has just removed it.
  host.vms.forgetOverview();
  const names = await childrenOf(host, vm);
  if (names.length === 0) return;
  const list = names.map((name) => `"${name}"`).join(", ");
  throw new HostError(
    `${host.name}: the disks of ${list} build on those of "${vm.name}" (linked clones), so it is not possible to ` +
      `${doing}: that would destroy them. Nothing was changed. Delete those first, or make them full clones.`,
  );
}

/** Names of the virtual machines whose disks build on the disks of this one, or are the same files in its folder. */
async function childrenOf(host: EsxiHost, vm: ObservedVm): Promise<string[]> {
  const own = new Set(disksAmong(vm.devices).flatMap((disk) => ownFiles(chainOf(disk))));
  if (own.size === 0) return [];
  const folder = folderText(vm.vmxPath);
  const uses = await diskUses(host);
  const names = new Set<string>();
  for (const file of own) {
    const isInFolder = folder !== "" && file.startsWith(folder);
    for (const { moid, name, isLeaf } of uses.get(file) ?? []) {
      if (moid !== vm.moid && (!isLeaf || isInFolder)) names.add(name);
    }
  }
  return [...names];
}

/** A linked clone's chain ends in its parent's folder; those files are the parent's, and its siblings have them too. */
function ownFiles(chain: readonly string[]): string[] {
  const folder = folderText(chain[0] ?? "");
  return chain.filter((file) => folderText(file) === folder);
}

/** "Nobody builds on it" is believed as long as the overview serves. */
function diskUses(host: EsxiHost): Promise<DiskUses> {
  const overview = host.vms.overview();
  const before = known.get(overview);
  if (before) return before;
  const uses = overview.inventory().then(({ vms }) => usesAmong(vms));
  uses.catch(() => {});
  known.set(overview, uses);
  return uses;
}

function usesAmong(vms: readonly ObservedVm[]): DiskUses {
  const uses = new Map<string, DiskUse[]>();
  for (const { moid, name, devices } of vms) {
    for (const disk of disksAmong(devices)) {
      for (const [depth, file] of chainOf(disk).entries()) {
        const users = uses.get(file) ?? [];
        users.push({ moid, name, isLeaf: depth === 0 });
        uses.set(file, users);
      }
    }
  }
  return uses;
}
