import type { ManagedObjectReference } from "../../schema/index.ts";
import { isFault } from "../vim/faults.ts";
import { retrieveOne } from "../vim/property-collector.ts";
import type { CloneOptions } from "./clone-request.ts";
import { type CloneSource, readCloneSource } from "./clone-source.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";

/** Name of the snapshots that this package makes: what an interrupted run has left is known by it. */
const SNAPSHOT = "pulumi-esxi-direct: copying the disks";

interface Frozen {
  /** The source, its disks those that nobody writes to now. */
  readonly source: CloneSource;
  /** Must be called when the copies are made. Never throws. */
  release(): Promise<void>;
}

interface Shared {
  users: number;
  readonly made: Promise<{ readonly source: CloneSource; readonly snapshot: ManagedObjectReference }>;
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
): Promise<Frozen> {
  if (source.powerState === "poweredOff") return { source, release: async () => {} };
  const ofHost = shared.get(host) ?? new Map<string, Shared>();
  shared.set(host, ofHost);
  const moid = source.ref.value;
  const entry = ofHost.get(moid) ?? { users: 0, made: takeSnapshot(host, source, options) };
  ofHost.set(moid, entry);
  entry.users++;
  const release = async () => {
    entry.users--;
    if (entry.users > 0) return;
    ofHost.delete(moid);
    try {
      await removeSnapshot(host, (await entry.made).snapshot);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      options.onWarning(
        `The snapshot "${SNAPSHOT}" of "${source.name}" could not be removed; remove it by hand. ${why}`,
      );
    }
  };
  try {
    return { source: (await entry.made).source, release };
  } catch (error) {
    entry.users--;
    ofHost.delete(moid);
    throw error;
  }
}

async function takeSnapshot(host: EsxiHost, source: CloneSource, { signal, onStatus }: CloneOptions) {
  onStatus(`taking a snapshot of "${source.name}"`);
  const frozenFiles = source.disks.map(({ backing }) => backing);
  const snapshot = await host.task<ManagedObjectReference>(
    () =>
      host.client.call(source.ref, "CreateSnapshot_Task", { name: SNAPSHOT, memory: false, quiesce: false }),
    { signal },
  );
  if (!snapshot)
    throw new HostError(`${host.name} took a snapshot of "${source.name}", but does not say which.`);
  const now = await readCloneSource(host, source.ref);
  // What was written to before the snapshot is what stands still now.
  const disks = source.disks.map((disk, index) => ({ ...disk, backing: frozenFiles[index] ?? disk.backing }));
  return { source: { ...source, nvram: now.nvram, disks }, snapshot };
}

async function removeSnapshot(host: EsxiHost, snapshot: ManagedObjectReference): Promise<void> {
  const params = { removeChildren: false, consolidate: true };
  const signal = AbortSignal.timeout(600_000);
  await host.task(() => host.client.call(snapshot, "RemoveSnapshot_Task", params), { signal });
}

/** Removes what an interrupted run has left on a source, as far as nobody copies from it now. */
export async function removeLeftSnapshots(host: EsxiHost, source: CloneSource): Promise<void> {
  if (shared.get(host)?.has(source.ref.value)) return;
  const { snapshot } = await retrieveOne(host.client, source.ref, "VirtualMachine", ["snapshot"]);
  const left = (snapshot?.rootSnapshotList ?? []).filter(({ name }) => name === SNAPSHOT);
  for (const { snapshot: ref } of left) {
    try {
      await removeSnapshot(host, ref);
    } catch (error) {
      if (!isFault(error, "ManagedObjectNotFound")) throw error;
    }
  }
}
