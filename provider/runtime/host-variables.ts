import { HOST_KEYS, variableOf } from "../configuration-keys.ts";
import { SettingsError } from "./settings-error.ts";

type Key = (typeof HOST_KEYS)[number];

/**
 * The settings of a host in the environment, by key.
 *
 * @param others The other hosts of the configuration. Undefined stands for the only one, of `esxi:host`.
 * @throws SettingsError if a variable could mean two of them. One would get the other's password.
 */
export function hostVariables(
  environment: NodeJS.ProcessEnv,
  host: string | undefined,
  others: readonly (string | undefined)[],
): { readonly [K in Key]?: string } {
  const set = HOST_KEYS.flatMap((key): [Key, string][] => {
    const value = environment[variableOf(key, host)];
    return value === undefined || value === "" ? [] : [[key, value]];
  });
  for (const [key] of set) refuseShared(key, host, others);
  return Object.fromEntries(set);
}

function refuseShared(key: Key, host: string | undefined, others: readonly (string | undefined)[]): void {
  const variable = variableOf(key, host);
  for (const other of others) {
    const same = HOST_KEYS.find((each) => variableOf(each, other) === variable);
    if (same === undefined) continue;
    throw new SettingsError(
      `The environment variable ${variable} would be ${setting(key, host)} and ${setting(same, other)} at once. ` +
        "Give one of the hosts another name in esxi:hosts, or unset the variable.",
    );
  }
}

const setting = (key: Key, host: string | undefined) =>
  host === undefined ? `esxi:${key}` : `esxi:hosts.${host}.${key}`;
