import type { ManagedObjectReference } from "../../../schema/index.ts";
import { create, isSameObject } from "../codec/objects.ts";
import { goneObject, isFault, VimFault } from "../faults.ts";
import { propertySpec, retrieveExisting } from "../reads/property-collector.ts";
import { listViewSpec } from "../reads/traversal.ts";
import type { VimCaller } from "../soap/caller.ts";
import type { WatchGroup } from "./watch-group.ts";

const CANCEL_TIMEOUT_MS = 2_000;

/** The host's side of a wait loop: our own property collector, with a list view and a filter for each group. */
export class UpdateCollector {
  readonly #caller: VimCaller;
  #collector: ManagedObjectReference | undefined;
  #session = -1;
  #version = "";

  constructor(caller: VimCaller) {
    this.#caller = caller;
  }

  /** Forgets the objects on the host. All are made again when they are needed next. */
  reset(groups: Iterable<WatchGroup>): void {
    this.#collector = undefined;
    this.#version = "";
    for (const group of groups) group.reset();
  }

  /** Makes the host watch the objects of the groups, and reads objects that cannot be watched. */
  async sync(groups: readonly WatchGroup[], signal: AbortSignal): Promise<void> {
    if (this.#collector && this.#session !== this.#caller.sessionNumber) this.reset(groups);
    for (const group of groups) {
      try {
        await this.#syncGroup(group, signal);
      } catch (error) {
        // The objects of one group do not exist on this host. The other groups go on.
        if (!isFault(error, "InvalidProperty")) throw error;
        group.fail(error);
      }
    }
  }

  async #syncGroup(group: WatchGroup, signal: AbortSignal): Promise<void> {
    await this.read(group, group.unread, signal);
    const changes = group.changes();
    if (changes.add.length === 0 && changes.remove.length === 0) return;
    group.listed(changes, await this.#list(group, changes.add, changes.remove, signal));
    await this.read(group, group.unread, signal);
  }

  /** Reads the objects now, instead of waiting for a change. */
  async read(group: WatchGroup, refs: readonly ManagedObjectReference[], signal: AbortSignal): Promise<void> {
    if (refs.length === 0) return;
    const properties = propertySpec(group.type, group.paths);
    const found = new Map<string, Readonly<Record<string, unknown>>>();
    for (const { obj, propSet } of await retrieveExisting(this.#caller, refs, properties, signal)) {
      found.set(obj.value, Object.fromEntries((propSet ?? []).map(({ name, val }) => [name, val])));
    }
    group.read(refs, found);
  }

  /**
   * Waits for changes and passes them to the groups. False if there were none in that time.
   * @param groups All groups when the answer arrives, because more may begin to watch meanwhile.
   */
  async poll(
    groups: ReadonlyMap<string, WatchGroup>,
    maxWaitSeconds: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!this.#collector) return true;
    const options = create("WaitOptions", { maxWaitSeconds });
    const set = await this.#caller.call(
      this.#collector,
      "WaitForUpdatesEx",
      { version: this.#version, options },
      { longPoll: true, timeoutMs: (maxWaitSeconds + 30) * 1_000, signal },
    );
    if (!set) return false;
    this.#version = set.version;
    for (const update of set.filterSet ?? []) {
      const all = [...groups.values()];
      const group = all.find(({ filter }) => filter !== undefined && isSameObject(filter, update.filter));
      if (group === undefined) {
        // The news of a filter arrived before the answer that names the filter, and will not come again.
        for (const young of all.filter(({ filter }) => filter === undefined)) {
          for (const ref of young.watched) young.doubt(ref);
        }
      }
      for (const object of update.objectSet ?? []) group?.apply(object);
      for (const { obj } of update.missingSet ?? []) group?.doubt(obj);
    }
    return true;
  }

  /** Makes a running poll return. */
  async cancel(): Promise<void> {
    if (!this.#collector) return;
    await this.#caller.call(
      this.#collector,
      "CancelWaitForUpdates",
      {},
      { retry: false, timeoutMs: CANCEL_TIMEOUT_MS },
    );
  }

  /** True if the fault means that our objects on the host are gone. */
  isStale(error: unknown, groups: readonly WatchGroup[]): boolean {
    if (!(error instanceof VimFault)) return false;
    if (error.is("InvalidCollectorVersion") || this.#session !== this.#caller.sessionNumber) return true;
    const gone = goneObject(error);
    if (!gone) return false;
    const ours = [this.#collector, ...groups.flatMap(({ view, filter }) => [view, filter])];
    return ours.some((ref) => ref !== undefined && isSameObject(ref, gone));
  }

  /** Updates the group's list view. Returns the objects that the host could not find. */
  async #list(
    group: WatchGroup,
    add: readonly ManagedObjectReference[],
    remove: readonly ManagedObjectReference[],
    signal: AbortSignal,
  ): Promise<readonly ManagedObjectReference[]> {
    if (group.view) {
      await this.#ensureCollector(signal);
      return this.#modify(group.view, add, remove, signal);
    }
    const [collector, { view, unresolved }] = await Promise.all([
      this.#ensureCollector(signal),
      this.#makeView(add, signal),
    ]);
    const propSet = [propertySpec(group.type, group.paths)];
    const spec = { propSet, objectSet: [listViewSpec(view)], reportMissingObjectsInResults: true };
    group.filter = await this.#caller.call(
      collector,
      "CreateFilter",
      { spec, partialUpdates: false },
      { signal },
    );
    group.view = view;
    return unresolved;
  }

  /** A list view of those objects, and the objects that the host could not find. */
  async #makeView(
    refs: readonly ManagedObjectReference[],
    signal: AbortSignal,
  ): Promise<{ view: ManagedObjectReference; unresolved: readonly ManagedObjectReference[] }> {
    const { viewManager } = await this.#caller.serviceContent(signal);
    if (!viewManager) throw new Error(`${this.#caller.host}: the host has no view manager`);
    try {
      const view = await this.#caller.call(viewManager, "CreateListView", { obj: refs }, { signal });
      return { view, unresolved: [] };
    } catch (error) {
      if (!goneObject(error)) throw error;
      // One of them is gone already. An empty view accepts the others later.
      const view = await this.#caller.call(viewManager, "CreateListView", {}, { signal });
      return { view, unresolved: await this.#modify(view, refs, [], signal) };
    }
  }

  async #modify(
    view: ManagedObjectReference,
    add: readonly ManagedObjectReference[],
    remove: readonly ManagedObjectReference[],
    signal: AbortSignal,
  ): Promise<readonly ManagedObjectReference[]> {
    const unresolved = (await this.#caller.call(view, "ModifyListView", { add, remove }, { signal })) ?? [];
    if (unresolved.length > 0) {
      await this.#caller.call(view, "ModifyListView", { remove: unresolved }, { signal });
    }
    return unresolved;
  }

  async #ensureCollector(signal: AbortSignal): Promise<ManagedObjectReference> {
    if (this.#collector) return this.#collector;
    const { propertyCollector } = await this.#caller.serviceContent(signal);
    const collector = await this.#caller.call(propertyCollector, "CreatePropertyCollector", {}, { signal });
    this.#collector = collector;
    this.#session = this.#caller.sessionNumber;
    this.#version = "";
    return collector;
  }
}
