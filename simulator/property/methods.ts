/** PropertyCollector and PropertyFilter. Each session has its own collectors. */

import { PROPERTY_COLLECTOR } from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import { encodeAny } from "../soap/encode.ts";
import { managedObjectNotFound } from "../soap/fault.ts";
import { type Call, type Handlers, sessionOf } from "../soap/handlers.ts";
import { Collector } from "./collector.ts";
import { readPath } from "./path.ts";
import { Pages, retrieve } from "./read.ts";
import type { Scope } from "./select.ts";

/** The property collectors of all sessions. */
export class Collectors {
  readonly #host: Host;
  readonly #collectors = new Map<string, Collector>();
  #next = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The collector that a call means: each session has one of its own under the well-known id. */
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
    this.#host.objects.add({
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
    return { registry: this.#host.objects, session: call.session?.key, version: call.version };
  }
}

export function propertyHandlers(host: Host): Handlers {
  const { collectors } = host;
  const anonymous = new Pages();
  const pages = (call: Call): Pages => (call.session ? collectors.of(call).pages : anonymous);
  const maxObjects = host.options.maxObjectsPerReply;
  return {
    RetrieveProperties: (call, { specSet }) =>
      retrieve(specSet, collectors.scope(call), call.session !== undefined),
    RetrievePropertiesEx(call, { specSet, options }) {
      const contents = retrieve(specSet, collectors.scope(call), call.session !== undefined);
      return pages(call).first(contents, smaller(options.maxObjects, maxObjects));
    },
    ContinueRetrievePropertiesEx: (call, { token }) => pages(call).continue(token),
    CancelRetrievePropertiesEx: (call, { token }) => pages(call).cancel(token),

    CreateFilter: (call, { spec, partialUpdates }) =>
      collectors.of(call).createFilter(spec, partialUpdates, collectors.scope(call)).ref,
    DestroyPropertyFilter: (call) => collectors.destroyFilter(call),
    CreatePropertyCollector: (call) => collectors.create(call).ref,
    DestroyPropertyCollector: (call) => collectors.destroy(call),

    WaitForUpdatesEx: (call, { version, options }) =>
      collectors
        .of(call)
        .wait(
          version ?? "",
          { ...options, maxObjectUpdates: smaller(options?.maxObjectUpdates, maxObjects) },
          call.signal,
        ),
    async WaitForUpdates(call, { version }) {
      const update = await collectors.of(call).wait(version ?? "", {}, call.signal);
      return update ?? { version: version ?? "" };
    },
    CheckForUpdates: (call, { version }) =>
      collectors.of(call).wait(version ?? "", { maxWaitSeconds: 0 }, call.signal),
    CancelWaitForUpdates: (call) => collectors.of(call).cancelWait(),
  };
}

/** `Fetch` is in no WSDL; pyVmomi reads every property by it. Its parameter is the property's name. */
export function fetchProperty(call: Call, property: string): string {
  const value = readPath(call.object, property, { version: call.version, session: call.session?.key });
  return value === undefined ? "" : encodeAny("returnval", value, call.version);
}

function smaller(asked: number | undefined, limit: number | undefined): number | undefined {
  if (asked === undefined) return limit;
  return limit === undefined ? asked : Math.min(asked, limit);
}
