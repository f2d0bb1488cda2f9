import * as v from "valibot";
import { tooLong } from "../../datastore/datastore-place.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { checkInputs } from "../../inputs/check-inputs.ts";
import {
  entityName,
  name,
  seconds,
  text,
  textsByName,
  unknownSetting,
  wholeNumber,
  yesOrNo,
} from "../../inputs/setting-forms.ts";
import { addressRules } from "../settings/address-owners.ts";
import { allocationEntries, allocationRules } from "../settings/allocation.ts";
import { autoStart } from "../settings/auto-start.ts";
import { bootEntries, bootRules } from "../settings/boot.ts";
import { withDiskLabels } from "../settings/disk-labels.ts";
import { diskRules } from "../settings/disk-rules.ts";
import { disks } from "../settings/disks.ts";
import { guestEntries, guestRules } from "../settings/guest.ts";
import { guestIdentityRules, withMacAddresses } from "../settings/guest-identity-rules.ts";
import { hardwareEntries, hardwareRules } from "../settings/hardware.ts";
import { networkInterfaceRules, networkInterfaces } from "../settings/network-interfaces.ts";
import { cdroms, floppy, removableMediaRules } from "../settings/removable-media.ts";
import { serialPortRules, serialPorts } from "../settings/serial-ports.ts";
import { startedOnce, waitFor, waitForRules } from "../settings/wait-for.ts";
import { ADOPT_KEYS } from "./adopt-keys.ts";
import { withoutNewDefaults } from "./adopt-vm.ts";

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

/** Settings of every VM; the three VM resources put theirs beside them. */
export const vmEntries = {
  name: vmName,
  host: v.optional(name),
  datastore: v.optional(name),
  resourcePool: v.optional(name),
  numCpus: v.optional(wholeNumber(1, 768, "")),
  numCoresPerSocket: v.optional(wholeNumber(1, 768, "")),
  memory: v.optional(
    v.pipe(
      wholeNumber(4, 25_165_824, "MB"),
      v.check((value) => value % 4 === 0, "must be a multiple of 4 MB, or the host will not power the VM on"),
    ),
  ),
  ...allocationEntries,
  ...hardwareEntries,
  ...bootEntries,
  annotation: v.optional(text),
  extraConfig: v.optional(textsByName()),
  disks,
  cdroms,
  floppy,
  networkInterfaces,
  serialPorts,
  ...guestEntries,
  autoStart,
  adopt: v.optional(adopt),
  powerOn: v.optional(v.union([v.boolean(), v.literal("once")], 'must be true, false or "once"'), true),
  allowPowerCycle: v.optional(yesOrNo, true),
  allowReplace: v.optional(yesOrNo),
  waitFor,
  timeouts: v.optional(timeouts),
};

/**
 * Checks the inputs of a VM: each setting by the schema, and what of them does not go together, or with what was there.
 *
 * @param olds Inputs of the last run; empty for a new VM.
 * @returns The inputs with defaults filled in, and one failure for each thing that is wrong with them.
 */
export function checkVm(
  schema: v.GenericSchema,
  olds: Properties,
  news: Properties,
  outputs: readonly string[],
): { inputs: Properties; failures: CheckFailure[] } {
  const checked = checkInputs(schema, news, outputs);
  const inputs = startedOnce(
    withMacAddresses(withDiskLabels(olds, withoutNewDefaults(checked.inputs, news, olds))),
  );
  return { inputs, failures: [...checked.failures, ...vmRules(inputs, olds), ...addressRules(inputs)] };
}

/** What is wrong between settings that are fine each by itself, and what cannot follow on those of the last run. */
export function vmRules(inputs: Properties, olds: Properties = {}): CheckFailure[] {
  const rules = [
    sizeRules,
    allocationRules,
    hardwareRules,
    bootRules,
    removableMediaRules,
    networkInterfaceRules,
    serialPortRules,
    guestRules,
    guestIdentityRules,
    waitForRules,
  ];
  return [
    ...fileNameRules(inputs, olds),
    ...diskRules(olds, inputs),
    ...rules.flatMap((rule) => rule(inputs)),
  ];
}

/** The longest that a host puts behind a machine's name in names of its files: of snapshots of its hundredth disk. */
export const MOST_BYTES_BEHIND_NAME = "_99-000001-sesparse.vmdk".length;

/** A new machine's folder and files have its name, unless it is put into a folder of another one. */
function fileNameRules({ name, folder, adopt }: Properties, olds: Properties): CheckFailure[] {
  if (typeof name !== "string" || name === olds.name || folder !== undefined || adopt !== undefined)
    return [];
  const reason = tooLong(name, MOST_BYTES_BEHIND_NAME);
  return reason === undefined ? [] : [{ property: "name", reason }];
}

function sizeRules({ numCpus, numCoresPerSocket }: Properties): CheckFailure[] {
  if (typeof numCpus !== "number" || typeof numCoresPerSocket !== "number") return [];
  if (numCpus % numCoresPerSocket === 0) return [];
  return [{ property: "numCoresPerSocket", reason: `must divide numCpus, which is ${numCpus}` }];
}

const vmSchema = v.object(vmEntries);

/** Settings of every VM, checked. */
export type VmSettings = v.InferOutput<typeof vmSchema>;
