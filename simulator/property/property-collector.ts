/** PropertyCollector and PropertyFilter. Each session has its own collectors. */

import { PROPERTY_COLLECTOR } from "../core/ids.ts";
import type { Call, Handlers, Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { encodeAny } from "../soap/encode.ts";
import type { Collectors } from "./collectors.ts";
import { readPath } from "./property-path.ts";
import { Pages, retrieve } from "./retrieve.ts";

export function propertyCollector({ options }: HostContext, collectors: Collectors): Part {
  const anonymous = new Pages();
  const pages = (call: Call): Pages => (call.session ? collectors.of(call).pages : anonymous);
  const most = options.maxObjectsPerReply;
  const handlers: Handlers = {
    RetrieveProperties: (call, { specSet }) =>
      retrieve(specSet, collectors.scope(call), call.session !== undefined),
    RetrievePropertiesEx(call, { specSet, options: { maxObjects } }) {
      const contents = retrieve(specSet, collectors.scope(call), call.session !== undefined);
      return pages(call).first(contents, smaller(maxObjects, most));
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
          { ...options, maxObjectUpdates: smaller(options?.maxObjectUpdates, most) },
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
  return { objects: [{ ref: PROPERTY_COLLECTOR, readers: { filter: () => [] } }], handlers };
}

/** `Fetch` is in no WSDL, but pyVmomi reads every property with it. Its parameter is the property's name. */
export function fetchProperty(call: Call, property: string): string {
  const value = readPath(call.object, property, { version: call.version, session: call.session?.key });
  return value === undefined ? "" : encodeAny("returnval", value, call.version);
}

function smaller(asked: number | undefined, limit: number | undefined): number | undefined {
  if (asked === undefined) return limit;
  return limit === undefined ? asked : Math.min(asked, limit);
}
