import type { ManagedObjectReference, ObjectUpdate } from "../../../schema/index.ts";

/** A caller that waits for an object to change. */
export interface Watcher {
  /** Gets the values so far, whenever some have changed. */
  onValues(values: Readonly<Record<string, unknown>>): void;
  /** The host no longer has the object. */
  onGone(): void;
  /** The loop cannot go on. */
  onError(error: unknown): void;
}

interface Member {
  readonly ref: ManagedObjectReference;
  readonly watchers: Set<Watcher>;
  values: Readonly<Record<string, unknown>> | undefined;
  /** True if the object is in the host's list view. */
  listed: boolean;
  /**
   * True once the host's filter has reported it, and so will report its removal. Also true once it need not be read.
   */
  entered: boolean;
}

/** Objects to add to the host's list view, and objects to remove from it. */
export interface ListChanges {
  readonly add: readonly ManagedObjectReference[];
  readonly remove: readonly ManagedObjectReference[];
}

/**
 * All objects that are watched for the same properties. They have one list view and one filter on the host, however
 * many they are.
 */
export class WatchGroup {
  readonly type: string;
  readonly paths: readonly string[];
  /** The host's list view and filter. Undefined until they are made in the present session. */
  view: ManagedObjectReference | undefined;
  filter: ManagedObjectReference | undefined;
  readonly #members = new Map<string, Member>();
  /** Objects to read before a wait: new ones, and those that may be gone. */
  readonly #toRead = new Set<string>();
  /** The number of unwatched objects from which the view is cleaned even if there is nothing to add. */
  readonly #untidy: number;

  constructor(type: string, paths: readonly string[], untidy: number) {
    this.type = type;
    this.paths = paths;
    this.#untidy = untidy;
  }

  /** The objects that somebody watches. */
  get watched(): readonly ManagedObjectReference[] {
    return [...this.#members.values()]
      .filter((member) => member.watchers.size > 0)
      .map((member) => member.ref);
  }

  /** Objects that must be read now. Many have finished already, and need no wait. */
  get unread(): readonly ManagedObjectReference[] {
    return this.watched.filter((ref) => this.#toRead.has(ref.value));
  }

  /**
   * Objects in the view that the host has not reported so far. One that was removed before that will never be reported.
   */
  get silent(): readonly ManagedObjectReference[] {
    return [...this.#members.values()]
      .filter((member) => member.watchers.size > 0 && member.listed && !member.entered)
      .map((member) => member.ref);
  }

  add(ref: ManagedObjectReference, watcher: Watcher): void {
    const member = this.#members.get(ref.value) ?? {
      ref,
      watchers: new Set(),
      values: undefined,
      listed: false,
      entered: false,
    };
    this.#members.set(ref.value, member);
    // Values from before the last watcher left may be outdated.
    if (member.watchers.size === 0) member.values = undefined;
    member.watchers.add(watcher);
    if (member.values) watcher.onValues(member.values);
    else this.#toRead.add(ref.value);
  }

  delete(ref: ManagedObjectReference, watcher: Watcher): void {
    const member = this.#members.get(ref.value);
    member?.watchers.delete(watcher);
    if (member && member.watchers.size === 0 && !member.listed) this.#members.delete(ref.value);
  }

  changes(): ListChanges {
    const members = [...this.#members.values()];
    const add = members.filter((member) => member.watchers.size > 0 && !member.listed);
    const unwatched = members.filter((member) => member.watchers.size === 0 && member.listed);
    const remove = add.length > 0 || unwatched.length >= this.#untidy ? unwatched : [];
    return { add: add.map((member) => member.ref), remove: remove.map((member) => member.ref) };
  }

  /** The host's view was updated. `unresolved` are the objects that the host could not find. */
  listed({ add, remove }: ListChanges, unresolved: readonly ManagedObjectReference[]): void {
    for (const ref of add) {
      const member = this.#members.get(ref.value);
      if (member) member.listed = true;
    }
    for (const ref of remove) {
      const member = this.#members.get(ref.value);
      if (member) unlist(member);
      if (member?.watchers.size === 0) this.#members.delete(ref.value);
    }
    for (const ref of unresolved) this.doubt(ref);
  }

  /** The object may be gone, so it is read next time. */
  doubt(ref: ManagedObjectReference): void {
    if (this.#members.has(ref.value)) this.#toRead.add(ref.value);
  }

  /** The host should have reported it by now, so it is read next time, once. */
  doubtSilent(ref: ManagedObjectReference): void {
    const member = this.#members.get(ref.value);
    if (!member?.listed || member.entered) return;
    member.entered = true;
    this.#toRead.add(ref.value);
  }

  /** The result of a read of the given objects. Objects without values are gone. */
  read(
    asked: readonly ManagedObjectReference[],
    found: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  ): void {
    for (const { value: key } of asked) {
      this.#toRead.delete(key);
      const values = found.get(key);
      if (values) this.#set(key, values);
      else for (const watcher of [...(this.#members.get(key)?.watchers ?? [])]) watcher.onGone();
    }
  }

  /** The report of the host's filter. */
  apply({ kind, obj, changeSet }: ObjectUpdate): void {
    const member = this.#members.get(obj.value);
    if (!member) return;
    member.entered = true;
    // It may be deleted, or it may only have left the view for a moment. A read tells.
    if (kind === "leave") {
      this.doubt(obj);
      return;
    }
    const values: Record<string, unknown> = kind === "enter" ? {} : { ...member.values };
    for (const { name, op, val } of changeSet ?? []) {
      if (op === "remove" || op === "indirectRemove" || val === undefined) delete values[name];
      else values[name] = val;
    }
    this.#set(obj.value, values);
  }

  /** View and filter ended with their session. */
  reset(): void {
    this.view = undefined;
    this.filter = undefined;
    for (const [key, member] of this.#members) {
      unlist(member);
      if (member.watchers.size === 0) this.#members.delete(key);
    }
  }

  fail(error: unknown): void {
    for (const member of this.#members.values()) {
      for (const watcher of [...member.watchers]) watcher.onError(error);
    }
  }

  #set(key: string, values: Readonly<Record<string, unknown>>): void {
    const member = this.#members.get(key);
    if (!member) return;
    member.values = values;
    for (const watcher of [...member.watchers]) watcher.onValues(values);
  }
}

function unlist(member: Member): void {
  member.listed = false;
  member.entered = false;
}
