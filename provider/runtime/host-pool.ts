import { EsxiHost } from "../host/esxi-host.ts";
import type { HostSettings } from "../host/host-settings.ts";
import { ThumbprintError } from "../vim/tls/thumbprint.ts";
import { SettingsError } from "./settings-error.ts";
import { hostSettings, type StackConfig, whereOf } from "./stack-configuration.ts";

const hosts = new Map<string, EsxiHost>();
/** By configuration and name. One run asks a thousand times, and its configuration never changes. */
let known = new WeakMap<StackConfig, Map<string, EsxiHost>>();

/**
 * The host of that name, one object for the whole process: Pulumi runs all resources of a stack in it.
 * @throws SettingsError if the configuration does not say how to reach it.
 */
export function hostOf(config: StackConfig, name: string | undefined): EsxiHost {
  const byName = known.get(config) ?? new Map<string, EsxiHost>();
  known.set(config, byName);
  const host = byName.get(name ?? "") ?? open(config, name);
  byName.set(name ?? "", host);
  return host;
}

function open(config: StackConfig, name: string | undefined): EsxiHost {
  const settings = hostSettings(config, name);
  // A host that the configuration has twice is one host: one login, one set of limits, one view of it.
  const { name: _, ...access } = settings;
  const key = JSON.stringify(access);
  const host = hosts.get(key) ?? made(settings, name);
  hosts.set(key, host);
  return host;
}

function made(settings: HostSettings, name: string | undefined): EsxiHost {
  try {
    return new EsxiHost(settings);
  } catch (error) {
    if (!(error instanceof ThumbprintError)) throw error;
    throw new SettingsError(`${whereOf(name)}thumbprint cannot be used. ${error.message}`, { cause: error });
  }
}

/** Logs out of all hosts. */
export async function closeHosts(): Promise<void> {
  const all = [...hosts.values()];
  hosts.clear();
  known = new WeakMap();
  await Promise.all(all.map((host) => host.close()));
}
