import type { OptionValue } from "../../../schema/index.ts";
import { isPackageFile } from "../../ovf/descriptor/extra-config.ts";
import { isOwnKey } from "../vm/reading/own-keys.ts";

/** The result for the advanced settings of an OVA. */
export interface AdmittedOptions {
  readonly admitted: readonly OptionValue[];
  /** Keys that the machine does not get although somebody may expect them. */
  readonly leftOut: readonly string[];
}

/**
 * Chooses among the advanced settings that the host has read from a descriptor. The host's reading counts here,
 * because a preview may have read the descriptor otherwise. Keys of this package are always dropped: with them, a
 * stranger's file could say whose the machine is, and which disks go with it.
 * @param allowed whether the program takes all others
 * @param own keys that the program sets itself
 */
export function admitOptions(
  options: readonly OptionValue[],
  allowed: boolean,
  own: readonly string[],
): AdmittedOptions {
  const setByProgram = new Set(own.map((key) => key.toLowerCase()));
  const foreign = options.filter(({ key }) => !isOwnKey(key) && !setByProgram.has(key.toLowerCase()));
  const isAdmitted = ({ key, value }: OptionValue) => allowed || isPackageFile({ key, value: String(value) });
  return {
    admitted: foreign.filter(isAdmitted),
    leftOut: foreign.filter((option) => !isAdmitted(option)).map(({ key }) => key),
  };
}
