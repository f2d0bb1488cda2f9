import type { VirtualDevice, VirtualDeviceConnectInfo } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import { isFile } from "../../datastore/datastore-path.ts";

/** Whether a drive has its medium at power-on, and now. */
export function connectable(
  connected: boolean,
  before: VirtualDeviceConnectInfo | undefined,
): VirtualDeviceConnectInfo {
  return { startConnected: connected, connected, allowGuestControl: before?.allowGuestControl ?? true };
}

/**
 * The image in a drive.
 * @param asked As the program names it. This is the answer even if the host has no name for its datastore now.
 */
export function fileNameOf({ backing }: VirtualDevice, asked?: string): string | undefined {
  if (!isA(backing, "VirtualDeviceFileBackingInfo") || backing.fileName === "") return undefined;
  return namedAs(backing.fileName, asked);
}

/** A device's file, as the program names it if that is the same file. */
export const namedAs = (told: string, asked: string | undefined): string =>
  asked !== undefined && isFile(told, asked) ? asked : told;

/** True if the drive is one of the host's. */
export const hasHostDevice = ({ backing }: VirtualDevice): boolean =>
  isA(backing, "VirtualDeviceDeviceBackingInfo");

/** The host's device, as in the program. A program that leaves the choice to the host fits any device. */
export function deviceNameOf({ backing }: VirtualDevice, wish: true | string | undefined): true | string {
  if (wish === true || !isA(backing, "VirtualDeviceDeviceBackingInfo")) return true;
  return backing.deviceName === "" ? true : backing.deviceName;
}
