import type { VirtualDevice, VirtualDeviceConnectInfo } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";

/** Whether a drive has its medium at power-on, and now. */
export function connectable(
  connected: boolean,
  before: VirtualDeviceConnectInfo | undefined,
): VirtualDeviceConnectInfo {
  return { startConnected: connected, connected, allowGuestControl: before?.allowGuestControl ?? true };
}

/** The image in a drive. */
export function fileNameOf({ backing }: VirtualDevice): string | undefined {
  if (!isA(backing, "VirtualDeviceFileBackingInfo") || backing.fileName === "") return undefined;
  return backing.fileName;
}

/** True if the drive is one of the host's. */
export const hasHostDevice = ({ backing }: VirtualDevice): boolean =>
  isA(backing, "VirtualDeviceDeviceBackingInfo");

/** The host's device, as in the program. A program that leaves the choice to the host fits any device. */
export function deviceNameOf({ backing }: VirtualDevice, wish: true | string | undefined): true | string {
  if (wish === true || !isA(backing, "VirtualDeviceDeviceBackingInfo")) return true;
  return backing.deviceName === "" ? true : backing.deviceName;
}
