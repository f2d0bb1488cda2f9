import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import type { TimeoutsArgs } from "../../frame/host-resource-args.ts";
import { entityName, name, seconds, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { ADOPT_KEYS } from "../life/adopt-keys.ts";
import type { Change, Theme } from "./setting.ts";
import { type WaitForArgs, waitFor } from "./wait-for.ts";

/** Names a machine that is there already; one of the three. */
export interface AdoptVmArgs {
  /** Its name on the host; there must be one machine only of that name. */
  name?: pulumi.Input<string> | undefined;
  /** Copies made by hand may share it: then say `vmxPath`. */
  instanceUuid?: pulumi.Input<string> | undefined;
  /** Datastore path of its .vmx file, `[datastore1] vm/vm.vmx`. */
  vmxPath?: pulumi.Input<string> | undefined;
}

/** Name, place and running of a virtual machine: nothing of its configuration. */
export interface MachineArgs {
  /**
   * The VM's name on the host: 1–80 characters, and at most 231 bytes in UTF-8, because its files are named after it.
   * Default: the resource's logical name; of a
   * machine that is adopted by its name, that one. Changing it renames in place; the folder on the datastore keeps its name.
   */
  name?: pulumi.Input<string> | undefined;
  /**
   * Which host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. Changing it
   * replaces the VM, and is refused at preview without `allowReplace`.
   */
  host?: pulumi.Input<string | undefined> | undefined;
  /**
   * The datastore's name. Default: the host's only datastore, for a clone that of its source; with several it must be given. Changing it moves the VM
   * with one power cycle: the host copies its files, and the old ones go when the copy has been compared. Disks with a
   * datastore of their own stay. A VM with snapshots, or on which linked clones build, is not moved. A linked clone
   * would be replaced, which is refused at preview without `allowReplace`.
   */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * A resource pool's name, or its path where several have that name. Default: the host's root pool. Changing it moves
   * the VM in place, running or not; over SSH it is off meanwhile.
   */
  resourcePool?: pulumi.Input<string> | undefined;
  /**
   * Whether the VM is to run. `once`: it is started when it is made; after that its users switch it on and off. No update
   * starts or stops it for good, and a VM that somebody has stopped is no difference. Recommended for machines of
   * people. Default true; of a machine that is adopted `once`. Changed in place; a change to `once` does nothing on the host.
   */
  powerOn?: pulumi.Input<boolean | "once"> | undefined;
  /**
   * Whether an update may power the VM off and on again where the host allows a change in no other way: the guest is
   * shut down through VMware Tools first. Default true. With false such an update fails and says so.
   */
  allowPowerCycle?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the VM may be replaced because it is to be in another place: on another `host`, or, a linked clone, on another
   * `datastore` or in another `folder`. The old one is deleted with its disks. Default false: such a change is an error at
   * preview. Changing it does nothing on the host.
   */
  allowReplace?: pulumi.Input<boolean> | undefined;
  /**
   * Takes a machine that is there already under this resource's care instead of making one, without touching it. It
   * must be what the other settings say, else the preview fails and lists every difference. What the program does not
   * say is not compared and stays as it is: no default of new machines counts, and `powerOn` is `"once"`. From then on it is this
   * resource's, and deleted with it unless `retainOnDelete` or `protect` is set. Changing it later changes nothing.
   * For example `{ name: "debian-12" }`.
   */
  adopt?: pulumi.Input<AdoptVmArgs> | undefined;
  /** What to wait for after power-on. Changing it counts at the next update. For example `{ ip: true, timeoutSeconds: 600 }`. */
  waitFor?: pulumi.Input<WaitForArgs> | undefined;
  /** Time limits. For example `{ createSeconds: 3600 }`. */
  timeouts?: pulumi.Input<TimeoutsArgs> | undefined;
}

const timeouts = v.strictObject(
  {
    createSeconds: seconds(),
    updateSeconds: seconds(),
    deleteSeconds: seconds(),
    shutdownSeconds: seconds(0),
  },
  unknownSetting,
);

/** A VM's name as hosts accept it: 1–80 characters, counted as the host counts (`%`, `/`, `\` travel as three). */
const vmName = v.pipe(
  entityName,
  v.check((value) => !/[\u0000-\u001f\u007f]/.test(value), "must not have control characters"),
  v.check((value) => value.trim() === value, "must not begin or end with a space"),
);

const adopt = v.pipe(
  v.strictObject(
    { name: v.optional(name), instanceUuid: v.optional(name), vmxPath: v.optional(name) },
    unknownSetting,
  ),
  v.check(
    (by) => ADOPT_KEYS.filter((key) => by[key] !== undefined).length === 1,
    "must have either a name, an instanceUuid or a vmxPath",
  ),
);

/**
 * Check, cost and preview of each.
 * @internal
 */
export const machine = {
  name: { check: vmName, cost: "inPlace", told: "value" },
  host: { check: v.optional(name), cost: "replace", told: "name", hasDefault: true },
  datastore: { check: v.optional(name), cost: "powerCycle", told: "name" },
  resourcePool: { check: v.optional(name), cost: "inPlace", told: "name", hasDefault: true },
  adopt: { check: v.optional(adopt), cost: "ours", told: "name" },
  powerOn: {
    check: v.optional(v.union([v.boolean(), v.literal("once")], 'must be true, false or "once"'), true),
    cost: ({ wanted }: Change) => (wanted === "once" ? "ours" : "inPlace"),
    told: "value",
  },
  allowPowerCycle: { check: v.optional(yesOrNo, true), cost: "ours", told: "value" },
  allowReplace: { check: v.optional(yesOrNo), cost: "ours", told: "value" },
  waitFor: { check: waitFor, cost: "ours", told: "parts" },
  timeouts: { check: v.optional(timeouts), cost: "ours", told: "name", hasDefault: true },
} satisfies Theme<MachineArgs>;
