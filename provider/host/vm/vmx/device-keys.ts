import type { VirtualDeviceConnectInfo } from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { folderOf, isDatastorePath, parseDatastorePath, toHostPath } from "../../datastore/datastore-path.ts";

export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Sets keys of a device. Undefined removes a key. */
export function setKeys(vmx: Vmx, device: string, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const key = `${device}.${name}`;
    if (value === undefined) vmx.delete(key);
    else vmx.set(key, typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : value);
  }
}

/** Removes a device from the file, with all its keys. */
export function removeKeys(vmx: Vmx, device: string): void {
  for (const key of keysOf(vmx, device)) vmx.delete(key);
}

/** Removes all keys of a place from the file, so that they can be written for another place. */
export function takeKeys(vmx: Vmx, device: string): Values {
  const values = keysOf(vmx, device).map((key): [string, string] => [
    key.slice(device.length + 1),
    vmx.get(key) ?? "",
  ]);
  removeKeys(vmx, device);
  return Object.fromEntries(values);
}

function keysOf(vmx: Vmx, device: string): string[] {
  const prefix = `${device.toLowerCase()}.`;
  return vmx.keys().filter((key) => key.toLowerCase().startsWith(prefix));
}

/** Whether a device that can be unplugged is connected at power-on, and whether the guest may change that. */
export const plugKeys = (info: VirtualDeviceConnectInfo | undefined): Values =>
  info === undefined
    ? {}
    : {
        startConnected: info.startConnected ? undefined : false,
        allowGuestConnectionControl: info.allowGuestControl,
      };

/**
 * A file as a .vmx file names it. In the machine's own folder that is the bare name, otherwise the path in the host's
 * own file system.
 * @param file A datastore path, or a path of the host outside of all datastores: `[] /usr/lib/…`.
 */
export function nameInVmx(file: string, vmxPath: string): string {
  if (!isDatastorePath(file)) return file.replace(/^\s*\[\]\s*/, "");
  const [there, own] = [parseDatastorePath(file), folderOf(parseDatastorePath(vmxPath))];
  const folder = folderOf(there);
  const isBeside = folder.datastore === own.datastore && folder.path === own.path;
  return isBeside ? there.path.slice(there.path.lastIndexOf("/") + 1) : toHostPath(there);
}
