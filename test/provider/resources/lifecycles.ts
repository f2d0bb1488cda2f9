/** The lifecycles of what hosts have, and of where it is, by the names of their classes. */
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { placement } from "../../../provider/resources/fleet/placement/placement.lifecycle.ts";
import type { Lifecycle } from "../../../provider/resources/frame/lifecycle.ts";
import { hostService } from "../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";

export const LIFECYCLES = {
  DatastoreClone: datastoreClone,
  DatastoreFile: datastoreFile,
  DatastoreFolder: datastoreFolder,
  HostService: hostService,
  OvaDeployment: ovaDeployment,
  Placement: placement,
  PortGroup: portGroup,
  ResourcePool: resourcePool,
  ScratchVm: scratchVm,
  VirtualSwitch: virtualSwitch,
  VmSnapshot: vmSnapshot,
} satisfies Readonly<Record<string, Lifecycle>>;

export type Kind = keyof typeof LIFECYCLES;

/** The lifecycle of a class that is named by a text. */
export function lifecycleOf(kind: string): Lifecycle {
  const found: Lifecycle | undefined = (LIFECYCLES as Readonly<Record<string, Lifecycle>>)[kind];
  if (found === undefined) throw new Error(`There is no ${kind}.`);
  return found;
}
