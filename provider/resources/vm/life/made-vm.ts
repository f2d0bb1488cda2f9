import type { ManagedObjectReference } from "../../../../schema/index.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { HostError } from "../../../host/host-error.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";

/**
 * The machine that a host has just made.
 * @throws HostError if it is gone already.
 */
export async function madeVm(host: EsxiHost, ref: ManagedObjectReference, name: string): Promise<ObservedVm> {
  const vm = await host.vms.byReference(ref);
  if (vm !== undefined) return vm;
  throw new HostError(`${host.name} made "${name}", but does not have it any more. Run \`pulumi up\` again.`);
}
