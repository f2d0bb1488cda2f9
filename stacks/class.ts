/** A machine for each person of a roster, a private network for each group. Its keys are explained in `Pulumi.dev.yaml`. */
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  ansibleInventory,
  dnsmasqDhcp,
  dnsmasqHosts,
  type GuestIdentityArgs,
  LabNetwork,
  macOf,
  Numbers,
  type PlaceArgs,
  sshConfig,
  TextFile,
  VmFleet,
} from "pulumi-esxi-direct";
import { type Person, readRoster } from "./roster.ts";

/** What is told of one machine. */
export interface ClassMachine {
  readonly person: string;
  readonly group: string;
  readonly address: string;
  /** The host that it is on, by its name in `esxi:hosts`. */
  readonly host: string;
}

type Places = readonly (string | PlaceArgs)[];

/** Addresses of a group's people end with these: what is below is for routers. */
const FIRST_ADDRESS = 10;
const LAST_ADDRESS = 250;

/** The machines of `class:*` by login; none unless there is a roster. */
export function makeClass(): pulumi.Output<Record<string, ClassMachine>> {
  const config = new pulumi.Config("class");
  const ova = new pulumi.Config("ova");
  const file = config.get("roster");
  if (file === undefined) return pulumi.output<Record<string, ClassMachine>>({});
  const people = readRoster(inProject(file));
  const groupOf = new Map(people.map(({ login, group }) => [login, group]));
  const groups = [...new Set(groupOf.values())];
  const places = config.getObject<Places>("places") ?? [];
  const hosts = places.flatMap((place) => (typeof place === "string" ? place : (place.host ?? [])));
  const virtualSwitch = config.get("virtualSwitch") ?? "vSwitch0";
  const firstVlan = config.getNumber("firstVlan") ?? 200;
  const vlans = new Numbers("class-vlans", { keys: groups, from: firstVlan, to: firstVlan + 253 });
  const machines = machinesOf(people, groups, config.get("network") ?? "10.44");
  const files = writeFiles(machines, config.get("folder") ?? "out");
  const networks = new Map(
    groups.map((group) => [
      group,
      new LabNetwork(`class-${group}`, { hosts, virtualSwitch, vlanId: vlans.of(group) }),
    ]),
  );
  const fleet = new VmFleet(
    "class",
    {
      source: { ova: { ovaPath: ova.require("path"), datastore: ova.get("datastore") } },
      keys: people.map(({ login }) => login),
      places,
      settings: { memory: config.getNumber("memory") ?? 128, powerOn: "once" },
      settingsOf: (login) => {
        const network = networks.get(groupOf.get(login) ?? "")?.name ?? "";
        const guest = machines.apply((all) => guestOf(all.find(({ name }) => name === login)));
        return { guest, networkInterfaces: [{ network }] };
      },
    },
    // The reservations are there before the first machine boots.
    { dependsOn: files },
  );
  return pulumi
    .all([machines, fleet.placeOf])
    .apply(([all, placeOf]) =>
      Object.fromEntries(
        all.map(({ name, person, group, address }) => [
          name,
          { person, group, address, host: placeOf[name] ?? "" },
        ]),
      ),
    );
}

/** Each group has a subnet of its own, each of its people an address there; whoever comes or goes changes no other. */
function machinesOf(people: readonly Person[], groups: readonly string[], network: string) {
  const subnets = new Numbers("class-subnets", { keys: groups, from: 1, to: 254 });
  const hostNumbers = Object.fromEntries(
    groups.map((group) => {
      const keys = people.filter((person) => person.group === group).map(({ login }) => login);
      const numbers = new Numbers(`class-addresses-${group}`, {
        keys,
        from: FIRST_ADDRESS,
        to: LAST_ADDRESS,
      });
      return [group, numbers.numbers];
    }),
  );
  return pulumi.all([subnets.numbers, pulumi.all(hostNumbers)]).apply(([subnetOf, numberOf]) =>
    people.map(({ login, name, group }) => ({
      name: login,
      person: name,
      group,
      address: `${network}.${subnetOf[group]}.${numberOf[group]?.[login]}`,
    })),
  );
}

/** Its address is its own from the first boot on, and its network adapter gets the MAC address that goes with it. */
function guestOf(
  machine: { readonly name: string; readonly address: string } | undefined,
): GuestIdentityArgs {
  if (machine === undefined) return {};
  return { hostname: machine.name, interfaces: [{ addresses: [`${machine.address}/24`] }] };
}

/** What other tools are told of the machines. */
function writeFiles(machines: ReturnType<typeof machinesOf>, folder: string): TextFile[] {
  const records = machines.apply((all) =>
    all.map(({ name, person, group, address }) => ({
      name,
      address,
      macAddress: macOf(address),
      groups: [group],
      vars: { person },
    })),
  );
  const write = (name: string, content: pulumi.Output<string>) =>
    new TextFile(`class-${name}`, { path: join(folder, name), content });
  return [
    write(
      "lab.dhcp",
      records.apply((all) => dnsmasqDhcp(all)),
    ),
    write(
      "lab.hosts",
      records.apply((all) => dnsmasqHosts(all, { domain: "lab.example" })),
    ),
    write(
      "inventory.json",
      records.apply((all) => ansibleInventory(all)),
    ),
    write(
      "ssh_config",
      records.apply((all) => sshConfig(all)),
    ),
  ];
}

/** Paths of the configuration count from the folder of `Pulumi.yaml`. */
const inProject = (file: string) => resolve(import.meta.dirname, "..", file);
