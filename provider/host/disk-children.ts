import { retrieveAll } from "../vim/property-collector.ts";
import { chainOf, disksAmong, folderText } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { decodeVmName } from "./vm-name.ts";

/** How long "nobody builds on it" is believed without looking again; whoever is found is always looked for anew. */
const SERVES_MS = 10_000;

interface DiskUser {
  readonly moid: string;
  readonly name: string;
  readonly chains: readonly (readonly string[])[];
}

const known = new WeakMap<
  EsxiHost,
  { readonly users: Promise<readonly DiskUser[]>; readonly takenAt: number }
>();

/** Called when this process has made a disk that builds on another. */
export function forgetDiskUsers(host: EsxiHost): void {
  known.delete(host);
}

/** To be told when {@link refuseWithChildren} is about to be asked: what it needs is read meanwhile. */
export function expectChildren(host: EsxiHost): void {
  void diskUsers(host);
}

/**
 * Refuses what would change or remove the disks that other virtual machines build on.
 * @param doing What was to be done, as `delete it`.
 * @throws HostError with the names of those machines.
 */
export async function refuseWithChildren(host: EsxiHost, vm: ObservedVm, doing: string): Promise<void> {
  if ((await childrenOf(host, vm)).length === 0) return;
  // What was seen may be gone by now: a destroy has just removed it.
  forgetDiskUsers(host);
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
  const depends = ([leaf = "", ...parents]: readonly string[]) =>
    parents.some((file) => own.has(file)) || (own.has(leaf) && folder !== "" && leaf.startsWith(folder));
  const others = (await diskUsers(host)).filter(({ moid }) => moid !== vm.moid);
  return others.filter(({ chains }) => chains.some(depends)).map(({ name }) => name);
}

/** A linked clone's chain ends in its parent's folder; those files are the parent's, and its siblings have them too. */
function ownFiles(chain: readonly string[]): string[] {
  const folder = folderText(chain[0] ?? "");
  return chain.filter((file) => folderText(file) === folder);
}

function diskUsers(host: EsxiHost): Promise<readonly DiskUser[]> {
  const before = known.get(host);
  if (before && Date.now() - before.takenAt < SERVES_MS) return before.users;
  const users = readDiskUsers(host);
  known.set(host, { users, takenAt: Date.now() });
  users.catch(() => forgetDiskUsers(host));
  return users;
}

async function readDiskUsers(host: EsxiHost): Promise<DiskUser[]> {
  const vms = await retrieveAll(host.client, "VirtualMachine", ["name", "config.hardware.device"]);
  return vms.map(({ ref, properties }) => ({
    moid: ref.value,
    name: decodeVmName(properties.name ?? ""),
    chains: disksAmong(properties["config.hardware.device"] ?? []).map(chainOf),
  }));
}
