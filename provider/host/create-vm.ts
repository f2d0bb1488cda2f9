import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../../schema/index.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { rememberGiven } from "./file-use/given-files.ts";
import { HostError } from "./host-error.ts";
import { findResourcePool } from "./placement.ts";

/**
 * Makes a machine from its specification, in one step: it is there with all its devices, or not at all.
 *
 * @returns The new machine, powered off.
 */
export async function createVm(
  host: EsxiHost,
  config: VirtualMachineConfigSpec,
  resourcePool: string | undefined,
  signal: AbortSignal,
): Promise<ManagedObjectReference> {
  const pool = await findResourcePool(host, resourcePool);
  const { vmFolder } = await host.facts();
  rememberGiven(host, config.deviceChange);
  const vm = await host.task<ManagedObjectReference>(
    () => host.client.call(vmFolder, "CreateVM_Task", { config, pool }),
    { signal },
  );
  rememberGiven(host, config.deviceChange);
  if (vm) return vm;
  throw new HostError(`${host.name} made "${config.name}", but does not say which machine that is.`);
}
