import * as v from "valibot";
import { tooLong } from "../../datastore/datastore-place.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { checkInputs } from "../../inputs/check-inputs.ts";
import { addressRules } from "../settings/address-owners.ts";
import { allocationRules } from "../settings/allocation.ts";
import { bootRules } from "../settings/boot.ts";
import { withDiskLabels } from "../settings/disk-labels.ts";
import { diskRules } from "../settings/disk-rules.ts";
import { guestRules } from "../settings/guest.ts";
import { guestIdentityRules, withMacAddresses } from "../settings/guest-identity-rules.ts";
import { hardwareRules } from "../settings/hardware.ts";
import { networkInterfaceRules } from "../settings/network-interfaces.ts";
import { removableMediaRules } from "../settings/removable-media.ts";
import { serialPortRules } from "../settings/serial-ports.ts";
import { vmEntries } from "../settings/settings.ts";
import { startedOnce, waitForRules } from "../settings/wait-for.ts";
import { withoutNewDefaults } from "./adopt-vm.ts";

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
    hardwareRules,
    allocationRules,
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

const vmSchema = v.object(vmEntries);

/** Settings of every VM, checked. */
export type VmSettings = v.InferOutput<typeof vmSchema>;
