import * as v from "valibot";
import type { EsxiHost } from "../host/esxi-host.ts";
import { HostError } from "../host/host-error.ts";
import type { Properties } from "./lifecycle.ts";
import { changedSettings } from "./setting-diff.ts";
import { yesOrNo } from "./vm/settings/forms.ts";

/** The setting of those that can take over what is on the host already. */
export const adoptEntry = { adopt: v.optional(yesOrNo, false) };

/**
 * Refuses to take over what is not what the program asks for.
 * @param what What was found, as the message begins with it: `The folder "[datastore1] iso"`.
 * @param found What the host has, by setting; a setting that the program does not ask for is not compared.
 * @throws HostError with each difference.
 */
export function refuseDifferent(host: EsxiHost, what: string, found: Properties, wanted: Properties): void {
  const differing = changedSettings(Object.keys(found), found, wanted, {});
  if (differing.length === 0) return;
  const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));
  const list = differing.map((key) => `${key} is ${shown(found[key])}, not ${shown(wanted[key])}`);
  throw new HostError(
    `${what} on ${host.name} differs from what is to be adopted: ${list.join("; ")}. Nothing was changed. ` +
      "Make the program say what is there; after the adoption it can ask for changes.",
  );
}

/** Refuses what is there already. `adopt` is in the message, since that is the way to take it over. */
export function alreadyThere(host: EsxiHost, what: string, why = ""): HostError {
  return new HostError(
    `${what} is on ${host.name} already, and it is left alone. ${why && `${why} `}` +
      "Set adopt: true to take it under management as it is, or give this resource another name or path.",
  );
}
