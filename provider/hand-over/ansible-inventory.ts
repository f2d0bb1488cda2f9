import { optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import { checkMachines, hasAddress, type MachineRecord, type PlainValue, quoted } from "./machine-record.ts";

/** The parts of an inventory besides its machines. */
export interface AnsibleInventoryOptions {
  /** Variables of all machines. */
  readonly vars?: Readonly<Record<string, PlainValue>> | undefined;
  /** Variables of groups, by the group's name as the machines have it. */
  readonly groupVars?: Readonly<Record<string, Readonly<Record<string, PlainValue>>>> | undefined;
  /** A machine through which all others are reached: `user@host` or `user@host:port`. */
  readonly jump?: string | undefined;
}

const WHAT = "The Ansible inventory";
const JUMP = /^([A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+(:\d{1,5})?$/;
/** Ansible itself defines these groups. */
const OWN_GROUPS: readonly string[] = ["all", "ungrouped"];

/**
 * An inventory for Ansible, as JSON. Give the file the ending `.json` or `.yml`. `ansible_host` and `ansible_user` come
 * from `address` and `login`. Characters that Ansible does not allow in names of groups become `_`.
 *
 * Ansible treats texts with `{{`, `{%` or `{#` as templates, and runs their content. Here they are marked as plain
 * texts, because a person's name from a list must not be code.
 *
 * @throws HandOverError for machines without an address, and names that Ansible would not accept.
 * @see https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
 */
export function ansibleInventory(
  machines: readonly MachineRecord[],
  options: AnsibleInventoryOptions = {},
): string {
  const { vars = {}, groupVars = {}, jump } = optionsOf(WHAT, options);
  checkMachines(WHAT, machines, [hasAddress], []);
  const names = [...new Set([...machines.flatMap(({ groups = [] }) => groups), ...Object.keys(groupVars)])];
  const groupNames = new Map(names.map((name) => [name, groupName(name)]));
  const problems = groupProblems(groupNames);
  if (jump !== undefined && !JUMP.test(jump))
    problems.push(`${quoted(jump)} is no machine to jump over: user@host:port`);
  if (problems.length > 0) throw new HandOverError(WHAT, problems);
  const hosts = machines.map((machine) => [machine.name, hostVars(machine)]);
  const children = names.map((name) => {
    const members = machines.filter(({ groups = [] }) => groups.includes(name));
    return [
      groupNames.get(name) ?? name,
      {
        hosts: Object.fromEntries(members.map((machine) => [machine.name, {}])),
        vars: plainVars(groupVars[name] ?? {}),
      },
    ];
  });
  const inventory = {
    all: {
      hosts: Object.fromEntries(hosts),
      vars: {
        ...(jump !== undefined && { ansible_ssh_common_args: `-o ProxyJump=${jump}` }),
        ...plainVars(vars),
      },
      children: Object.fromEntries(children),
    },
  };
  return `${JSON.stringify(inventory, undefined, 2)}\n`;
}

function hostVars({ address, login, vars = {} }: MachineRecord): Record<string, unknown> {
  const own = { ansible_host: address ?? "", ...(login !== undefined && { ansible_user: login }) };
  return plainVars({ ...own, ...vars });
}

const plainVars = (vars: Readonly<Record<string, PlainValue>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, untemplated(value)]));

/** The value, with a mark on every text that Ansible must not run as a template. */
function untemplated(value: PlainValue): unknown {
  if (typeof value === "string") return /\{[{%#]/.test(value) ? { __ansible_unsafe: value } : value;
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(untemplated);
  return plainVars(value);
}

const isList = (value: object): value is readonly PlainValue[] => Array.isArray(value);

const groupName = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d|$)/, "_");

function groupProblems(names: ReadonlyMap<string, string>): string[] {
  const owners = new Map<string, string>();
  return [...names].flatMap(([name, written]) => {
    if (OWN_GROUPS.includes(written)) return [`the group ${quoted(name)} is one that Ansible has itself`];
    const owner = owners.get(written);
    owners.set(written, name);
    return owner === undefined
      ? []
      : [`the groups ${quoted(owner)} and ${quoted(name)} are the same for Ansible, ${written}`];
  });
}
