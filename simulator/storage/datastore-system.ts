/** HostDatastoreSystem: the host's datastores. */
import { MANAGERS } from "../core/ids.ts";
import type { Part } from "../handlers.ts";
import { datastoreRefs, type HostContext } from "../host-context.ts";

export function datastoreSystem(host: HostContext): Part {
  return {
    objects: [
      {
        ref: MANAGERS.datastoreSystem,
        readers: {
          datastore: () => datastoreRefs(host),
          capabilities: () => ({
            nfsMountCreationRequired: true,
            nfsMountCreationSupported: true,
            localDatastoreSupported: false,
            vmfsExtentExpansionSupported: true,
          }),
        },
      },
    ],
  };
}
