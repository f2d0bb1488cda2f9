import * as pulumi from "@pulumi/pulumi";
import { DatastoreClone, type DatastoreCloneArgs } from "./datastore-clone.ts";
import { OvaDeployment, type OvaDeploymentArgs } from "./ova-deployment.ts";

/**
 * What a fleet is made from: an OVA, which is uploaded once per host and datastore, or a machine that is on the host
 * already.
 */
export type FleetSource =
  | { readonly ova: Omit<OvaDeploymentArgs, "name" | "host" | "powerOn" | "waitFor"> }
  | { readonly vm: DatastoreCloneArgs["source"] };

/** A place for machines of a fleet. */
export interface FleetPlace {
  /** A host by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  readonly host?: string | undefined;
  /** A datastore of that host. Default: that of the source. */
  readonly datastore?: string | undefined;
}

/** Settings of one machine of a fleet. */
export type FleetVmArgs = Partial<
  Omit<DatastoreCloneArgs, "source" | "mode" | "host" | "datastore" | "name">
>;

/** What a {@link VmFleet} is made from and how. */
export interface VmFleetArgs {
  readonly source: FleetSource;
  /** How many machines, from 0 on. Changing it makes or deletes those at the end only. */
  readonly count: number;
  /** `linked` (default) or `full`; see {@link DatastoreClone}. */
  readonly mode?: "linked" | "full" | undefined;
  /**
   * Name of each machine: a text in which `%d` stands for its number from 1 on, or a function of its index from 0 on.
   * Default: the fleet's name, a dash and the number. Changing it renames in place.
   */
  readonly namePattern?: string | ((index: number) => string) | undefined;
  /** Settings that all machines have. */
  readonly settings?: FleetVmArgs | undefined;
  /** Settings of one machine by its index from 0 on; they go before those of all. */
  readonly settingsOf?: ((index: number) => FleetVmArgs) | undefined;
  /**
   * Hosts to spread over, by their names in the configuration's `esxi:hosts`, or hosts with a datastore: the machines
   * go round, and a place that stands here twice gets twice as many. Default: the host of `esxi:host`. A machine's
   * place depends on its index and this list: another list moves machines, which replaces them.
   */
  readonly hosts?: readonly (string | FleetPlace)[] | undefined;
}

/**
 * Many machines at the price of one upload per host and datastore: a base that stays off is made in each place, and
 * every machine of that place is cloned from it. The base is deleted after its clones, and a changed OVA replaces both.
 *
 * A fleet of a machine that is there already needs no base: that machine is what is cloned. Only for linked clones on
 * a datastore that `hosts` names, a full clone there is made once as their base.
 *
 * @example
 * ```ts
 * new VmFleet("student", { source: { ova: { ovaPath: "images/tinyVM.ova" } }, count: 20, settings: { memory: 512 } });
 * ```
 */
export class VmFleet extends pulumi.ComponentResource {
  /** The machines, in the order of their indices. */
  readonly vms: readonly DatastoreClone[];
  /** The machines that were made to be cloned, one per place. */
  readonly bases: readonly (OvaDeployment | DatastoreClone)[];

  /**
   * @param name The logical name; bases and machines get theirs from it.
   * @throws RunError for a count that is none, names that are not distinct, or one machine as the source on several
   * hosts.
   */
  constructor(name: string, args: VmFleetArgs, options?: pulumi.ComponentResourceOptions) {
    super("esxi:index:VmFleet", name, {}, options);
    const names = namesOf(name, args);
    const places = placesOf(name, args);
    const mode = args.mode ?? "linked";
    const bases = new Map<string, OvaDeployment | DatastoreClone>();
    const sourceIn = (place: FleetPlace): DatastoreCloneArgs["source"] => {
      if (isThere(args.source, mode, place)) return args.source.vm;
      const logical = [`${name}-base`, place.host, place.datastore].filter((part) => part).join("-");
      const base = bases.get(logical) ?? this.#base(logical, args, place);
      bases.set(logical, base);
      return base;
    };
    this.vms = names.map((vmName, index) => {
      const place = places[index % places.length] ?? {};
      const settings = { ...args.settings, ...args.settingsOf?.(index), ...place };
      return new DatastoreClone(
        `${name}-${index + 1}`,
        { ...settings, name: vmName, source: sourceIn(place), mode },
        { parent: this },
      );
    });
    this.bases = [...bases.values()];
    this.registerOutputs({ vms: this.vms.map((vm) => vm.vmxPath) });
  }

  #base(
    logical: string,
    { source, settings }: VmFleetArgs,
    place: FleetPlace,
  ): OvaDeployment | DatastoreClone {
    const options = { parent: this };
    if ("ova" in source) {
      const datastore = place.datastore ?? source.ova.datastore;
      return new OvaDeployment(
        logical,
        { ...source.ova, host: place.host, datastore, powerOn: false },
        options,
      );
    }
    const args = { source: source.vm, transport: settings?.transport, powerOn: false } as const;
    return new DatastoreClone(logical, { ...args, ...place }, options);
  }
}

/** True if the machines of that place are cloned from the source itself. */
function isThere(
  source: FleetSource,
  mode: "linked" | "full",
  place: FleetPlace,
): source is Extract<FleetSource, { vm: unknown }> {
  return !("ova" in source) && !(mode === "linked" && place.datastore !== undefined);
}

function placesOf(fleet: string, { hosts, source }: VmFleetArgs): FleetPlace[] {
  const places = hosts?.map((host) => (typeof host === "string" ? { host } : host)) ?? [];
  const several = new Set(places.map(({ host }) => host)).size > 1;
  if (several && "vm" in source && pulumi.CustomResource.isInstance(source.vm)) {
    throw new pulumi.RunError(
      `VmFleet "${fleet}": the machine that it is made from is on one host, so hosts can name one only. ` +
        "Give an OVA, or the name of a machine that each of the hosts has.",
    );
  }
  return places.length > 0 ? places : [{}];
}

function namesOf(fleet: string, { count, namePattern = `${fleet}-%d` }: VmFleetArgs): string[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new pulumi.RunError(`VmFleet "${fleet}": count must be a whole number from 0 on, not ${count}.`);
  }
  const nameOf =
    typeof namePattern === "function"
      ? namePattern
      : (index: number) => namePattern.replaceAll("%d", String(index + 1));
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice === undefined) return names;
  throw new pulumi.RunError(
    `VmFleet "${fleet}": two machines would be named "${twice}". Put %d into namePattern, which stands for the number.`,
  );
}
