import type { DatastoreCloneArgs } from "../vm/datastore-clone.ts";
import type { OvaDeploymentArgs } from "../vm/ova-deployment.ts";
import type { PlaceArgs, PlacementArgs } from "./placement/placement.ts";

/**
 * What a fleet is made from: an OVA, which is uploaded once per place, or a machine that is on the host already.
 */
export type FleetSource =
  | {
      /** The args of an OvaDeployment. For example `{ ovaPath: "images/tinyVM.ova", datastore: "ssd" }`. */
      readonly ova: Omit<OvaDeploymentArgs, "name" | "host" | "powerOn" | "waitFor">;
    }
  | {
      /** What `source` of a DatastoreClone can be. */
      readonly vm: DatastoreCloneArgs["source"];
    };

/** Settings of one machine of a fleet. */
export type FleetVmArgs = Partial<
  Omit<DatastoreCloneArgs, "source" | "mode" | "host" | "datastore" | "name">
>;

/** One machine of a fleet by key. */
export interface FleetMachineArgs extends FleetVmArgs {
  /** Its name on the host. Default: by `namePattern`. Changing it renames in place. */
  readonly name?: string | undefined;
  /**
   * The desired place: a host's name, or `host/datastore` if the place names both. Default: the fleet decides once.
   * Changing it moves or replaces the machine, like a change of `host` and `datastore` of a DatastoreClone.
   */
  readonly place?: string | undefined;
}

/** How a fleet distributes machines to its places. See {@link Placement}. */
export type FleetPlacementArgs = Pick<PlacementArgs, "by" | "overcommit" | "diskSpace" | "keepFree">;

interface CommonFleetArgs {
  /** What all machines are made from. For example `{ ova: { ovaPath: "images/tinyVM.ova" } }` or `{ vm: golden }`. */
  readonly source: FleetSource;
  /** `linked` (default) or `full`. See {@link DatastoreClone}. Changing it replaces the machines. */
  readonly mode?: "linked" | "full" | undefined;
  /** Settings that all machines have. For example `{ memory: 512 }`. */
  readonly settings?: FleetVmArgs | undefined;
  /**
   * Where machines can be: hosts by their names in the configuration's `esxi:hosts`, or places with a datastore, a
   * weight, limits, a mode. Each machine gets a place once and keeps it, even if other machines and places are added or
   * removed. Only machines of a place that is taken out or evacuated go to others. They are made anew there, which
   * needs `allowReplace: true` in their settings. Default: the host of `esxi:host`. A place that is listed twice has
   * twice the weight. For example `["lab1", { host: "lab2", datastore: "ssd" }]`.
   */
  readonly places?: readonly (string | PlaceArgs)[] | undefined;
  /** The same as `places`. For example `["lab1", "lab2"]`. */
  readonly hosts?: readonly (string | PlaceArgs)[] | undefined;
  /** How machines are distributed among several places. For example `{ by: "count" }`. */
  readonly placement?: FleetPlacementArgs | undefined;
}

/** A fleet of a number of machines, whose keys are `1`, `2` … */
export interface CountedFleetArgs extends CommonFleetArgs {
  /** How many machines, from 0 on. Changing it makes or deletes machines at the end only. */
  readonly count: number;
  /**
   * Name of each machine: a text in which `%d` stands for its number from 1 on, or a function of its index from 0 on.
   * Default: the fleet's name, a dash and the number. Changing it renames in place. For example
   * `(index) => names[index]`.
   */
  readonly namePattern?: string | ((index: number) => string) | undefined;
  /**
   * Settings of one machine by its index from 0 on. They win over those of all machines. `guest` is joined part by
   * part. For example `(index) => ({ annotation: names[index] })`.
   */
  readonly settingsOf?: ((index: number) => FleetVmArgs) | undefined;
  readonly keys?: undefined;
  readonly machines?: undefined;
  readonly formerly?: undefined;
}

/**
 * A fleet with one machine for each key, such as a person's login. Adding or removing a key changes no other machine.
 */
export interface KeyedFleetArgs extends CommonFleetArgs {
  /**
   * Keys of machines that are like all others: distinct, not empty. Their order does not matter. For example
   * `["alice", "bob"]`.
   */
  readonly keys?: readonly string[] | undefined;
  /** Machines by their keys, with the settings of each: `{ alice: {}, bob: { memory: 4096 } }`. */
  readonly machines?: Readonly<Record<string, FleetMachineArgs>> | undefined;
  /**
   * Name of each machine: a text in which `%s` stands for the key, or a function of the key. Default: the fleet's name,
   * a dash and the key. Changing it renames in place. For example `(key) => key.toUpperCase()`.
   */
  readonly namePattern?: string | ((key: string) => string) | undefined;
  /**
   * Settings of one machine by its key. They win over those of all machines, and those in `machines` win over them.
   * `guest` is joined part by part. For example `(key) => ({ annotation: key })`.
   */
  readonly settingsOf?: ((key: string) => FleetVmArgs) | undefined;
  /**
   * Keys that machines had before, such as their numbers in a fleet that had a `count`: `{ alice: "3" }`. The machine
   * stays the same and in its place, and is renamed. The entry can be removed once that is done.
   */
  readonly formerly?: Readonly<Record<string, string | number>> | undefined;
  readonly count?: undefined;
}

/** The source of a {@link VmFleet} and its machines: `count` machines, or one for each of `keys` and `machines`. */
export type VmFleetArgs = CountedFleetArgs | KeyedFleetArgs;
