import { readFileSync } from "node:fs";
import path from "node:path";
import { CAP_KEYS, HOST_KEYS, variableOf } from "../configuration-keys.ts";
import type { HostSettings } from "../host/host-settings.ts";
import { printable } from "../host/printable.ts";
import { originOf } from "./host-address.ts";
import { hostVariables } from "./host-variables.ts";
import { projectFolder } from "./project-folder.ts";
import { SettingsError } from "./settings-error.ts";
import { sshSettings, transportSetting } from "./ssh-configuration.ts";

/** The configuration that Pulumi gives to a dynamic provider: values by `namespace:key`, with secrets in clear text. */
export interface StackConfig {
  get(key: string): string | undefined;
}

type Key = (typeof HOST_KEYS)[number];
type Values = { [K in Key]?: string };

/**
 * How to reach a host. The environment wins over the stack's configuration, because `pulumi refresh` and
 * `pulumi destroy` run with the configuration in state, which may have an old password or address.
 *
 * @param name The host's name in `esxi:hosts`. Undefined for the host of `esxi:host`.
 * @throws SettingsError with the missing or wrong key.
 */
export function hostSettings(
  config: StackConfig,
  name: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): HostSettings {
  const values = { ...configured(config, name), ...fromEnvironment(environment, config, name) };
  const where = whereOf(name);
  if (flag(values.gone, `${where}gone`)) {
    throw new SettingsError(
      `${name ?? "the host of esxi:host"} is lost for good (${where}gone), so nothing is made or changed there. Name another ` +
        "host, or take what is there out of the program: it then leaves the state, and nobody contacts the host. Is the host " +
        `back? \`pulumi config rm ${name === undefined ? "esxi:gone" : `--path 'esxi:hosts.${name}.gone'`}\``,
    );
  }
  const command = (key: Key, secret = "") =>
    name === undefined
      ? `pulumi config set ${secret}esxi:${key}`
      : `pulumi config set ${secret}--path 'esxi:hosts.${name}.${key}'`;
  const required = (key: "host" | "username" | "password") => {
    const value = values[key];
    if (value !== undefined && value !== "") return value;
    throw new SettingsError(
      `${where}${key} is not set, so no ESXi host can be reached. Set it with ` +
        `\`${command(key, key === "password" ? "--secret " : "")}\` or in ${variableOf(key, name)}.`,
    );
  };
  const positive = <F>(key: Key, fallback: F) => {
    const value = values[key];
    if (value === undefined) return fallback;
    if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
    throw new SettingsError(`${where}${key} must be a whole number from 1 to 9999, not "${value}".`);
  };
  const origin = originOf(required("host"), `${where}host`);
  const username = required("username");
  const password = required("password");
  return {
    name: name ?? origin.host,
    origin: origin.origin,
    username,
    password,
    thumbprint: values.thumbprint || undefined,
    ca: values.caFile ? readCa(values.caFile, `${where}caFile`) : undefined,
    insecure: flag(values.insecure, `${where}insecure`),
    maxTransfers: positive("maxTransfers", 3),
    maxCopies: positive("maxCopies", 4),
    maxTasks: positive("maxTasks", 24),
    maxCalls: positive("maxCalls", 16),
    maxBoots: positive("maxBoots", undefined),
    bootSeconds: positive("bootSeconds", 60),
    transport: transportSetting(values.transport, `${where}transport`),
    sshHotChanges: flag(values.sshHotChanges, `${where}sshHotChanges`),
    ssh: sshSettings(values, {
      where,
      host: origin.hostname.replace(/^\[|\]$/g, ""),
      username,
      password,
      folder: projectFolder(),
      log: (line) => process.stderr.write(`${printable(line)}\n`),
    }),
  };
}

/** The keys of a host begin with this. */
export const whereOf = (name: string | undefined) => (name === undefined ? "esxi:" : `esxi:hosts.${name}.`);

/** Whether a host is lost for good. Then the things on it leave the state, and nobody contacts it. */
export function isGone(
  config: StackConfig,
  name: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  const hosts = name === undefined ? {} : namedHosts(config);
  const own = name === undefined ? config.get("esxi:gone") : Object.hasOwn(hosts, name) && hosts[name]?.gone;
  const value = environment[variableOf("gone", name)] || own;
  return flag(value === undefined ? undefined : String(value), `${whereOf(name)}gone`);
}

function configured(config: StackConfig, name: string | undefined): Values {
  const values: Values = {};
  if (name === undefined) {
    for (const key of HOST_KEYS) put(values, key, config.get(`esxi:${key}`));
    return values;
  }
  const hosts = namedHosts(config);
  const host = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
  if (host === undefined) {
    const known = Object.keys(hosts);
    const has = `No host "${name}" in the configuration: esxi:hosts has ${known.length ? known.join(", ") : "no hosts"}. `;
    // In a name for `--path`, a dot or colon has another meaning.
    if (/[.:]/.test(name)) {
      throw new SettingsError(
        `${has}Resources name hosts by their names there, not by addresses: leave \`host\` out for the one of esxi:host, or give ` +
          `that address a name with \`pulumi config set --path 'esxi:hosts.lab1.host' ${name}\`.`,
      );
    }
    throw new SettingsError(
      `${has}Add it with \`pulumi config set --path 'esxi:hosts.${name}.host' ADDRESS\`.`,
    );
  }
  for (const key of CAP_KEYS) put(values, key, config.get(`esxi:${key}`));
  for (const key of HOST_KEYS) put(values, key, host[key]);
  return values;
}

function namedHosts(config: StackConfig): Record<string, Record<string, unknown>> {
  const text = config.get("esxi:hosts");
  if (text === undefined) return {};
  let hosts: unknown;
  try {
    hosts = JSON.parse(text);
  } catch {
    throw new SettingsError("esxi:hosts is not an object of hosts by name.");
  }
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(hosts) || !Object.values(hosts as object).every(isObject)) {
    throw new SettingsError("esxi:hosts must hold one object per host, by name.");
  }
  return hosts as Record<string, Record<string, unknown>>;
}

function fromEnvironment(
  environment: NodeJS.ProcessEnv,
  config: StackConfig,
  name: string | undefined,
): Values {
  const hasOnlyHost = Boolean(config.get("esxi:host") || environment[variableOf("host", undefined)]);
  const all = [...(hasOnlyHost ? [undefined] : []), ...Object.keys(namedHosts(config))];
  return hostVariables(
    environment,
    name,
    all.filter((other) => other !== name),
  );
}

function put(values: Values, key: Key, value: unknown): void {
  if (value !== undefined && value !== null && value !== "") values[key] = String(value);
}

/** Whether creates take back what the same resource made before. */
export const takesBack = (config: StackConfig): boolean => flag(config.get("esxi:takeBack"), "esxi:takeBack");

/** Whether a preview asks the hosts of new resources. */
export const checksHost = (config: StackConfig): boolean =>
  flag(config.get("esxi:checkHost") ?? "true", "esxi:checkHost");

function flag(value: string | undefined, key: string): boolean {
  if (value === undefined || value === "false" || value === "0") return false;
  if (value === "true" || value === "1") return true;
  throw new SettingsError(`${key} must be true or false, not "${value}".`);
}

function readCa(file: string, key: string): string {
  const resolved = path.resolve(projectFolder(), file);
  try {
    return readFileSync(resolved, "utf8");
  } catch (error) {
    throw new SettingsError(
      `${key}: cannot read the certificate file ${resolved}: ${(error as Error).message}`,
    );
  }
}
