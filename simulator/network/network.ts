/** Network: a port group as VMs see it. */
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders } from "../core/objects.ts";
import type { HostContext } from "../host-context.ts";
import { escapedName } from "../vm/identity/names.ts";
import type { Vms } from "../vm/vms.ts";

export function networkReaders({ options }: HostContext, vms: Vms, name: string): PropertyReaders {
  const network = ids.networkRef(name);
  const spelled = options.behaviour.networkNames === "escaped" ? escapedName(name) : name;
  return entityReaders(() => spelled, ids.NETWORK_FOLDER, {
    summary: () => ({ $type: "NetworkSummary", network, name: spelled, accessible: true, ipPoolName: "" }),
    host: () => [ids.HOST],
    vm: () => vms.onNetwork(name),
  });
}
