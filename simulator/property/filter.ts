/** One PropertyFilter: what it has reported, and the changes since. */
import type {
  ManagedObjectReference,
  ObjectUpdate,
  PropertyChange,
  PropertyFilterSpec,
} from "../../schema/index.ts";
import type { ManagedObject } from "../core/objects.ts";
import { encodeAny, type TypedValue } from "../soap/encode.ts";
import { readPath, rootOf } from "./property-path.ts";
import { type Scope, type Selection, select } from "./select.ts";

interface Reported {
  readonly ref: ManagedObjectReference;
  readonly type: string;
  /** The value of each path as it was sent. */
  readonly values: Map<string, string>;
}

export class Filter {
  readonly ref: ManagedObjectReference;
  readonly spec: PropertyFilterSpec;
  readonly partialUpdates: boolean;
  readonly #scope: Scope;
  #selection: Selection;
  #reported = new Map<string, Reported>();
  /** Ids of objects to read again. True for the selection itself. */
  readonly #dirty = new Set<string>();
  #selectAgain = true;

  /** @throws VimFault if the spec is wrong */
  constructor(ref: ManagedObjectReference, spec: PropertyFilterSpec, partialUpdates: boolean, scope: Scope) {
    this.ref = ref;
    this.spec = spec;
    this.partialUpdates = partialUpdates;
    this.#scope = scope;
    this.#selection = select(spec, scope);
  }

  /** Forgets everything that was reported, so the next updates report everything. */
  restart(): void {
    this.#reported = new Map();
    this.#selectAgain = true;
  }

  /** @returns true if the change may affect this filter */
  note(ref: ManagedObjectReference, properties: readonly string[] | undefined): boolean {
    if (properties === undefined) {
      if (!this.#reported.has(ref.value) && !this.#selection.objects.has(ref.value)) return false;
      this.#selectAgain = true;
      return true;
    }
    if (properties.some((name) => this.#selection.traversed.has(`${ref.type}.${name}`)))
      this.#selectAgain = true;
    const selected = this.#selection.objects.get(ref.value);
    if (selected?.paths.some((path) => properties.includes(rootOf(path)))) this.#dirty.add(ref.value);
    return this.#selectAgain || this.#dirty.has(ref.value);
  }

  /** The changes to report now, which then count as reported. At most `limit` objects. The rest is reported later. */
  take(limit: number): ObjectUpdate[] {
    const updates: ObjectUpdate[] = [];
    if (this.#selectAgain) {
      this.#selection = select(this.spec, this.#scope, true);
      this.#selectAgain = false;
      for (const [id, { object }] of this.#selection.objects) {
        if (!this.#reported.has(id) || this.#selectedPathsChanged(object)) this.#dirty.add(id);
      }
      for (const [id, { ref }] of this.#reported) {
        if (this.#selection.objects.has(id)) continue;
        this.#reported.delete(id);
        this.#dirty.delete(id);
        updates.push({ kind: "leave", obj: ref });
      }
    }
    for (const id of this.#dirty) {
      if (updates.length >= limit) break;
      this.#dirty.delete(id);
      const selected = this.#selection.objects.get(id);
      const update = selected && this.#update(selected.object, selected.paths);
      if (update) updates.push(update);
    }
    return updates;
  }

  get pending(): boolean {
    return this.#selectAgain || this.#dirty.size > 0;
  }

  #selectedPathsChanged(object: ManagedObject): boolean {
    return this.#reported.get(object.ref.value)?.type !== object.ref.type;
  }

  #update(object: ManagedObject, paths: readonly string[]): ObjectUpdate | undefined {
    const before = this.#reported.get(object.ref.value);
    const values = before?.values ?? new Map<string, string>();
    const changeSet: PropertyChange[] = [];
    for (const path of paths) {
      const value = readPath(object, path, this.#scope);
      const text = value === undefined ? "" : this.#text(value);
      if (text === (values.get(path) ?? "")) continue;
      values.set(path, text);
      changeSet.push(
        value === undefined ? { name: path, op: "assign" } : { name: path, op: "assign", val: value },
      );
    }
    if (before !== undefined && changeSet.length === 0) return undefined;
    this.#reported.set(object.ref.value, { ref: object.ref, type: object.ref.type, values });
    return { kind: before === undefined ? "enter" : "modify", obj: object.ref, changeSet };
  }

  #text(value: TypedValue): string {
    return encodeAny("val", value, this.#scope.version);
  }
}
