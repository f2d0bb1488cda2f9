import * as pulumi from "@pulumi/pulumi";
import { isGone } from "../../program/gone-hosts.ts";
import { argsOf } from "../frame/given-args.ts";
import { DatastoreClone, type DatastoreCloneArgs } from "../vm/datastore-clone.ts";
import { OvaDeployment } from "../vm/ova-deployment.ts";
import { type FleetMachine, machinesOf } from "./fleet-machines.ts";
import { placeId } from "./placement/place-id.ts";
import { type PlaceArgs, type PlacedMachineArgs, Placement } from "./placement/placement.ts";
import { readable } from "./readable-args.ts";
import type { FleetSource, VmFleetArgs } from "./vm-fleet-args.ts";

/**
 * Many machines for one upload per place. In each place a base is made that stays off, and every machine of that place
 * is cloned from it. The base is deleted after its clones. A changed OVA replaces both.
 *
 * Machines are counted, or named by keys. With keys, adding or removing one changes no other machine. With several
 * places a {@link Placement} decides once where each machine is, and the preview shows it.
 *
 * A fleet of an existing machine needs no base, because that machine itself is cloned. Only for linked clones on a
 * datastore that a place names, a full clone is made there once as their base.
 *
 * Everything in its option `dependsOn` exists before any part of the fleet is made.
 *
 * @example
 * ```ts
 * new VmFleet("student", { source: { ova: { ovaPath: "images/tinyVM.ova" } }, count: 20, settings: { memory: 512 } });
 * ```
 */
export class VmFleet extends pulumi.ComponentResource {
  /** The machines by their keys. A fleet with a count has the keys `1`, `2` … */
  readonly machines: Readonly<Record<string, DatastoreClone>>;
  /** The machines, in the order of their indices or of the program. */
  readonly vms: readonly DatastoreClone[];
  /** The machines that were made to be cloned, one per place. */
  readonly bases: readonly (OvaDeployment | DatastoreClone)[];
  /** The place of each machine by its key, as {@link Placement} names it. */
  readonly placeOf: pulumi.Output<Readonly<Record<string, string>>>;

  /**
   * @param name The logical name. Bases and machines derive theirs from it.
   * @throws RunError if the count is not a whole number, if keys or names are not distinct, or if one machine is the
   * source on several hosts.
   */
  constructor(name: string, args: VmFleetArgs, options?: pulumi.ComponentResourceOptions) {
    const fleet = readable(name, argsOf("VmFleet", name, args));
    super("esxi:index:VmFleet", name, {}, options);
    const machines = machinesOf(name, fleet);
    const places = placesOf(name, fleet);
    const mode = fleet.mode ?? "linked";
    const needed = machines.length === 0 ? [] : places;
    const bases = new Map(
      needed
        .filter((place) => !isThere(fleet.source, mode, place) && !isGone(place.host))
        .map((place) => [placeId(place), this.#base(name, fleet, place)]),
    );
    const sourceIn = (place: PlaceArgs): DatastoreCloneArgs["source"] => {
      const base = bases.get(placeId(place));
      if (base !== undefined) return base;
      if ("vm" in fleet.source) return fleet.source.vm;
      throw new pulumi.RunError(`VmFleet "${name}" has no base in the place ${placeId(place)}.`);
    };
    const placement = isDecided(needed, machines)
      ? this.#placement(name, fleet, machines, needed)
      : undefined;
    const [only = {}] = places;
    const whereIs = (key: string): Pick<DatastoreCloneArgs, "host" | "datastore" | "source"> =>
      placement === undefined
        ? { host: only.host, datastore: only.datastore, source: sourceIn(only) }
        : {
            host: placement.hostOf(key),
            datastore: placement.datastoreOf(key),
            // A machine depends only on the base of its own place.
            source: placement.of(key).apply((place) => uuidOf(sourceIn(place))),
          };
    this.placeOf =
      placement?.placeOf ??
      pulumi.output(Object.fromEntries(machines.map(({ key }) => [key, placeId(only)])));
    const made = machines.map(({ key, name: vmName, settings, formerKey }): [string, DatastoreClone] => {
      const aliases = formerKey === undefined ? {} : { aliases: [{ name: `${name}-${formerKey}` }] };
      const vmArgs = { ...settings, ...whereIs(key), name: vmName, mode };
      return [key, new DatastoreClone(`${name}-${key}`, vmArgs, { parent: this, ...aliases })];
    });
    this.machines = Object.fromEntries(made);
    this.vms = made.map(([, vm]) => vm);
    this.bases = [...bases.values()];
    this.registerOutputs({ vms: this.vms.map((vm) => vm.vmxPath) });
  }

  #placement(
    fleet: string,
    { placement, settings }: VmFleetArgs,
    machines: readonly FleetMachine[],
    places: readonly PlaceArgs[],
  ): Placement {
    const memory = settings?.memory;
    const special = machines.flatMap(({ key, place, settings: own }): [string, PlacedMachineArgs][] => {
      const differs = own.memory !== memory;
      if (place === undefined && !differs) return [];
      return [[key, { ...(differs && { memory: own.memory }), place }]];
    });
    const namePattern = `${fleet}-%s`;
    const named = machines.filter(({ key, name }) => name !== namePattern.replaceAll("%s", () => key));
    const former = machines.flatMap(({ key, formerKey }) =>
      formerKey === undefined ? [] : [[key, formerKey]],
    );
    return new Placement(
      `${fleet}-placement`,
      {
        ...placement,
        keys: machines.map(({ key }) => key),
        places,
        memory,
        namePattern,
        templates: places.map((place) => baseName(fleet, place)),
        ...(special.length > 0 && { machines: Object.fromEntries(special) }),
        ...(named.length > 0 && { names: Object.fromEntries(named.map(({ key, name }) => [key, name])) }),
        ...(former.length > 0 && { formerly: Object.fromEntries(former) }),
      },
      { parent: this },
    );
  }

  #base(fleet: string, { source, settings }: VmFleetArgs, place: PlaceArgs): OvaDeployment | DatastoreClone {
    const logical = baseName(fleet, place);
    const options = { parent: this };
    if ("ova" in source) {
      const datastore = place.datastore ?? source.ova.datastore;
      return new OvaDeployment(
        logical,
        { ...source.ova, host: place.host, datastore, powerOn: false },
        options,
      );
    }
    const { host, datastore } = place;
    const args = { source: source.vm, transport: settings?.transport, powerOn: false } as const;
    return new DatastoreClone(logical, { ...args, host, datastore }, options);
  }
}

function baseName(fleet: string, { host, datastore }: PlaceArgs): string {
  return [`${fleet}-base`, host, datastore].filter((part) => part).join("-");
}

const uuidOf = (source: DatastoreCloneArgs["source"]): pulumi.Output<string> =>
  pulumi.CustomResource.isInstance(source) ? source.instanceUuid : pulumi.output(source);

/** True if the machines of that place are cloned from the source itself. */
function isThere(source: FleetSource, mode: "linked" | "full", place: PlaceArgs): boolean {
  return !("ova" in source) && !(mode === "linked" && place.datastore !== undefined);
}

/** True if there is something to decide. A single place without a limit takes all machines. */
function isDecided(places: readonly PlaceArgs[], machines: readonly FleetMachine[]): boolean {
  const isLimited = ({ maxMachines, maxMemory, mode }: PlaceArgs) =>
    maxMachines !== undefined || maxMemory !== undefined || mode !== undefined;
  return places.length > 1 || places.some(isLimited) || machines.some(({ place }) => place !== undefined);
}

/** The places, each once. A place that is listed twice has the weight of both entries. */
function placesOf(fleet: string, { places, hosts, source }: VmFleetArgs): PlaceArgs[] {
  if (places !== undefined && hosts !== undefined) {
    throw new pulumi.RunError(`VmFleet "${fleet}": places and hosts are the same. Give one of them.`);
  }
  const given = (places ?? hosts ?? []).map((place) => (typeof place === "string" ? { host: place } : place));
  const byId = new Map<string, PlaceArgs>();
  for (const place of given) {
    const before = byId.get(placeId(place));
    byId.set(placeId(place), before ? { ...before, weight: weightOf(before) + weightOf(place) } : place);
  }
  const all = [...byId.values()];
  const several = new Set(all.map(({ host }) => host)).size > 1;
  if (several && "vm" in source && pulumi.CustomResource.isInstance(source.vm)) {
    throw new pulumi.RunError(
      `VmFleet "${fleet}": the machine that it is made from is on one host, so all places must be on that host. ` +
        "Give an OVA, or the name of a machine that each of the hosts has.",
    );
  }
  return all.length > 0 ? all : [{}];
}

const weightOf = ({ weight = 1 }: PlaceArgs): number => weight;
