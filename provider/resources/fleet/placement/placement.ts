import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../../program/esxi-resource.ts";
import { argsOf } from "../../frame/given-args.ts";
import { entryOf } from "../entry-of.ts";
import { placeId } from "./place-id.ts";

/** A place for machines of a {@link Placement}. */
export interface PlaceArgs {
  /** A host by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: string | undefined;
  /** A datastore of that host. Default: that of the machines' source. */
  datastore?: string | undefined;
  /** A place of weight 2 gets twice as many new machines as one of weight 1, the default. Above 0, at most 1000. */
  weight?: number | undefined;
  /** The most machines of the fleet in this place. Default: no limit. */
  maxMachines?: number | undefined;
  /** The most memory for machines of the fleet in this place, in MB. Default: no limit but the host's memory. */
  maxMemory?: number | undefined;
  /**
   * `open` (default) takes new machines. `closed` keeps its machines and takes no more, except those that the program
   * pins to it. `evacuate` keeps none: its machines are made anew in other places, **without their disks' content**.
   * The preview names each.
   */
  mode?: "open" | "closed" | "evacuate" | undefined;
}

/** The special settings of one machine of a {@link Placement}. */
export interface PlacedMachineArgs {
  /** Its memory in MB, if it differs from that of the others. */
  memory?: pulumi.Input<number> | undefined;
  /**
   * The desired place: a host's name, or `host/datastore` if the place names both. Changing it moves the machine if its
   * class can do that, and replaces it otherwise.
   */
  place?: string | undefined;
}

/** The machines that a {@link Placement} places, and where they can be. */
export interface PlacementArgs {
  /** Keys of the machines: distinct, not empty. Their order does not matter. For example `["alice", "bob"]`. */
  keys: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Machines that differ from the others, by their keys. For example `{ bob: { memory: 4096 } }`. */
  machines?: pulumi.Input<Readonly<Record<string, PlacedMachineArgs>>> | undefined;
  /**
   * Where machines can be. Changing it moves no machine, except from a place that is taken out or evacuated: those
   * machines are replaced. For example `[{ host: "lab1" }, { host: "lab2", weight: 2 }]`.
   */
  places: readonly PlaceArgs[];
  /**
   * What is distributed evenly: `memory` (default), in proportion to the memory of each host, or `count`. With `memory`
   * the hosts' memory is a limit too.
   */
  by?: pulumi.Input<"memory" | "count"> | undefined;
  /** Memory of each machine in MB. Default 2048. */
  memory?: pulumi.Input<number> | undefined;
  /**
   * How much memory of a host may be given to machines, as a factor of its memory. Default 1: not more than it has.
   * Machines that are off count too, because their owners can start them.
   */
  overcommit?: pulumi.Input<number> | undefined;
  /** Space that each new machine is expected to use on a datastore that its place names, in GB. Default 2. */
  diskSpace?: pulumi.Input<number> | undefined;
  /** How much of such a datastore stays free, in percent. Default 10. */
  keepFree?: pulumi.Input<number> | undefined;
  /**
   * Names of the machines: a text in which `%s` stands for the key. A new placement (lost state, a replacement by
   * force) finds the machines by these names and the marks on them. A place where somebody else has a machine of that
   * name is not used for it. Default `%s`.
   */
  namePattern?: pulumi.Input<string> | undefined;
  /** Names of machines to which the pattern does not apply, by their keys. For example `{ alice: "alice-old" }`. */
  names?: pulumi.Input<Readonly<Record<string, string>>> | undefined;
  /**
   * Names of machines that are never started, such as the base of linked clones. Their memory does not count. For
   * example `["golden"]`.
   */
  templates?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** Keys that machines had before: `{ alice: "3" }`. Such a machine keeps the place of its earlier key. */
  formerly?: pulumi.Input<Readonly<Record<string, string>>> | undefined;
}

/**
 * Decides in which place each machine of a fleet is, and keeps it: if machines are added or removed, all others stay.
 * New machines go to the place that is least full. It decides for all of them at once and in the preview, so each
 * machine depends only on its own place.
 *
 * It is nothing on a host, and asks the hosts only if there are machines without a place. If a host does not answer,
 * only new machines have to wait.
 *
 * The preview fails if there is no place for some machines, with the numbers of each place.
 *
 * @example
 * ```ts
 * const people = ["alice", "bob", "carl"];
 * const placement = new Placement("class", { keys: people, places: [{ host: "lab1" }, { host: "lab2", weight: 2 }] });
 * for (const person of people) new ScratchVm(person, { host: placement.hostOf(person) });
 * ```
 */
export class Placement extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:Placement";

  /** The place of each machine by its key: a host's name, or `host/datastore` if the place names both. */
  readonly placeOf: pulumi.Output<Readonly<Record<string, string>>>;

  /** JSON: keys by place. A map would be most of a large stack's state, because Pulumi writes it line by line. */
  declare readonly assigned: pulumi.Output<string>;

  readonly #name: string;
  readonly #places: ReadonlyMap<string, PlaceArgs>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: PlacementArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("Placement", name, args);
    super("Placement", name, { ...given }, ["assigned"], options, false);
    this.#name = name;
    this.#places = new Map(
      // The check refuses all other values.
      (Array.isArray(given.places) ? given.places : []).flatMap((place) =>
        typeof place === "object" && place !== null ? [[placeId(place), place] as const] : [],
      ),
    );
    this.placeOf = this.assigned.apply((text) => {
      const keysOf = JSON.parse(text) as Record<string, string[]>;
      return Object.fromEntries(
        Object.entries(keysOf).flatMap(([place, keys]) => keys.map((key) => [key, place])),
      );
    });
  }

  /**
   * The place of one machine, as in `places`.
   * @throws RunError, when the program runs, for a key that has none. Usually `pulumi up --target` has left this
   * resource out.
   */
  of(key: string): pulumi.Output<PlaceArgs> {
    return this.placeOf.apply((placeOf) => {
      const id = entryOf(placeOf, key, `Placement "${this.#name}"`, "place");
      return this.#places.get(id) ?? {};
    });
  }

  /** The host of one machine, by its name in `esxi:hosts`. Undefined for the host of `esxi:host`. See {@link of}. */
  hostOf(key: string): pulumi.Output<string | undefined> {
    return this.of(key).apply(({ host }) => host);
  }

  /** The datastore of one machine, if its place names one. See {@link of}. */
  datastoreOf(key: string): pulumi.Output<string | undefined> {
    return this.of(key).apply(({ datastore }) => datastore);
  }
}
