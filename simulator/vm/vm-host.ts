/** The parts of the host that methods of VMs use. */
import type { HostContext } from "../host-context.ts";
import type { Pools } from "../pools/pools.ts";
import type { Power } from "./power/power.ts";
import type { Vms } from "./vms.ts";

export interface VmHost extends HostContext {
  readonly vms: Vms;
  readonly power: Power;
  readonly pools: Pools;
}
