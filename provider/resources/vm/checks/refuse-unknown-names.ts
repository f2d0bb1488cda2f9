import { datastoreOf, isDatastorePath } from "../../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { findDatastore, findNetwork } from "../../../host/inventory/named-places.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { vmWants } from "./vm-wants.ts";

/**
 * Refuses networks and datastores that the host does not have, before anything is made or uploaded. Hosts themselves
 * only say that a device is not available.
 *
 * @param before The former settings. Names in them are not looked up again.
 * @throws HostError with the names that the host has instead.
 */
export async function refuseUnknownNames(
  host: EsxiHost,
  settings: Properties,
  before: Properties = {},
): Promise<void> {
  const needsOf = (one: Properties) => vmWants(one, { onOnlyDatastore: false }).needs;
  const had = needsOf(before);
  for (const { kind, name = "", property } of needsOf(settings)) {
    if (had.some((one) => one.kind === kind && one.name === name)) continue;
    if (kind === "port group") await findNetwork(host, name, `\`${property}\``);
    if (kind === "file" && isDatastorePath(name)) await findDatastore(host, datastoreOf(name), property);
  }
}
