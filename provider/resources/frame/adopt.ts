import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { changedSettings, describeSettings, type SettingRules } from "../inputs/setting-diff.ts";
import type { Properties } from "./lifecycle.ts";

/** Something that a create finds on its host, under the name that it wants. */
export interface Found {
  /** `the port group "dev"` */
  readonly what: string;
  /** As outputs have it. */
  readonly now: Properties;
  /** Settings that are compared. */
  readonly keys: readonly string[];
  readonly rules: SettingRules;
  /** The setting that says what it is called. Default `name`. */
  readonly calledBy?: string;
  /** Why it is not this resource's own, as a sentence. */
  readonly why?: string;
}

/**
 * Lets a create take over what is on the host already, if the program asks for it and the settings agree.
 *
 * @throws HostError that says how to adopt it, or names all differences.
 */
export function takeOver(host: EsxiHost, settings: Properties, found: Found): void {
  const { what, calledBy = "name", why } = found;
  if (settings.adopt !== true) throw thereAlready(host, what, calledBy, why);
  const error = inWhatItDiffers(host, settings, found);
  if (error !== undefined) throw error;
}

/** The error of an adoption, which names all differences. Undefined if there are none. */
export function inWhatItDiffers(host: EsxiHost, settings: Properties, found: Found): HostError | undefined {
  const { what, now, keys, rules } = found;
  const differing = changedSettings(keys, now, settings, rules);
  if (differing.length === 0) return undefined;
  return new HostError(
    `${host.name} has ${what}, but it is not what the program says, so it was neither adopted nor changed: ` +
      `${describeSettings(differing, now, settings, rules)} (on the host → in the program). ` +
      "Make the program say what the host has, adopt it, and change it then.",
  );
}

/** The error of a create whose name is taken. @param what, calledBy, why as of {@link Found} */
export function thereAlready(host: EsxiHost, what: string, calledBy: string, why?: string): HostError {
  return new HostError(
    `${host.name} has ${what} already, and it is left alone. ${why === undefined ? "" : `${why} `}` +
      `Set \`adopt: true\` to take it under management as it is, or give this resource another \`${calledBy}\`.`,
  );
}
