import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import type { TimeoutsArgs } from "../../frame/host-resource-args.ts";
import { entityName, name, seconds, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { ADOPT_KEYS } from "../life/adopt-keys.ts";
import type { Change, Theme } from "./setting.ts";
import { type WaitForArgs, waitFor } from "./wait-for.ts";

/** Names an existing machine, by one of the three. */
export interface AdoptVmArgs {
  /** Its name on the host. Only one machine may have that name. */
  name?: pulumi.Input<string> | undefined;
  /** Its instance UUID. Copies made by hand may have the same one. Then use `vmxPath`. */
  instanceUuid?: pulumi.Input<string> | undefined;
  /** Datastore path of its .vmx file, `[datastore1] vm/vm.vmx`. */
  vmxPath?: pulumi.Input<string> | undefined;
}

/** Name, place and power state of a virtual machine. Nothing of its configuration. */
export interface MachineArgs {
  /**
   * The VM's name on the host: 1–80 characters, and at most 231 bytes in UTF-8, because its files are named after it.
   * Default: the resource's logical name, or the name by which a machine is adopted. Changing it renames in place; the
   * folder on the datastore keeps its name.
   */
  name?: pulumi.Input<string> | undefined;
  /**
   * The host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. Changing it replaces
   * the VM, and is refused at preview without `allowReplace`.
   */
  host?: pulumi.Input<string | undefined> | undefined;
  /**
   * The datastore's name. Default: the host's only datastore, for a clone that of its source; required if there are
   * several. Changing it moves the VM with one power cycle. The host copies its files, and deletes the old ones when
   * the copy has been compared. Disks with a datastore of their own stay. A VM with snapshots, or on which linked
   * clones build, is not moved. A linked clone would be replaced, which is refused at preview without `allowReplace`.
   */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * A resource pool's name, or its path if several have that name. Default: the host's root pool. Changing it moves the
   * VM in place, running or not; over SSH the VM is off during the move.
   */
  resourcePool?: pulumi.Input<string> | undefined;
  /**
   * Whether the VM runs. `once` starts it when it is made. After that its users switch it on and off: no update starts
   * or stops it for good, and a VM that somebody has stopped is no difference. Recommended for machines that people
   * use. Default true; for a machine that is adopted `once`. Changed in place. A change to `once` does nothing on the
   * host.
   */
  powerOn?: pulumi.Input<boolean | "once"> | undefined;
  /**
   * Whether an update may power the VM off and on again if the host allows a change in no other way. The guest is first
   * shut down through VMware Tools. Default true. With false such an update fails and says so.
   */
  allowPowerCycle?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the VM may be replaced because its place changes: another `host`, or for a linked clone another `datastore`
   * or `folder`. The old one is deleted with its disks. Default false: such a change is an error at preview. Changing
   * it does nothing on the host.
   */
  allowReplace?: pulumi.Input<boolean> | undefined;
  /**
   * Adopts an existing machine instead of making one, without changing it. The machine must be as the other settings
   * say, otherwise the preview fails and lists every difference. Settings that the program leaves out are not compared
   * and stay as they are: defaults of new machines do not count, and `powerOn` is `"once"`. From then on the machine
   * belongs to this resource, and is deleted with it unless `retainOnDelete` or `protect` is set. Changing it later
   * changes nothing. For example `{ name: "debian-12" }`.
   */
  adopt?: pulumi.Input<AdoptVmArgs> | undefined;
  /**
   * What to wait for after power-on. Changing it counts at the next update. For example
   * `{ ip: true, timeoutSeconds: 600 }`.
   */
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

/** A VM's name as hosts accept it: 1–80 characters, as the host counts them (`%`, `/` and `\` count as three). */
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
 * Check, cost and preview of each setting.
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
