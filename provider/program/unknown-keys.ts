import * as pulumi from "@pulumi/pulumi";
import { ESXI_KEYS, HOST_KEYS } from "../configuration-keys.ts";
import { nearestName } from "../ovf/did-you-mean.ts";

/** Keys that people write who know other tools. */
const FOREIGN: Readonly<Record<string, string>> = {
  address: "host",
  hostname: "host",
  server: "host",
  vsphereServer: "host",
  login: "username",
  user: "username",
  pass: "password",
  allowUnverifiedSsl: "insecure",
  port: "sshPort",
};

/** Stacks that have been warned. One process can run the programs of several. */
const told = new WeakSet<object>();
const NO_STACK = {};

/**
 * Warns once of all configuration keys that nothing reads, with the key that was probably meant. They are no error,
 * because a program may have its own keys there.
 */
export function noticeUnknownKeys(): void {
  const stack = pulumi.runtime.getStackResource() ?? NO_STACK;
  if (told.has(stack)) return;
  told.add(stack);
  const unknown = unknownKeys(pulumi.runtime.allConfig());
  if (unknown.length === 0) return;
  void pulumi.log.warn(
    `Nothing reads ${unknown.join(", ")}. Remove a key with \`pulumi config rm KEY\`; docs/configuration.md has all keys.`,
  );
}

/**
 * The keys of `esxi:` and of each host in `esxi:hosts` that nothing reads, each with the key that was probably meant.
 */
export function unknownKeys(config: Readonly<Record<string, string>>): string[] {
  const keys = Object.keys(config).flatMap((key) => (key.startsWith("esxi:") ? [key.slice(5)] : []));
  const hosts = Object.entries(hostsIn(config["esxi:hosts"]));
  return [
    ...unknownAmong("esxi:", keys, ESXI_KEYS),
    ...hosts.flatMap(([name, host]) =>
      unknownAmong(`esxi:hosts.${name}.`, Object.keys(host ?? {}), HOST_KEYS),
    ),
  ];
}

/** The hosts of `esxi:hosts` by name. The provider reports if the value itself is wrong. */
export function hostsIn(text = "{}"): Record<string, object | null> {
  try {
    const hosts: unknown = JSON.parse(text);
    const isObject = (value: unknown) => typeof value === "object" && !Array.isArray(value);
    return isObject(hosts) && Object.values(hosts ?? {}).every(isObject) ? { ...(hosts as object) } : {};
  } catch {
    return {};
  }
}

function unknownAmong(where: string, keys: readonly string[], known: readonly string[]): string[] {
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = FOREIGN[key] ?? nearestName(key, known);
      return `${where}${key}${meant === undefined ? "" : ` (did you mean ${where}${meant}?)`}`;
    });
}
