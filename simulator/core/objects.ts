/** The managed objects of a host: found by id, read by property, with notifications of changes. */
import type { ManagedObjectReference } from "../../schema/index.ts";

/** The reader of a property. Some properties are different for each session. */
export interface Reader {
  /** Key of the session. Undefined before login. */
  readonly session: string | undefined;
}

/** How each property of a managed object is read. A property without a reader is unset. */
export type PropertyReaders = Readonly<Record<string, (reader: Reader) => unknown>>;

export interface ManagedObject {
  readonly ref: ManagedObjectReference;
  readonly readers: PropertyReaders;
  /** Key of the only session that sees it: for property collectors, filters, views. */
  readonly session?: string | undefined;
}

/** Gets the properties that may have a new value. Undefined means that the object is gone. */
export type ChangeListener = (ref: ManagedObjectReference, properties: readonly string[] | undefined) => void;

export class ObjectRegistry {
  readonly #objects = new Map<string, ManagedObject>();
  readonly #listeners = new Set<ChangeListener>();

  add(object: ManagedObject): void {
    this.#objects.set(object.ref.value, object);
  }

  find(id: string): ManagedObject | undefined {
    return this.#objects.get(id);
  }

  remove(ref: ManagedObjectReference): void {
    if (this.#objects.delete(ref.value)) this.#tell(ref, undefined);
  }

  removeOfSession(session: string): void {
    for (const object of [...this.#objects.values()]) if (object.session === session) this.remove(object.ref);
  }

  /** Notifies the listeners that properties of an object may have changed. */
  changed(ref: ManagedObjectReference, ...properties: string[]): void {
    this.#tell(ref, properties);
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(ref: ManagedObjectReference, properties: readonly string[] | undefined): void {
    for (const listener of [...this.#listeners]) listener(ref, properties);
  }
}

export function reference(type: string, value: string): ManagedObjectReference {
  return { type, value };
}

/** A managed entity that exists from the start. */
export function entity(
  ref: ManagedObjectReference,
  name: string,
  parent: ManagedObjectReference | undefined,
  own: PropertyReaders,
): ManagedObject {
  return { ref, readers: entityReaders(() => name, parent, own) };
}

/** The readers that every managed entity has, followed by its own. */
export function entityReaders(
  name: () => string,
  parent: ManagedObjectReference | undefined,
  own: PropertyReaders,
): PropertyReaders {
  return {
    availableField: () => [],
    value: () => [],
    customValue: () => [],
    parent: () => parent,
    name,
    overallStatus: () => "green",
    configStatus: () => "green",
    configIssue: () => [],
    effectiveRole: () => [-1],
    permission: () => [],
    disabledMethod: () => [],
    recentTask: () => [],
    declaredAlarmState: () => [],
    triggeredAlarmState: () => [],
    alarmActionsEnabled: () => true,
    tag: () => [],
    ...own,
  };
}
