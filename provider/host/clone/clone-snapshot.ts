import type { ManagedObjectReference } from "../../../schema/index.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWithChildren } from "../file-use/refuse-loss.ts";
import { toClearAway } from "../grace.ts";
import { othersEnded } from "../others-tasks.ts";
import { idleSeconds, ownSession, SIGN_OF_LIFE_SECONDS } from "../vm/unfinished/session-owner.ts";
import { removeSnapshot, takeSnapshot } from "../vm/vm-snapshots.ts";
import type { CloneOptions } from "./clone-request.ts";
import { type CloneSource, flat, readCloneSource } from "./clone-source.ts";

/** Begins the names of the snapshots that this package takes; behind it stands which session took one. */
const PREFIX = "pulumi-esxi-direct copies the disks, session ";

const REMOVAL_MS = 600_000;
const REMOVAL_TRIES = 3;

interface Frozen {
  /** The source, its disks those that nobody writes to now. */
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

const shared = new WeakMap<EsxiHost, Map<string, Shared>>();

/**
 * Makes the source's disks stand still. One that is off does so anyway; of one that runs a snapshot is taken, which
 * all copies that are made meanwhile share, and which is removed after the last of them.
 */
export async function freezeSource(
  host: EsxiHost,
  source: CloneSource,
  options: CloneOptions,
  way: SnapshotWay,
): Promise<Frozen> {
  if (source.powerState === "poweredOff") return { source, release: async () => {} };
  const ofHost = shared.get(host) ?? new Map<string, Shared>();
  shared.set(host, ofHost);
  const moid = source.ref.value;
  const entry = ofHost.get(moid) ?? { users: 0, made: freeze(host, source, options, way) };
  ofHost.set(moid, entry);
  entry.users++;
  const release = async () => {
    entry.users--;
    if (entry.users > 0) return;
    ofHost.delete(moid);
    try {
      await removeSurely(source, (await entry.made).snapshot, way);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      options.onWarning(
        `The snapshot "${PREFIX}…" of "${source.name}" could not be removed; remove it by hand. ${why}`,
      );
    }
  };
  try {
    return { source: (await entry.made).source, release };
  } catch (error) {
    ofHost.delete(moid);
    throw error;
  }
}

/**
 * Removes the snapshots that dead runs have left on a source.
 * @returns The source, read anew if there were any.
 */
export async function withoutLeftSnapshots(
  host: EsxiHost,
  source: CloneSource,
  way: SnapshotWay,
  { signal, onStatus }: CloneOptions,
): Promise<CloneSource> {
  if (source.powerState === "poweredOff" && source.snapshots.length === 0) return source;
  // What a killed run has begun to take or to remove changes the disks until it has ended, perhaps since they were read.
  await othersEnded(host, /(create|remove)Snapshot/i, signal);
  const now = await readCloneSource(host, source.ref);
  if (!now.snapshots.some((name) => name.startsWith(PREFIX))) return now;
  for (const left of await way.list(source, signal)) {
    if (!left.name.startsWith(PREFIX)) continue;
    const session = left.name.slice(PREFIX.length);
    const idle = session === (await ownSession(host)) ? 0 : await idleSeconds(host, session);
    if (idle !== undefined && idle < SIGN_OF_LIFE_SECONDS) continue;
    // Its disks become those below them, on which somebody may have built in the meantime.
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
    const snapshot = await way.take(source, name, signal);
    const now = await readCloneSource(host, source.ref);
    // The files that were written to before the snapshot are those that stand still now: the disks as they were read.
    return { source: { ...source, nvram: now.nvram }, snapshot };
  } catch (error) {
    // It may have been taken although nobody said so. What went wrong first is what counts.
    await removeOwn(host, source, name, way, toClearAway(signal)).catch(() => {});
    throw error;
  }
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

/** Removes a snapshot of ours. What was not answered is tried again, because nobody would do it later. */
async function removeSurely(source: CloneSource, snapshot: TakenSnapshot, way: SnapshotWay): Promise<void> {
  const limit = AbortSignal.timeout(REMOVAL_MS);
  for (let left: TakenSnapshot | undefined = snapshot, tries = 1; left; tries++) {
    try {
      return await left.remove(limit);
    } catch (error) {
      if (tries === REMOVAL_TRIES) throw error;
      left = (await way.list(source, limit)).find(({ name }) => name === snapshot.name);
    }
  }
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
