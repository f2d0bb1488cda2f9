import type { ManagedObjectReference, VirtualDevice } from "../../../schema/index.ts";
import { ageClock } from "../../clock.ts";
import { retrieveAll, retrieveMany } from "../../vim/reads/property-collector.ts";
import { flat } from "../clone/clone-source.ts";
import { type DatastorePath, isDatastorePath, parseDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import type { HostVms } from "../vm/reading/vm-of-state.ts";
import type { VmState } from "../vm/reading/vm-reader.ts";
import { isReadable, type SeenVm, sorted, type VmSnapshotRead } from "../vm/reading/vm-snapshot-read.ts";
import { diskOf, isBelow, onUnnamed, spelled } from "./file-names.ts";
import { basesOfUnreadable, type Others } from "./from-files/unreadable-disks.ts";
import { type FileUse, homeOf, type Layout, usesOfVm, type VmUses } from "./vm-uses.ts";

/** Which machines of a host need which files, as one look found them. */
export interface FileUses {
  /** The machines that need that file. */
  of(file: string): readonly FileUse[];
  /** The machines that need that file, or something in that folder or below it. */
  below(place: DatastorePath): readonly FileUse[];
  /** The .vmx files of all machines of the host, readable or not, in the spelling of {@link spelled}. */
  readonly vmxPaths: ReadonlySet<string>;
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
export async function fileUses(host: EsxiHost, since = ageClock.now()): Promise<FileUses> {
  const overview = host.vms.overview();
  const last = looks.get(host);
  // Another caller may have asked for the overview earlier, so it may be older than what is asked for.
  const first =
    last?.overview === overview ? last : keep(host, overview, overview.startedAt, lookAtAll(host, overview));
  const look = first.at >= since ? first : keep(host, overview, ageClock.now(), lookAgain(host, first.found));
  return usesAmong(await look.found);
}

function keep(host: EsxiHost, overview: VmSnapshotRead, at: number, found: Promise<Known>): Look {
  const look = { overview, at, found };
  looks.set(host, look);
  // After a failure the next look is at all machines again.
  found.catch(() => looks.delete(host));
  return look;
}

async function lookAtAll(host: EsxiHost, overview: VmSnapshotRead): Promise<Known> {
  const [seen, layouts] = await Promise.all([overview.inventory(), readLayouts(host)]);
  return lookAt(host, seen, layouts, []);
}

async function lookAgain(host: EsxiHost, before: Promise<Known>): Promise<Known> {
  const [states, known] = await Promise.all([host.vms.states(), before]);
  const same: KnownVm[] = [];
  const changed: ManagedObjectReference[] = [];
  for (const [value, state] of states) {
    const one = asBefore(known.get(value), state);
    if (one) same.push(one);
    else changed.push({ type: "VirtualMachine", value });
  }
  const [seen, layouts] = await Promise.all([host.vms.these(changed), readLayouts(host, changed)]);
  return lookAt(host, sorted([...seen.values()]), layouts, same);
}

/**
 * A machine as an earlier look has found it, if its configuration is the same. An unreadable machine has no version, and
 * is read again when it has one. A readable one is read again unless its version says that it is the same.
 */
function asBefore(known: KnownVm | undefined, state: VmState): KnownVm | undefined {
  if (known === undefined) return undefined;
  const { vm, layout } = known;
  const version = state["config.changeVersion"];
  if (!isReadable(vm)) return version === undefined ? known : undefined;
  const powerState = state["runtime.powerState"];
  if (version === undefined || version !== vm.changeVersion || powerState === undefined) return undefined;
  return powerState === vm.powerState ? known : knownVm({ ...vm, powerState }, layout);
}

const knownVm = (vm: SeenVm, layout: Layout | undefined): KnownVm => ({
  vm,
  layout,
  uses: usesOfVm(vm, layout),
});

/** @param same Machines that are as an earlier look has found them. */
async function lookAt(
  host: EsxiHost,
  { vms, unreadable }: HostVms,
  layouts: ReadonlyMap<string, Layout>,
  same: readonly KnownVm[],
): Promise<Known> {
  const known = [...same, ...vms.map((vm) => knownVm(vm, layouts.get(vm.moid)))];
  const others: Others = {
    has: (file) => known.some(({ uses }) => uses.files.has(file)),
    livesIn: ({ datastore, path }) =>
      known.some(({ vm }) => {
        const home = isReadable(vm) ? homeOf(spelled(vm.vmxPath)) : undefined;
        return home?.datastore === datastore && home.path === path;
      }),
  };
  const dim = unreadable.map(async (vm) => {
    const bases = await basesOfUnreadable(host, vm, others);
    return { vm, layout: undefined, uses: usesOfVm(vm, undefined, bases) };
  });
  return new Map([...known, ...(await Promise.all(dim))].map((one) => [one.vm.moid, one]));
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
      const spellings = new Set([...names].flatMap((name) => [name, withoutDatastore(name)]));
      return [
        ...[...spellings].flatMap((name) => vms.flatMap(({ files }) => files.get(name) ?? [])),
        ...(isDatastorePath(file) ? near(parseDatastorePath(file), false) : []),
        ...[...names].flatMap((name) =>
          isDatastorePath(name) ? builders(parseDatastorePath(name), false) : [],
        ),
      ];
    },
    below: (place) => [
      ...vms.flatMap(({ files }) =>
        [...files].flatMap(([file, uses]) => (liesBelow(file, place) ? uses : [])),
      ),
      ...near(place, true),
      ...builders(place, true),
    ],
    vmxPaths: new Set([...known.values()].map(({ vm: { vmxPath = "" } }) => spelled(vmxPath))),
    snapshotDisks: (moid) => known.get(moid)?.uses.frozen ?? [],
  };
}

/** @param file As {@link spelled} spells it. */
function liesBelow(file: string, place: DatastorePath): boolean {
  if (isDatastorePath(file)) return isBelow(parseDatastorePath(file), place);
  const prefix = onUnnamed("");
  return file.startsWith(prefix) && isBelow({ ...place, path: file.slice(prefix.length) }, place);
}

const withoutDatastore = (name: string): string =>
  isDatastorePath(name) ? onUnnamed(parseDatastorePath(name).path) : name;

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
    files: properties["layoutEx.file"]?.map((file) => file.name),
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
): Promise<ReadonlyMap<string, readonly VirtualDevice[] | undefined>> {
  const path = "config.hardware.device";
  const found = await retrieveMany(client, snapshots, "VirtualMachineSnapshot", [path]);
  return new Map(found.map(({ ref, properties }) => [ref.value, properties[path]]));
}
