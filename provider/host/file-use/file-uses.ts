import type { ManagedObjectReference, VirtualDevice } from "../../../schema/index.ts";
import { clock } from "../../clock.ts";
import { retrieveAll, retrieveMany } from "../../vim/reads/property-collector.ts";
import { flat } from "../clone/clone-source.ts";
import { type DatastorePath, isDatastorePath, parseDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import type { UnreadableVm } from "../vm/reading/unreadable-vm.ts";
import type { VmState } from "../vm/reading/vm-reader.ts";
import { isReadable, type SeenVm, type VmSnapshotRead } from "../vm/reading/vm-snapshot-read.ts";
import { diskOf, isBelow, spelled } from "./file-names.ts";
import { basesOfUnreadable } from "./unreadable-disks.ts";
import { type FileUse, type Layout, usesOfVm, type VmUses } from "./vm-uses.ts";

/** Which machines of a host need which files, as one look found them. */
export interface FileUses {
  /** The machines that need that file. */
  of(file: string): readonly FileUse[];
  /** The machines that need that file, or something in that folder or below it. */
  below(place: DatastorePath): readonly FileUse[];
  /** For each snapshot of a machine, the files of its disks: first the frozen disk, last the lowest base. */
  snapshotDisks(moid: string): readonly (readonly string[])[];
}

/** What was read of a machine. */
interface KnownVm {
  readonly vm: SeenVm;
  readonly layout: Layout | undefined;
  readonly uses: VmUses;
}

/** All machines, by moid. */
type Known = ReadonlyMap<string, KnownVm>;

/** What the last look has found. It began at `at` or later. */
interface Look {
  readonly overview: VmSnapshotRead;
  readonly at: number;
  readonly found: Promise<Known>;
}

const looks = new WeakMap<EsxiHost, Look>();

/**
 * Finds which machines need which files. All machines are read as often as the overview of them. A later look asks
 * which machines there are and which have changed, and reads only those.
 *
 * @param since The look must have begun then or later. Default: now.
 */
export async function fileUses(host: EsxiHost, since = clock.now()): Promise<FileUses> {
  const overview = host.vms.overview();
  const last = looks.get(host);
  if (last?.overview === overview && last.at >= since) return usesAmong(await last.found);
  const at = clock.now();
  const found = last?.overview === overview ? lookAgain(host, last.found) : lookAtAll(host, overview);
  // Another caller may have asked for the overview earlier, so it may be older.
  const look = { overview, at: last?.overview === overview ? at : Math.min(at, overview.startedAt), found };
  looks.set(host, look);
  found.catch(() => {
    if (looks.get(host) === look) looks.delete(host);
  });
  return look.at >= since ? usesAmong(await found) : fileUses(host, since);
}

async function lookAtAll(host: EsxiHost, overview: VmSnapshotRead): Promise<Known> {
  const [{ vms, unreadable }, layouts] = await Promise.all([overview.inventory(), readLayouts(host)]);
  const known = vms.map((vm) => knownVm(vm, layouts.get(vm.moid)));
  const dim = unreadable.map((vm) => knownUnreadable(host, vm, known));
  return new Map([...known, ...(await Promise.all(dim))].map((each) => [each.vm.moid, each]));
}

async function lookAgain(host: EsxiHost, before: Promise<Known>): Promise<Known> {
  const [states, known] = await Promise.all([host.vms.states(), before]);
  const now = new Map<string, KnownVm>();
  const changed: ManagedObjectReference[] = [];
  for (const [value, state] of states) {
    const same = asBefore(known.get(value), state);
    if (same) now.set(value, same);
    else changed.push({ type: "VirtualMachine", value });
  }
  const [vms, layouts] = await Promise.all([host.vms.these(changed), readLayouts(host, changed)]);
  const readable = [...vms.values()].filter(isReadable);
  for (const vm of readable) now.set(vm.moid, knownVm(vm, layouts.get(vm.moid)));
  for (const vm of vms.values())
    if (!isReadable(vm)) now.set(vm.moid, await knownUnreadable(host, vm, [...now.values()]));
  return now;
}

/**
 * The machine, if its configuration is the same. An unreadable machine has no version, and is read again when it has
 * one.
 */
function asBefore(known: KnownVm | undefined, state: VmState): KnownVm | undefined {
  if (known === undefined) return undefined;
  const { vm, layout } = known;
  const version = state["config.changeVersion"];
  if (!isReadable(vm)) return version === undefined ? known : undefined;
  if (version !== vm.changeVersion) return undefined;
  const powerState = state["runtime.powerState"] ?? vm.powerState;
  return powerState === vm.powerState ? known : knownVm({ ...vm, powerState }, layout);
}

const knownVm = (vm: SeenVm, layout: Layout | undefined): KnownVm => ({
  vm,
  layout,
  uses: usesOfVm(vm, layout),
});

/** @param others Machines that the host can read. */
async function knownUnreadable(
  host: EsxiHost,
  vm: UnreadableVm,
  others: readonly KnownVm[],
): Promise<KnownVm> {
  const isOthers = (file: string) => others.some(({ uses }) => uses.files.has(file));
  return {
    vm,
    layout: undefined,
    uses: usesOfVm(vm, undefined, await basesOfUnreadable(host, vm, isOthers)),
  };
}

function usesAmong(known: Known): FileUses {
  const vms = [...known.values()].map(({ uses }) => uses);
  const near = (place: DatastorePath, orHold: boolean) =>
    vms.flatMap(({ mayLieIn, use }) => (mayLieIn(place, orHold) ? [{ ...use, as: "own" as const }] : []));
  const builders = (place: DatastorePath, isFolder: boolean) =>
    vms.flatMap(({ buildsOn, use }) => {
      const unread = buildsOn(place, isFolder);
      return unread ? [{ ...use, as: "base" as const, unread }] : [];
    });
  return {
    of: (file) => {
      const names = new Set([spelled(file), spelled(diskOf(file))]);
      return [
        ...[...names].flatMap((name) => vms.flatMap(({ files }) => files.get(name) ?? [])),
        ...(isDatastorePath(file) ? near(parseDatastorePath(file), false) : []),
        ...[...names].flatMap((name) =>
          isDatastorePath(name) ? builders(parseDatastorePath(name), false) : [],
        ),
      ];
    },
    below: (place) => [
      ...vms.flatMap(({ files }) =>
        [...files].flatMap(([file, uses]) =>
          isDatastorePath(file) && isBelow(parseDatastorePath(file), place) ? uses : [],
        ),
      ),
      ...near(place, true),
      ...builders(place, true),
    ],
    snapshotDisks: (moid) => known.get(moid)?.uses.frozen ?? [],
  };
}

/** @param refs The machines to read. Default: all. */
async function readLayouts(
  { client }: EsxiHost,
  refs?: readonly ManagedObjectReference[],
): Promise<ReadonlyMap<string, Layout>> {
  const paths = ["layoutEx.file", "snapshot"] as const;
  const vms = await (refs
    ? retrieveMany(client, refs, "VirtualMachine", paths)
    : retrieveAll(client, "VirtualMachine", paths));
  const told = vms.map(({ ref: { value }, properties }) => ({
    value,
    files: (properties["layoutEx.file"] ?? []).map((file) => file.name),
    snapshots: flat(properties.snapshot?.rootSnapshotList).map((tree) => tree.snapshot),
  }));
  const devices = await devicesOf(
    client,
    told.flatMap((vm) => vm.snapshots),
  );
  return new Map(
    told.map((vm) => [
      vm.value,
      {
        files: vm.files,
        snapshotDevices: vm.snapshots.flatMap((snapshot) => devices.get(snapshot.value) ?? []),
      },
    ]),
  );
}

/** The devices of the machines at the time of those snapshots. */
async function devicesOf(
  client: EsxiHost["client"],
  snapshots: readonly ManagedObjectReference[],
): Promise<ReadonlyMap<string, readonly VirtualDevice[]>> {
  const path = "config.hardware.device";
  const found = await retrieveMany(client, snapshots, "VirtualMachineSnapshot", [path]);
  return new Map(found.map(({ ref, properties }) => [ref.value, properties[path] ?? []]));
}
