import type { VirtualDeviceConnectInfo } from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { folderOf, isDatastorePath, parseDatastorePath, toHostPath } from "../../datastore/datastore-path.ts";

export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Gives a device those keys; undefined takes one away. */
export function setKeys(vmx: Vmx, device: string, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const key = `${device}.${name}`;
    if (value === undefined) vmx.delete(key);
    else vmx.set(key, typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : value);
  }
}

/** Takes a device out of the file with all that is said of it. */
export function removeKeys(vmx: Vmx, device: string): void {
  for (const key of keysOf(vmx, device)) vmx.delete(key);
}

/** Takes out of the file all that is said of a place, to be said of another one. */
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

/** Whether a device that can be unplugged is plugged in at power-on, and whether the guest may change that. */
export const plugKeys = (info: VirtualDeviceConnectInfo | undefined): Values =>
  info === undefined
    ? {}
    : {
        startConnected: info.startConnected ? undefined : false,
        allowGuestConnectionControl: info.allowGuestControl,
      };

/**
 * A file as a .vmx file names it: by its bare name in the machine's own folder, else from the host's root.
 * @param file A datastore path, or what the host has outside of all datastores: `[] /usr/lib/…`.
 */
export function nameInVmx(file: string, vmxPath: string): string {
  if (!isDatastorePath(file)) return file.replace(/^\s*\[\]\s*/, "");
  const [there, own] = [parseDatastorePath(file), folderOf(parseDatastorePath(vmxPath))];
  const folder = folderOf(there);
  const isBeside = folder.datastore === own.datastore && folder.path === own.path;
  return isBeside ? there.path.slice(there.path.lastIndexOf("/") + 1) : toHostPath(there);
}
