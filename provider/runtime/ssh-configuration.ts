import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { SSH_KEYS } from "../configuration-keys.ts";
import type { HostKeyPolicy, SshHop, SshSettings } from "../ssh/ssh-settings.ts";
import { SettingsError } from "./settings-error.ts";

type SshKey = (typeof SSH_KEYS)[number];

export interface SshDefaults {
  /** Begins each key in messages: `esxi:` or `esxi:hosts.lab1.`. */
  readonly where: string;
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** The folder that relative paths count from. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

/**
 * What the configuration says about SSH. By default the API's user and password, port 22, and the keys of hosts that
 * the user's own known_hosts file has.
 *
 * @throws SettingsError naming the key that cannot be used.
 */
export function sshSettings(values: { readonly [K in SshKey]?: string }, defaults: SshDefaults): SshSettings {
  const { where, folder } = defaults;
  const read = (key: SshKey) => values[key] && readText(path.resolve(folder, values[key]), `${where}${key}`);
  const knownHosts = values.sshKnownHosts === undefined ? usersKnownHosts() : (read("sshKnownHosts") ?? "");
  const hostKey = (fingerprints: string | undefined): HostKeyPolicy => ({
    fingerprints: fingerprintsIn(fingerprints, where),
    knownHosts,
    trustOnFirstUse: flag(values.sshTrustOnFirstUse, `${where}sshTrustOnFirstUse`),
  });
  const agent = agentOf(values.sshAgent, where);
  const jump = jumpOf(values.sshJumpHost, `${where}sshJumpHost`, defaults.username);
  const hop: SshHop = {
    host: defaults.host,
    port: numberOf(values.sshPort, `${where}sshPort`, 65_535) ?? 22,
    username: values.sshUsername ?? defaults.username,
    password: values.sshPassword ?? defaults.password,
    privateKey: values.sshPrivateKey ?? read("sshKeyFile"),
    passphrase: values.sshPassphrase,
    agent,
    hostKey: hostKey(values.sshHostKey),
  };
  return {
    ...hop,
    maxChannels: numberOf(values.sshMaxChannels, `${where}sshMaxChannels`, 64),
    log: defaults.log,
    jump: jump && {
      ...jump,
      password: values.sshJumpPassword,
      privateKey: values.sshJumpPrivateKey ?? read("sshJumpKeyFile"),
      passphrase: values.sshJumpPassphrase,
      agent,
      hostKey: hostKey(values.sshJumpHostKey),
    },
  };
}

/** @throws SettingsError for anything but `auto`, `api` and `ssh`. */
export function transportSetting(value: string | undefined, key: string): "auto" | "api" | "ssh" {
  if (value === undefined) return "auto";
  if (value === "auto" || value === "api" || value === "ssh") return value;
  throw new SettingsError(`${key} must be auto, api or ssh, not "${value}".`);
}

function fingerprintsIn(text: string | undefined, where: string): string[] {
  const all = (text ?? "").split(/[\s,]+/).filter((word) => word !== "");
  const wrong = all.find((fingerprint) => !/^(SHA256:)?[A-Za-z0-9+/]{43}=?$/.test(fingerprint));
  if (wrong === undefined) return all;
  throw new SettingsError(
    `${where}sshHostKey must be the SHA-256 fingerprint of the host's SSH key (SHA256:…), not "${wrong}". ` +
      "The host shows it with `ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub`.",
  );
}

/** `[USER@]HOST[:PORT]` */
function jumpOf(text: string | undefined, key: string, username: string) {
  if (text === undefined) return undefined;
  const [, user, bracketed, plain, port] =
    /^(?:([^@\s]+)@)?(?:\[([^\]]+)\]|([^:@\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined)
    throw new SettingsError(`${key} must be [USER@]HOST[:PORT]; a password goes into sshJumpPassword.`);
  return { host, port: numberOf(port, key, 65_535) ?? 22, username: user ?? username };
}

/** `true` for the agent of the environment, else the path of its socket. */
function agentOf(text: string | undefined, where: string): string | undefined {
  if (text === undefined || text === "false") return undefined;
  if (text !== "true") return text;
  const socket = process.env.SSH_AUTH_SOCK;
  if (socket) return socket;
  throw new SettingsError(
    `${where}sshAgent is true, but no SSH agent is running (SSH_AUTH_SOCK is not set).`,
  );
}

function usersKnownHosts(): string {
  try {
    return readFileSync(path.join(homedir(), ".ssh", "known_hosts"), "utf8");
  } catch {
    return "";
  }
}

function readText(file: string, key: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(`${key}: cannot read ${file}: ${(error as Error).message}`);
  }
}

function numberOf(text: string | undefined, key: string, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^[1-9]\d*$/.test(text) && number <= most) return number;
  throw new SettingsError(`${key} must be a whole number from 1 to ${most}, not "${text}".`);
}

function flag(text: string | undefined, key: string): boolean {
  if (text === undefined || text === "false" || text === "0") return false;
  if (text === "true" || text === "1") return true;
  throw new SettingsError(`${key} must be true or false, not "${text}".`);
}
