/** Whether a device that can be unplugged is connected: at the next start, and now. */
import type { VirtualDeviceConnectInfo } from "../../../schema/index.ts";
import type { DeviceContext } from "./context.ts";

type Plugs = Pick<DeviceContext, "vmx" | "connected">;

/** @param allowByDefault `allowGuestControl` of a device if the `.vmx` has no value */
export function connectable(
  { vmx, connected }: Plugs,
  slot: string,
  allowByDefault: boolean,
): VirtualDeviceConnectInfo {
  const isConnected = connected?.get(slot) ?? false;
  return {
    startConnected: startsConnected(vmx, slot),
    allowGuestControl:
      vmx.get(`${slot}.allowGuestConnectionControl`) === undefined
        ? allowByDefault
        : vmx.flag(`${slot}.allowGuestConnectionControl`),
    connected: isConnected,
    status: isConnected ? "ok" : "untried",
  };
}

export function startsConnected(vmx: Plugs["vmx"], slot: string): boolean {
  return vmx.get(`${slot}.startConnected`)?.toUpperCase() !== "FALSE";
}

/** Writes the connection of a spec. On a running VM the device is connected or disconnected at once. */
export function writeConnectable(
  { vmx, connected }: Plugs,
  slot: string,
  info: VirtualDeviceConnectInfo | undefined,
): void {
  if (info !== undefined) {
    vmx.set(`${slot}.startConnected`, info.startConnected ? undefined : false);
    vmx.set(`${slot}.allowGuestConnectionControl`, info.allowGuestControl);
    connected?.set(slot, info.connected);
  } else if (connected?.has(slot) === false) connected.set(slot, true);
}
