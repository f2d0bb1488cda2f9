/** Virtual hardware: the newest version of each release, and the oldest that is allowed. */
import * as ids from "../core/ids.ts";
import { VimFault } from "../soap/fault.ts";

/** The newest virtual hardware of each release. */
const NEWEST: readonly (readonly [release: string, version: number])[] = [
  ["9.0", 22],
  ["8.0.2", 21],
  ["8.0", 20],
  ["7.0.2", 19],
  ["7.0.1", 18],
  ["7.0", 17],
  ["6.7.2", 15],
  ["6.7", 14],
  ["6.5", 13],
];
const OLDEST_HARDWARE = 4;

/** @param apiVersion for example "8.0.3.0" */
export function newestHardware(apiVersion: string): number {
  return NEWEST.find(([release]) => isAtLeast(apiVersion, release))?.[1] ?? 13;
}

/** The number in `vmx-21`. Undefined if the text has another form, or if the host is too old for the version. */
export function hardwareNumber(version: string, apiVersion: string): number | undefined {
  const number = Number(/^vmx-(\d+)$/.exec(version)?.[1]);
  return number >= OLDEST_HARDWARE && number <= newestHardware(apiVersion) ? number : undefined;
}

/** `vmx-08`, `vmx-21` */
export function hardwareKey(number: number): string {
  return `vmx-${String(number).padStart(2, "0")}`;
}

/** Versions for which the host has a description, the oldest first. The versions 5, 6, 12 and 16 were never used. */
export function offeredHardware(apiVersion: string): number[] {
  const all = [4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22];
  return all.filter((number) => number <= newestHardware(apiVersion));
}

export function unsupportedHardware(version: string): VimFault {
  return new VimFault(
    "VirtualHardwareVersionNotSupported",
    `Virtual hardware version '${version}' is not supported on this host.`,
    { hostName: "localhost.localdomain", host: ids.HOST },
  );
}

function isAtLeast(version: string, than: string): boolean {
  const left = version.split(".").map(Number);
  for (const [index, part] of than.split(".").map(Number).entries()) {
    const difference = (left[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
