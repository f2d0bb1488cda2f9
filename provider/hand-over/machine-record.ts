import { isIP, isIPv4 } from "node:net";
import { called, isObject, listOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";

/** A value for Ansible: anything that JSON can hold. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** A machine as other tools know it. All values are plain: use `pulumi.all` first for outputs of resources. */
export interface MachineRecord {
  /** The machine's name: letters, digits, `.`, `-` and `_`. Each name only once. */
  readonly name: string;
  /** The guest's own name, for DHCP and DNS: letters, digits and `-`, at most 63. Default: `name`. */
  readonly hostname?: string | undefined;
  /** IPv4 or IPv6 address. */
  readonly address?: string | undefined;
  /** Such as `00:50:56:2c:03:11`. */
  readonly macAddress?: string | undefined;
  /** The login name. */
  readonly login?: string | undefined;
  /** Groups that it is in, for Ansible. */
  readonly groups?: readonly string[] | undefined;
  /** Further variables for Ansible. */
  readonly vars?: Readonly<Record<string, PlainValue>> | undefined;
}

/** The checks of a kind of text. Each gives the end of a sentence if something is missing or wrong. */
type Check = (machine: MachineRecord) => string | undefined;

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export const hostnameOf = ({ name, hostname }: MachineRecord): string => hostname ?? name;

export const hasAddress: Check = ({ address }) => {
  if (address === undefined) return "has no address";
  return isIP(address) === 0 ? `has the address ${quoted(address)}, which is not valid` : undefined;
};

export const hasIpv4: Check = ({ address }) => {
  if (address === undefined) return "has no address";
  return isIPv4(address) ? undefined : `has the address ${quoted(address)}, which is no IPv4 address`;
};

export const hasMac: Check = ({ macAddress }) => {
  if (macAddress === undefined) return "has no macAddress";
  return MAC.test(macAddress) ? undefined : `has the macAddress ${quoted(macAddress)}, which is not valid`;
};

export const hasHostname: Check = (machine) =>
  LABEL.test(hostnameOf(machine))
    ? undefined
    : `has the hostname ${quoted(hostnameOf(machine))}: letters, digits and "-" are possible, at most 63`;

/** Properties that must differ between machines. */
type Unique = "name" | "address" | "macAddress" | "hostname";

/**
 * Checks all machines at once.
 * @throws HandOverError with all mistakes
 */
export function checkMachines(
  what: string,
  machines: readonly MachineRecord[],
  checks: readonly Check[],
  unique: readonly Unique[],
): void {
  const shapes = listOf(what, machines, FORM).flatMap(wrongShapes);
  if (shapes.length > 0) throw new HandOverError(what, shapes);
  const problems = machines.flatMap((machine) => {
    const named: Check = ({ name }) =>
      NAME.test(name) ? undefined : 'has a name that is not of letters, digits, ".", "-" and "_"';
    return [named, ...checks].flatMap((check) => {
      const problem = check(machine);
      return problem === undefined ? [] : [`${quoted(machine.name)} ${problem}`];
    });
  });
  for (const key of ["name", ...unique] as const) problems.push(...doubles(machines, key));
  if (problems.length > 0) throw new HandOverError(what, problems);
}

const FORM = '{ name: "web", address: "10.0.0.5" }';
const TEXTS = ["name", "hostname", "address", "macAddress", "login"] as const;

/** Values of a JavaScript program that have the wrong type. */
function wrongShapes(machine: MachineRecord, index: number): string[] {
  const whose = typeof machine.name === "string" ? quoted(machine.name) : `machine ${index + 1}`;
  const texts = TEXTS.filter((key) => {
    const value: unknown = machine[key];
    return typeof value !== "string" && (value !== undefined || key === "name");
  }).map((key) => `${whose} has ${called(machine[key])} as ${key}, which must be a text, as in ${FORM}`);
  const groups: unknown = machine.groups ?? [];
  const vars: unknown = machine.vars ?? {};
  return [
    ...texts,
    ...(Array.isArray(groups) && groups.every((one) => typeof one === "string")
      ? []
      : [`${whose} has groups that are no list of texts`]),
    ...(isObject(vars) ? [] : [`${whose} has vars that are no object`]),
  ];
}

function doubles(machines: readonly MachineRecord[], key: Unique): string[] {
  const owners = new Map<string, string>();
  return machines.flatMap((machine) => {
    const value = (key === "hostname" ? hostnameOf(machine) : machine[key])?.toLowerCase();
    if (value === undefined) return [];
    const owner = owners.get(value);
    owners.set(value, machine.name);
    return owner === undefined
      ? []
      : [`${quoted(owner)} and ${quoted(machine.name)} have the same ${key}, ${value}`];
  });
}

/** The text in a form for messages, whatever it holds. */
export const quoted = (text: string): string => JSON.stringify(text);
