import { isFault } from "../../../vim/faults.ts";

/*
 * Names of what a host has: VMs, networks, datastores, resource pools. People write the plain name everywhere. Whoever
 * compares names of a host with names that people write does it with what is here.
 */

/** How a host spells a VM's name on the wire: `%`, `/` and `\` are escaped, and all other characters stay. */
export function encodeVmName(name: string): string {
  return name.replaceAll("%", "%25").replaceAll("/", "%2f").replaceAll("\\", "%5c");
}

/** The name as people see it. */
export function decodeVmName(name: string): string {
  return name.replaceAll(/%(25|2f|5c)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/**
 * The name of a snapshot as it is sent. Nobody could say whether hosts escape it, and what they send back is read as
 * if they did. So a `%` is escaped only where it would be read as the beginning of an escape.
 */
export const encodeSnapshotName = (name: string): string => name.replaceAll(/%(?=25|2f|5c)/gi, "%25");

/** The most characters that a host takes, counted in the spelling on the wire. */
export const MOST_IN_NAME = 80;

/**
 * True if both are spellings of one name. Hosts escape the names of some things and not of others. People escape
 * none.
 */
export const isSameName = (one: string, other: string): boolean => decodeVmName(one) === decodeVmName(other);

/** The things of that name, however the host spells it. If some are spelled exactly as it is written, only those. */
export function called<T>(things: readonly T[], name: string, spelledOf: (thing: T) => string): T[] {
  const exact = things.filter((thing) => spelledOf(thing) === name);
  return exact.length > 0 ? exact : things.filter((thing) => isSameName(spelledOf(thing), name));
}

/** True if the host refused a name because another machine has it. */
export const isNameTaken = (error: unknown): boolean => isFault(error, "DuplicateName");
