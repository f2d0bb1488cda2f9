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
  /** A place of weight 2 is given twice as many new machines as one of weight 1, the default. Above 0, at most 1000. */
  weight?: number | undefined;
  /** How many machines of the fleet it takes at most. Default: no limit. */
  maxMachines?: number | undefined;
  /** How much memory it gives to machines of the fleet at most, in MB. Default: no limit but the host's memory. */
  maxMemory?: number | undefined;
  /**
   * `open` (default) takes new machines. `closed` keeps those that it has and takes no more, except those that the
   * program pins to it. `evacuate` gives all away: they are made anew in other places, **without their disks' content**;
   * the preview names each.
   */
  mode?: "open" | "closed" | "evacuate" | undefined;
}

/** What is special about one machine of a {@link Placement}. */
export interface PlacedMachineArgs {
  /** Its memory in MB, where it differs from that of the others. */
  memory?: pulumi.Input<number> | undefined;
  /**
   * The place where it is to be: a host's name, or `host/datastore` where a place names both. Changing it moves the
   * machine if its class can do that, and replaces it otherwise.
   */
  place?: string | undefined;
}

/** Which machines a {@link Placement} places, and where they can be. */
export interface PlacementArgs {
  /** Keys of the machines: distinct, not empty. Their order does not matter. For example `["alice", "bob"]`. */
  keys: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Machines that differ from the others, by their keys. For example `{ bob: { memory: 4096 } }`. */
  machines?: pulumi.Input<Readonly<Record<string, PlacedMachineArgs>>> | undefined;
  /**
   * Where machines can be. Changing it moves nobody, except from a place that is taken out or evacuated: those machines
   * are replaced. For example `[{ host: "lab1" }, { host: "lab2", weight: 2 }]`.
   */
  places: readonly PlaceArgs[];
  /**
   * What is given away evenly: `memory` (default) in proportion to what each host has, or `count`. With `memory` the
   * hosts' memory is a limit too.
   */
  by?: pulumi.Input<"memory" | "count"> | undefined;
  /** Memory of each machine in MB. Default 2048. */
  memory?: pulumi.Input<number> | undefined;
  /**
   * How much memory a host gives away, as a factor of what it has. Default 1: no more than it has. Machines that are
   * off count too, because their owners can start them.
   */
  overcommit?: pulumi.Input<number> | undefined;
  /** Space that each new machine is expected to take on a datastore that its place names, in GB. Default 2. */
  diskSpace?: pulumi.Input<number> | undefined;
  /** How much of such a datastore stays free, in percent. Default 10. */
  keepFree?: pulumi.Input<number> | undefined;
  /**
   * Names of the machines: a text in which `%s` stands for the key. By them and the marks on machines a new placement
   * (lost state, a replacement by force) finds where each of them is. A place where somebody else has a machine of that
   * name is passed over. Default `%s`.
   */
  namePattern?: pulumi.Input<string> | undefined;
  /** Names of machines that the pattern does not fit, by their keys. For example `{ alice: "alice-old" }`. */
  names?: pulumi.Input<Readonly<Record<string, string>>> | undefined;
  /**
   * Names of machines that are never started, such as the base of linked clones: their memory counts for nothing.
   * For example `["golden"]`.
   */
  templates?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** Keys that machines had before: `{ alice: "3" }`. Such a machine stays where the earlier key was. */
  formerly?: pulumi.Input<Readonly<Record<string, string>>> | undefined;
}

/**
 * Decides in which place each machine of a fleet is, and keeps it: whoever comes or goes, everybody else stays. New
 * machines go where the smallest part is given away. It decides for all of them at once and in the preview, so each
 * machine depends on its own place only.
 *
 * It is nothing on a host, and asks the hosts only if there are machines without a place. A host that does not answer
 * stops new machines and no others.
 *
 * Fails in the preview if machines find no place, with the numbers of each.
 *
 * @example
 * ```ts
 * const people = ["alice", "bob", "carl"];
 * const placement = new Placement("class", { keys: people, places: [{ host: "lab1" }, { host: "lab2", weight: 2 }] });
 * for (const person of people) new ScratchVm(person, { host: placement.hostOf(person) });
 * ```
 */
export class Placement extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:Placement";

  /** The place of each machine by its key: a host's name, or `host/datastore` where a place names both. */
  readonly placeOf: pulumi.Output<Readonly<Record<string, string>>>;

  /** JSON: keys by place. A map would be most of a large stack's state, which Pulumi writes line by line. */
  declare readonly assigned: pulumi.Output<string>;

  readonly #name: string;
  readonly #places: ReadonlyMap<string, PlaceArgs>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: PlacementArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("Placement", name, args);
    super("Placement", name, { ...given }, ["assigned"], options, false);
    this.#name = name;
    this.#places = new Map(
      // What else stands there the check refuses.
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
   * The place of one machine, as `places` gives it.
   * @throws RunError, when the program runs, for a key that has none: mostly because `pulumi up --target` left this
   * resource out.
   */
  of(key: string): pulumi.Output<PlaceArgs> {
    return this.placeOf.apply((placeOf) => {
      const id = entryOf(placeOf, key, `Placement "${this.#name}"`, "place");
      return this.#places.get(id) ?? {};
    });
  }

  /** The host of one machine, by its name in `esxi:hosts`; undefined for the host of `esxi:host`. As {@link of}. */
  hostOf(key: string): pulumi.Output<string | undefined> {
    return this.of(key).apply(({ host }) => host);
  }

  /** The datastore of one machine, if its place names one. As {@link of}. */
  datastoreOf(key: string): pulumi.Output<string | undefined> {
    return this.of(key).apply(({ datastore }) => datastore);
  }
}
