/** The property collectors of all sessions: each session has its own. */
import { PROPERTY_COLLECTOR } from "../core/ids.ts";
import type { ObjectRegistry } from "../core/objects.ts";
import { type Call, sessionOf } from "../handlers.ts";
import { managedObjectNotFound } from "../soap/fault.ts";
import { Collector } from "./collector.ts";
import type { Scope } from "./select.ts";

export class Collectors {
  readonly #objects: ObjectRegistry;
  readonly #collectors = new Map<string, Collector>();
  #next = 0;

  constructor(objects: ObjectRegistry) {
    this.#objects = objects;
  }

  /** The collector of a call. Each session has its own one under the well-known id. */
  of(call: Call): Collector {
    const session = sessionOf(call).key;
    const id = call.object.ref.value;
    const key = id === PROPERTY_COLLECTOR.value ? `${session} ${id}` : id;
    const known = this.#collectors.get(key);
    if (known) return known;
    if (id !== PROPERTY_COLLECTOR.value) throw managedObjectNotFound(call.object.ref);
    const collector = new Collector(PROPERTY_COLLECTOR, this.scope(call));
    this.#collectors.set(key, collector);
    return collector;
  }

  create(call: Call): Collector {
    const session = sessionOf(call).key;
    const ref = { type: "PropertyCollector", value: `session[${session}]52${this.#next++}` };
    const collector = new Collector(ref, this.scope(call));
    this.#collectors.set(ref.value, collector);
    this.#objects.add({
      ref,
      session,
      readers: { filter: () => [...collector.filters.values()].map((filter) => filter.ref) },
    });
    return collector;
  }

  destroy(call: Call): void {
    const collector = this.of(call);
    collector.destroy();
    this.#collectors.delete(collector.ref.value);
  }

  destroyFilter(call: Call): void {
    for (const collector of this.#collectors.values())
      if (collector.destroyFilter(call.object.ref.value)) return;
    throw managedObjectNotFound(call.object.ref);
  }

  endSession(session: string): void {
    for (const [key, collector] of this.#collectors) {
      if (!key.includes(session)) continue;
      this.#collectors.delete(key);
      collector.end();
    }
  }

  scope(call: Call): Scope {
    return { registry: this.#objects, session: call.session?.key, version: call.version };
  }
}
