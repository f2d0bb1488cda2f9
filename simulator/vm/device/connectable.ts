/** Whether a device that can be unplugged is plugged in. */
import type { VirtualDeviceConnectInfo } from "../../../schema/index.ts";
import type { Vmx } from "../vmx.ts";

/** @param allowByDefault `allowGuestControl` of a device whose `.vmx` says nothing of it */
export function connectable(vmx: Vmx, slot: string, allowByDefault: boolean): VirtualDeviceConnectInfo {
  return {
    startConnected: vmx.get(`${slot}.startConnected`)?.toUpperCase() !== "FALSE",
    allowGuestControl:
      vmx.get(`${slot}.allowGuestConnectionControl`) === undefined
        ? allowByDefault
        : vmx.flag(`${slot}.allowGuestConnectionControl`),
    connected: false,
    status: "untried",
  };
}

export function writeConnectable(vmx: Vmx, slot: string, info: VirtualDeviceConnectInfo | undefined): void {
  if (info === undefined) return;
  vmx.set(`${slot}.startConnected`, info.startConnected ? undefined : false);
  vmx.set(`${slot}.allowGuestConnectionControl`, info.allowGuestControl);
}
