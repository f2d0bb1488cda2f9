import { optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import { checkMachines, hasAddress, type MachineRecord, quoted } from "./machine-record.ts";

/** What holds for all machines of an SSH configuration. */
export interface SshConfigOptions {
  /** Alias, or `user@host:port`, of a machine between, through which all others are reached. */
  readonly jump?: string | undefined;
  /** The private key to log in with. */
  readonly identityFile?: string | undefined;
  /** Where host keys are remembered: addresses are used again, so better not among all others. Default: where ssh does. */
  readonly knownHostsFile?: string | undefined;
}

const WHAT = "The SSH configuration";
const JUMP = /^([A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+(:\d{1,5})?$/;

/**
 * A configuration for OpenSSH: `ssh -F FILE NAME`, or `Include FILE` in one's own. Host keys are remembered by the machine's name,
 * and a new one is taken as it is, since the machine of an address changes.
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
  return `has the login ${quoted(login)}, which cannot stand in such a file`;
}

/** In quotes, as a path with spaces must be; a percent sign would begin a token of ssh's. */
const path = (file: string): string => `"${file.replaceAll("%", "%%")}"`;
