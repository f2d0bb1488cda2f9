import { optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import { checkMachines, hasAddress, type MachineRecord, quoted } from "./machine-record.ts";

/** Settings for all machines of an SSH configuration. */
export interface SshConfigOptions {
  /** Alias, or `user@host:port`, of a machine through which all others are reached. */
  readonly jump?: string | undefined;
  /** The private key for the login. */
  readonly identityFile?: string | undefined;
  /** The file for host keys. Addresses are used again, so better a file of its own. Default: ssh's own file. */
  readonly knownHostsFile?: string | undefined;
}

const WHAT = "The SSH configuration";
const JUMP = /^([A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+(:\d{1,5})?$/;

/**
 * A configuration for OpenSSH: `ssh -F FILE NAME`, or `Include FILE` in your own configuration. Host keys are stored by
 * the machine's name. A new key is accepted, because the machine behind an address changes.
 *
 * @throws HandOverError for machines without an address, and values that the file cannot hold.
 * @see https://man.openbsd.org/ssh_config
 */
export function sshConfig(machines: readonly MachineRecord[], options: SshConfigOptions = {}): string {
  const { jump, identityFile, knownHostsFile } = optionsOf(WHAT, options);
  checkMachines(WHAT, machines, [hasAddress, hasPlainLogin], []);
  const problems = [identityFile, knownHostsFile].flatMap((file) =>
    file !== undefined && /["\u0000-\u001f\u007f]/.test(file)
      ? [`${quoted(file)} is no path that it can hold`]
      : [],
  );
  if (jump !== undefined && !JUMP.test(jump))
    problems.push(`${quoted(jump)} is no machine to jump over: user@host:port`);
  if (problems.length > 0) throw new HandOverError(WHAT, problems);
  return machines
    .map(({ name, address, login }) =>
      [
        `Host ${name}`,
        `  HostName ${address}`,
        ...(login === undefined ? [] : [`  User ${login}`]),
        `  HostKeyAlias ${name}`,
        "  StrictHostKeyChecking accept-new",
        ...(knownHostsFile === undefined ? [] : [`  UserKnownHostsFile ${path(knownHostsFile)}`]),
        ...(identityFile === undefined
          ? []
          : [`  IdentityFile ${path(identityFile)}`, "  IdentitiesOnly yes"]),
        ...(jump === undefined ? [] : [`  ProxyJump ${jump}`]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function hasPlainLogin({ login }: MachineRecord): string | undefined {
  if (login === undefined || /^[A-Za-z0-9_][A-Za-z0-9._@\\-]*$/.test(login)) return undefined;
  return `has the login ${quoted(login)}, which such a file cannot hold`;
}

/** In quotes, because a path may have spaces. A percent sign would begin a token of ssh. */
const path = (file: string): string => `"${file.replaceAll("%", "%%")}"`;
