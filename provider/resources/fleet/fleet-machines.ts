import * as pulumi from "@pulumi/pulumi";
import { called, isLater } from "../frame/given-args.ts";
import type { GuestIdentityArgs } from "../vm/settings/guest-identity-args.ts";
import { ownEntry } from "./own-entry.ts";
import type { FleetMachineArgs, FleetVmArgs, VmFleetArgs } from "./vm-fleet-args.ts";

/** One machine of a fleet, as the program describes it. */
export interface FleetMachine {
  readonly key: string;
  readonly name: string;
  /** The key that it had before. */
  readonly formerKey: string | undefined;
  readonly place: string | undefined;
  readonly settings: Omit<FleetMachineArgs, "name" | "place">;
}

/**
 * The machines of a fleet, in the order of the program.
 * @throws RunError if the count is not a whole number, or if keys or names are not distinct.
 */
export function machinesOf(fleet: string, args: VmFleetArgs): FleetMachine[] {
  const machines = args.count === undefined ? keyed(fleet, args) : counted(fleet, args);
  const names = machines.map(({ name }) => name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice === undefined) return machines;
  const sign =
    args.count === undefined
      ? "%s into namePattern, which stands for the key"
      : "%d into namePattern, which stands for the number";
  throw refusal(fleet, `two machines would be named "${twice}". Put ${sign}.`);
}

function counted(fleet: string, args: Extract<VmFleetArgs, { count: number }>): FleetMachine[] {
  const { count, namePattern = `${fleet}-%d`, settings, settingsOf } = args;
  if (!Number.isInteger(count) || count < 0) {
    throw refusal(fleet, `count must be a whole number from 0 on, not ${count}.`);
  }
  return Array.from({ length: count }, (_, index) => ({
    key: String(index + 1),
    name:
      typeof namePattern === "function"
        ? namedBy(fleet, namePattern(index))
        : namePattern.replaceAll("%d", String(index + 1)),
    formerKey: undefined,
    place: undefined,
    settings: together(settings, settingsBy(fleet, settingsOf?.(index))),
  }));
}

function keyed(fleet: string, args: Exclude<VmFleetArgs, { count: number }>): FleetMachine[] {
  const { keys = [], machines = {}, namePattern = `${fleet}-%s`, settings, settingsOf, formerly = {} } = args;
  const all = [...keys, ...Object.keys(machines)];
  const twice = all.find((each, index) => all.indexOf(each) !== index);
  if (twice !== undefined) {
    throw refusal(fleet, `"${twice}" is named twice. Name each machine once, in keys or in machines.`);
  }
  if (all.includes("")) throw refusal(fleet, "a key is empty.");
  const unknown = Object.keys(formerly).find((key) => !all.includes(key));
  if (unknown !== undefined) throw refusal(fleet, `formerly names "${unknown}", which is no machine of it.`);
  return all.map((key) => {
    const { name, place, ...own } = ownEntry(machines, key) ?? {};
    const former = ownEntry(formerly, key);
    return {
      key,
      name:
        name ??
        (typeof namePattern === "function"
          ? namedBy(fleet, namePattern(key))
          : namePattern.replaceAll("%s", () => key)),
      formerKey: former === undefined ? undefined : String(former),
      place,
      settings: together(settings, settingsBy(fleet, settingsOf?.(key)), own),
    };
  });
}

/** The result of a function of the program. */
function namedBy(fleet: string, name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw refusal(
    fleet,
    `namePattern must give a name for each machine, not ${name === "" ? "an empty text" : called(name)}.`,
  );
}

function settingsBy(fleet: string, settings: FleetVmArgs | undefined): FleetVmArgs | undefined {
  const given: unknown = settings ?? {};
  if (typeof given === "object" && !Array.isArray(given) && !isLater(given)) return settings;
  throw refusal(fleet, `settingsOf must give an object such as { memory: 512 }, not ${called(given)}.`);
}

/**
 * Settings of one machine win over settings of all. The guest's identity is joined part by part, because some parts are
 * for all machines and some for each.
 */
function together(...all: readonly (FleetVmArgs | undefined)[]): FleetVmArgs {
  const guests = all.flatMap((settings) => settings?.guest ?? []);
  const merged: FleetVmArgs = Object.assign({}, ...all);
  if (guests.length < 2) return merged;
  // A value without parts is left to the machine's check, which refuses it.
  const wrong = guests.find((guest) => typeof guest !== "object");
  if (wrong !== undefined) return { ...merged, guest: wrong };
  const hasLater = guests.some(isLater);
  // A preview then still knows each part that is known now.
  const guest = hasLater
    ? pulumi.all(guests).apply((parts): GuestIdentityArgs => Object.assign({}, ...parts))
    : Object.assign({}, ...guests);
  return { ...merged, guest };
}

const refusal = (fleet: string, why: string) => new pulumi.RunError(`VmFleet "${fleet}": ${why}`);
