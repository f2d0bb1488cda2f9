import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../../program/esxi-resource.ts";
import { argsOf } from "../../frame/given-args.ts";
import { entryOf } from "../entry-of.ts";

/** Port groups whose VLANs are numbers of a {@link Numbers}. */
export interface NumberedPortGroupsArgs {
  /** The names of the port groups: a text in which `%s` stands for the key, such as `team-%s`. */
  namePattern: pulumi.Input<string>;
  /**
   * Hosts by their names in the configuration's `esxi:hosts`. Default: the host of `esxi:host`.
   * For example `["lab1", "lab2"]`.
   */
  hosts?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
}

/** The keys of a {@link Numbers}, and the range of its numbers. */
export interface NumbersArgs {
  /**
   * Who or what gets a number: distinct, not empty. Their order does not matter. Changed in place: adding or removing a
   * key changes no other number. For example `["red", "blue"]`.
   */
  keys: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** The lowest number. Changed in place: only keys with a lower number get another one. */
  from: pulumi.Input<number>;
  /** The highest number. Changed in place: only keys with a higher number get another one. */
  to: pulumi.Input<number>;
  /**
   * Numbers of certain keys, which may be outside of the range: `{ admin: 10 }`. No other key gets them, even while the
   * key is not in `keys`. Changed in place.
   */
  fixed?: pulumi.Input<Readonly<Record<string, pulumi.Input<number>>>> | undefined;
  /**
   * Port groups that were made with these numbers as their VLANs. A new `Numbers` (lost state, a replacement by force)
   * takes over the numbers that it finds there. A `Numbers` that has its numbers asks no host. For example
   * `{ namePattern: "team-%s" }`.
   */
  portGroups?: pulumi.Input<NumberedPortGroupsArgs> | undefined;
}

/**
 * Gives each key a number and keeps it: for VLANs, addresses, ports. If keys are added or removed, the others keep
 * their numbers. A free number is used again only when all others have been used. Numbers are known in a preview.
 *
 * It is nothing on a host. Deleting it, or replacing it by force, forgets the numbers, except those that `portGroups`
 * finds again.
 *
 * The preview fails if there are more keys than numbers in the range, or if two keys have the same fixed number.
 *
 * @example
 * ```ts
 * const vlans = new Numbers("vlans", { keys: ["red", "blue"], from: 200, to: 299 });
 * new PortGroup("team-red", { virtualSwitch: "vSwitch0", vlanId: vlans.of("red") });
 * ```
 */
export class Numbers extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:Numbers";

  /** The number of each key. */
  declare readonly numbers: pulumi.Output<Readonly<Record<string, number>>>;
  /** Numbers of keys that are gone. The one that is unused for the longest time comes first. */
  declare readonly retired: pulumi.Output<readonly number[]>;

  readonly #name: string;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: NumbersArgs, options?: pulumi.CustomResourceOptions) {
    super("Numbers", name, { ...argsOf("Numbers", name, args) }, ["numbers", "retired"], options, false);
    this.#name = name;
  }

  /**
   * The number of one key.
   * @throws RunError, when the program runs, for a key that has none. Usually `pulumi up --target` has left this
   * resource out.
   */
  of(key: string): pulumi.Output<number> {
    return this.numbers.apply((numbers) => entryOf(numbers, key, `Numbers "${this.#name}"`, "number"));
  }
}
