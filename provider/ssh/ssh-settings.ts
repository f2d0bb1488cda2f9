/** How to reach and log in to one machine over SSH. */
export interface SshHop {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Answers a keyboard-interactive prompt for a password. */
  readonly password?: string | undefined;
  /** PEM or OpenSSH text. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Path of an SSH agent's socket. */
  readonly agent?: string | undefined;
  readonly hostKey: HostKeyPolicy;
}

/** How a host's key is recognized. */
export interface HostKeyPolicy {
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprints: readonly string[];
  /** Text of known_hosts files. */
  readonly knownHosts: string;
  /** If true, the first key that a host shows is trusted from then on. Only if the user asks for it. */
  readonly trustOnFirstUse: boolean;
}

/** One connection, which all commands on a host share. */
export interface SshSettings extends SshHop {
  /** The jump host. It only forwards, so it does not see the login to the host. */
  readonly jump?: SshHop | undefined;
  /** Channels at once. ESXi allows ten, hardened hosts one. A lower limit is found out automatically. Default 8. */
  readonly maxChannels?: number | undefined;
  /** Milliseconds for connecting and logging in. Default 30,000. */
  readonly readyTimeoutMs?: number | undefined;
  /** Milliseconds between keep-alive messages. After four without an answer the connection ends. Default 15,000. */
  readonly keepaliveMs?: number | undefined;
  /** Gets a line about unusual events, such as a key trusted on first use. Never a secret. */
  readonly log?: ((line: string) => void) | undefined;
}

/** `root@esxi.example.com:22`, for messages. */
export const describeHop = (hop: SshHop): string => `${hop.username}@${hop.host}:${hop.port}`;
