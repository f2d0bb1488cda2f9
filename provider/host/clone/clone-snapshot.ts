import type { ManagedObjectReference, VirtualDisk } from "../../../schema/index.ts";
import { pauseFor } from "../../pause.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWithChildren } from "../file-use/refuse-loss.ts";
import { clearAway, surely, untilStopped } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { isRefused } from "../lost-answer.ts";
import { othersEnded } from "../others-tasks.ts";
import { perHost } from "../per-host.ts";
import { backingsOf } from "../vm/reading/disk-chain.ts";
import { idleSeconds, ownSession, SIGN_OF_LIFE_SECONDS } from "../vm/unfinished/session-owner.ts";
import { removeSnapshot, takeSnapshot } from "../vm/vm-snapshots.ts";
import type { CloneOptions } from "./clone-request.ts";
import { type CloneSource, flat, readCloneSource } from "./clone-source.ts";

/** The names of the snapshots that this package takes begin so. Behind it stands the session that took the snapshot. */
const PREFIX = "pulumi-esxi-direct copies the disks, session ";

const REMOVAL_MS = 600_000;
const BETWEEN_LOOKS_MS = 1000;

interface Frozen {
  /** The source, with the disks to which nobody writes now. */
  readonly source: CloneSource;
  /** Must be called when the copies are made. Never throws. */
  release(): Promise<void>;
}

/** How snapshots are taken. */
export interface SnapshotWay {
  take(source: CloneSource, name: string, signal: AbortSignal): Promise<TakenSnapshot>;
  list(source: CloneSource, signal: AbortSignal): Promise<readonly TakenSnapshot[]>;
}

interface TakenSnapshot {
  readonly name: string;
  remove(limit: AbortSignal): Promise<void>;
}

interface Shared {
  users: number;
  readonly made: Promise<{ readonly source: CloneSource; readonly snapshot: TakenSnapshot }>;
}

/** The snapshots of one source that this process takes and removes. */
interface OfSource {
  /** The snapshot from which copies are made now. */
  shared: Shared | undefined;
  /** Ends when the snapshot before is removed. */
  removal: Promise<void>;
}

const sources = perHost((_host: EsxiHost) => new Map<string, OfSource>());

function ofSource(host: EsxiHost, { ref }: Pick<CloneSource, "ref">): OfSource {
  const ofHost = sources(host);
  const known = ofHost.get(ref.value) ?? { shared: undefined, removal: Promise.resolve() };
  ofHost.set(ref.value, known);
  return known;
}

/**
 * Keeps the source's disks from changing. Those of a source that is off do not change. For a source that runs, a
 * snapshot is taken. All copies that are made meanwhile share it, and it is removed after the last of them.
 */
export async function freezeSource(
  host: EsxiHost,
  source: CloneSource,
  options: CloneOptions,
  way: SnapshotWay,
): Promise<Frozen> {
  const known = ofSource(host, source);
  const isOff = source.powerState === "poweredOff";
  if (isOff && known.shared === undefined) return { source, release: async () => {} };
  const joins = known.shared !== undefined;
  // Until that removal has ended, the host merges disks.
  known.shared ??= { users: 0, made: known.removal.then(() => freeze(host, source, options, way)) };
  const { shared } = known;
  shared.users++;
  const release = async () => {
    shared.users--;
    if (shared.users > 0) return;
    known.shared = undefined;
    known.removal = shared.made.then(({ snapshot }) => removeAfterUse(host, source, snapshot, options, way));
    await known.removal;
  };
  try {
    const { source: frozen } = await shared.made;
    // A source that has been powered off since can be copied as it is. Its snapshot stays until the release.
    return { source: isOff ? source : frozen, release };
  } catch (error) {
    if (known.shared === shared) known.shared = undefined;
    if (!joins) throw error;
    options.signal.throwIfAborted();
    // The copy that was to take it has failed, perhaps because it was told to stop. The next one takes its own.
    return freezeSource(host, source, options, way);
  }
}

/** Never throws. */
async function removeAfterUse(
  host: EsxiHost,
  source: CloneSource,
  snapshot: TakenSnapshot,
  options: CloneOptions,
  way: SnapshotWay,
): Promise<void> {
  try {
    await removeSurely(host, source, snapshot, way);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    options.onWarning(
      `The snapshot "${PREFIX}…" of "${source.name}" could not be removed. Remove it by hand. Reason: ${why}`,
    );
  }
}

/**
 * Removes the snapshots that dead runs have left on a source.
 * @returns The source, read again if there were any.
 */
export async function withoutLeftSnapshots(
  host: EsxiHost,
  source: CloneSource,
  way: SnapshotWay,
  { signal, onStatus }: CloneOptions,
): Promise<CloneSource> {
  if (source.powerState === "poweredOff" && source.snapshots.length === 0) return source;
  // A killed run may have begun to take or remove a snapshot. The disks change until that has ended, perhaps since they
  // were read.
  await othersEnded(host, /(create|remove)Snapshot/i, signal);
  await untilStopped(ofSource(host, source).removal, signal);
  const now = await readCloneSource(host, source.ref);
  if (!now.snapshots.some((name) => name.startsWith(PREFIX))) return now;
  for (const left of await way.list(source, signal)) {
    if (!left.name.startsWith(PREFIX)) continue;
    const session = left.name.slice(PREFIX.length);
    const idle = session === (await ownSession(host)) ? 0 : await idleSeconds(host, session);
    if (idle !== undefined && idle < SIGN_OF_LIFE_SECONDS) continue;
    // The removal writes into the disks below, and somebody may have built on these in the meantime.
    const vm = await host.vms.byReference(source.ref);
    if (vm) await refuseWithChildren(host, vm, "remove the snapshot that an interrupted run left on it");
    onStatus(`removing the snapshot that an interrupted run left on "${source.name}"`);
    await left.remove(signal);
  }
  return readCloneSource(host, source.ref);
}

async function freeze(
  host: EsxiHost,
  source: CloneSource,
  { signal, onStatus }: CloneOptions,
  way: SnapshotWay,
) {
  onStatus(`taking a snapshot of "${source.name}"`);
  const name = `${PREFIX}${await ownSession(host)}`;
  try {
    const snapshot = await way.take(source, name, signal).catch(async (error: unknown) => {
      const taken =
        isRefused(error) || signal.aborted ? undefined : await ownAmong(host, source, name, way, signal);
      if (taken === undefined) throw error;
      return taken;
    });
    return { source: atSnapshot(host, await readCloneSource(host, source.ref)), snapshot };
  } catch (error) {
    // The snapshot may be there although no answer said so. The first error is the one to report.
    await clearAway(signal, (limit) => removeOwn(host, source, name, way, limit)).catch(() => {});
    throw error;
  }
}

/** The snapshot of that name, if it was taken although no answer said so. */
function ownAmong(
  host: EsxiHost,
  source: CloneSource,
  name: string,
  way: SnapshotWay,
  signal: AbortSignal,
): Promise<TakenSnapshot | undefined> {
  return surely(signal, async () => {
    await othersEnded(host, /createSnapshot/i, signal);
    return (await way.list(source, signal)).findLast((taken) => taken.name === name);
  }).catch(() => undefined);
}

/** The source with the disks that do not change: those below the disks to which it has written since the snapshot. */
function atSnapshot(host: EsxiHost, now: CloneSource): CloneSource {
  const disks = now.disks.map((disk): VirtualDisk => {
    const [, parent] = backingsOf(disk);
    if (parent) return { ...disk, backing: parent };
    throw new HostError(
      `${host.name}: the disks of "${now.name}" were changed by others while it was to be copied. Nothing was created. ` +
        "Run `pulumi up` again.",
    );
  });
  return { ...now, disks };
}

async function removeOwn(
  host: EsxiHost,
  source: CloneSource,
  name: string,
  way: SnapshotWay,
  signal: AbortSignal,
): Promise<void> {
  await othersEnded(host, /createSnapshot/i, signal);
  for (const taken of await way.list(source, signal)) if (taken.name === name) await taken.remove(signal);
}

/** Removes a snapshot of ours, unless a machine builds on its disks. */
async function removeSurely(
  host: EsxiHost,
  source: CloneSource,
  snapshot: TakenSnapshot,
  way: SnapshotWay,
): Promise<void> {
  const limit = AbortSignal.timeout(REMOVAL_MS);
  let left: TakenSnapshot | undefined = snapshot;
  await surely(limit, async () => {
    const vm = await host.vms.byReference(source.ref);
    if (vm) await refuseWithChildren(host, vm, "remove the snapshot of which it was copied");
    while (await isCopiedFrom(host, source, snapshot, way, limit)) await pauseFor(BETWEEN_LOOKS_MS, limit);
    left ??= (await way.list(source, limit)).find(({ name }) => name === snapshot.name);
    try {
      await left?.remove(limit);
    } catch (error) {
      // The snapshot may be gone all the same.
      left = undefined;
      throw error;
    }
  });
}

/**
 * Whether another live run has taken a snapshot after that one, for copies of its own. A removal would merge the disks
 * from which those copies are made with the disks below.
 */
async function isCopiedFrom(
  host: EsxiHost,
  source: CloneSource,
  { name }: TakenSnapshot,
  way: SnapshotWay,
  signal: AbortSignal,
): Promise<boolean> {
  const names = (await way.list(source, signal)).map((taken) => taken.name);
  const later = names.slice(names.indexOf(name) + 1).filter((other) => other.startsWith(PREFIX));
  for (const other of later) {
    const idle = await idleSeconds(host, other.slice(PREFIX.length));
    if (other !== name && idle !== undefined && idle < SIGN_OF_LIFE_SECONDS) return true;
  }
  return false;
}

/** Snapshots by the host's API. */
export function apiSnapshots(host: EsxiHost): SnapshotWay {
  const taken = (name: string, ref: ManagedObjectReference): TakenSnapshot => ({
    name,
    remove: (limit) => removeSnapshot(host, ref, { signal: limit }),
  });
  return {
    take: async (source, name, signal) => {
      const wish = { name, memory: false, quiesce: false };
      return taken(name, await takeSnapshot(host, source, wish, { signal }));
    },
    list: async (source, signal) => {
      const { snapshot } = await retrieveOne(host.client, source.ref, "VirtualMachine", ["snapshot"], signal);
      return flat(snapshot?.rootSnapshotList).map(({ name, snapshot: ref }) => taken(name, ref));
    },
  };
}
