import {
  type DatastorePath,
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { diskOf, isBelow, spelled } from "./file-names.ts";
import { type FileUses, fileUses } from "./file-uses.ts";
import { unregisteredVms } from "./from-files/unregistered.ts";
import { takeGiven } from "./given-files.ts";
import type { FileUse } from "./vm-uses.ts";

/** Files that are to be deleted, grown, moved or overwritten. */
export interface FilesToChange {
  /** Datastore paths, as the host spells them. */
  readonly files?: readonly string[];
  /** A folder with all that is in it, or a file. */
  readonly place?: DatastorePath;
  /** The machine that has the files. Its own need for them does not count. */
  readonly owner?: Pick<ObservedVm, "moid" | "name">;
  /** What is to be done with them, as `delete it`. */
  readonly doing: string;
  /** Which uses count. Default: all. */
  readonly counts?: (use: FileUse, file: string) => boolean;
  /** The machines must have been looked at then or later. Default: now. */
  readonly since?: number | undefined;
}

/** To be called when {@link refuseWhileNeeded} will be called soon: what it needs is read meanwhile. */
export function expectUses(host: EsxiHost, since: number): void {
  // Errors are left to the caller of refuseWhileNeeded.
  fileUses(host, since).catch(() => {});
}

/**
 * The rule for every file that is to be deleted, grown, moved or overwritten: no machine but its owner may need it. It
 * does not matter who made that machine, or where the file lies. A machine needs a file as one of its devices, in a
 * snapshot, or as a disk that other disks build on.
 *
 * @throws HostError with the names of those machines.
 */
export async function refuseWhileNeeded(host: EsxiHost, change: FilesToChange): Promise<void> {
  if (change.files?.length === 0) return;
  const { place } = change;
  const files = new Set((change.files ?? []).flatMap((file) => [spelled(file), spelled(diskOf(file))]));
  const isMeant = (file: string) =>
    files.has(file) ||
    (place !== undefined && isDatastorePath(file) && isBelow(parseDatastorePath(file), place));
  const since = takeGiven(host, isMeant) ? undefined : change.since;
  if ((await needsOf(host, await fileUses(host, since), change)).length === 0) return;
  // The first look may be too old, because a destroy has just removed a machine.
  const needs = await needsOf(host, await fileUses(host), change, true);
  if (needs.length > 0) throw new HostError(refusal(host, change, needs));
}

interface Need extends FileUse {
  readonly file: string;
}

async function needsOf(host: EsxiHost, uses: FileUses, change: FilesToChange, anew = false): Promise<Need[]> {
  const { files = [], place, counts = () => true } = change;
  const places = files.filter(isDatastorePath).map((file) => parseDatastorePath(spelled(diskOf(file))));
  const datastores = [...new Set([...places, ...(place ? [place] : [])].map(({ datastore }) => datastore))];
  const isMeant = (file: DatastorePath) =>
    (place !== undefined && isBelow(file, place)) ||
    places.some(({ datastore, path }) => datastore === file.datastore && path === file.path);
  const strangers = (await unregisteredVms(host, uses.vmxPaths, anew)).flatMap(({ vmxPath, needs }) =>
    needs.flatMap(({ as, path, datastore: named }) => {
      // A file may be named by the number of its volume only.
      const on = (named === undefined ? datastores : [named]).map((datastore) => ({ datastore, path }));
      const use = { moid: "", name: vmxPath, as, isOff: true, unregistered: true } as const;
      return on.filter(isMeant).map((file): Need => ({ ...use, file: formatDatastorePath(file) }));
    }),
  );
  return [...usesOf(uses, change), ...strangers.filter((need) => counts(need, need.file))];
}

function usesOf(uses: FileUses, { files, place, owner, counts = () => true }: FilesToChange): Need[] {
  const found = [
    ...(files ?? []).flatMap((file) => uses.of(file).map((use) => ({ ...use, file }))),
    ...(place ? uses.below(place).map((use) => ({ ...use, file: formatDatastorePath(place) })) : []),
  ];
  return found.filter((need) => need.moid !== owner?.moid && counts(need, need.file));
}

function refusal(host: EsxiHost, { owner, doing }: FilesToChange, all: readonly Need[]): string {
  const strangers = all.filter(({ unregistered }) => unregistered);
  const needs = all.filter(({ unregistered }) => !unregistered);
  const builders = needs.filter(({ as, unread }) => as === "base" && unread !== "unseen");
  const unseen = needs.filter((need) => need.unread === "unseen" && !isAmong(builders, need));
  const dim = needs.some(({ unread }) => unread !== undefined);
  const others = needs.filter((need) => !isAmong([...builders, ...unseen], need));
  const users = others.filter(({ as }) => as !== "snapshot");
  const snapshots = others.filter((need) => !isAmong(users, need));
  const files = (of: readonly Need[]) => [...new Set(of.map(({ file }) => file))].join(", ");
  const whose = owner === undefined ? files([...builders, ...unseen]) : `those of "${owner.name}"`;
  const reasons = [
    strangers.length > 0 &&
      `machines that are not in its inventory need ${files(strangers)}: ${namesOf(strangers).join(", ")}`,
    builders.length > 0 && `the disks of ${quoted(namesOf(builders))} build on ${whose} (linked clones)`,
    unseen.length > 0 && `the host cannot read ${quoted(namesOf(unseen))}, whose disks may build on ${whose}`,
    users.length > 0 && `${quoted(namesOf(users))} ${verb(users, "use")} ${files(users)}`,
    snapshots.length > 0 &&
      `${quoted(namesOf(snapshots))} ${verb(snapshots, "need")} ${files(snapshots)} for snapshots`,
  ].filter((reason) => reason !== false);
  const remedies = [
    strangers.length > 0 &&
      "Register those machines, or remove their files if nobody needs them. Another host that shares the datastore may have them.",
    builders.length > 0 && "Delete those first, or make them full clones.",
    dim &&
      "Let the host read the unreadable machines again, or unregister those that are lost for good and remove their files.",
    users.length > 0 && "Take it out of the machine's devices first, or delete the machine.",
    snapshots.length > 0 && "Remove those snapshots first.",
  ].filter((remedy) => remedy !== false);
  const harm = [...builders, ...strangers].some(({ as }) => as === "base") ? ": that would destroy them" : "";
  return (
    `${host.name}: ${reasons.join(", and ")}, so it is not possible to ${doing}${harm}. Nothing was changed. ` +
    remedies.join(" ")
  );
}

const isAmong = (needs: readonly Need[], { moid }: Need) => needs.some((need) => need.moid === moid);
const namesOf = (needs: readonly Need[]) => [...new Set(needs.map(({ name }) => name))];
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
const verb = (needs: readonly Need[], word: string) => (namesOf(needs).length === 1 ? `${word}s` : word);
