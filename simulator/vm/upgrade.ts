/** UpgradeVM_Task: newer virtual hardware, never older. */
import { VimFault } from "../soap/fault.ts";
import { hardwareNumber, newestHardware, unsupportedHardware } from "./hardware-version.ts";
import { invalidPowerState } from "./power/power-state.ts";
import type { Vm } from "./vm.ts";

/**
 * @param version for example `vmx-19`. Undefined for the host's newest
 * @throws VimFault InvalidPowerState, AlreadyUpgraded, VirtualHardwareVersionNotSupported
 */
export async function upgradeHardware(
  vm: Vm,
  version: string | undefined,
  apiVersion: string,
): Promise<void> {
  if (vm.powerState !== "poweredOff") throw invalidPowerState(vm, "poweredOff");
  const wanted = version ? hardwareNumber(version, apiVersion) : newestHardware(apiVersion);
  if (wanted === undefined) throw unsupportedHardware(version ?? "");
  if (wanted <= (vm.vmx.number("virtualHW.version") ?? 0))
    throw new VimFault("AlreadyUpgraded", "The virtual machine is already up-to-date.");
  const vmx = vm.vmx.clone();
  vmx.set("virtualHW.version", wanted);
  await vm.commit(vmx);
}
