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

/** How a host's key is known. */
export interface HostKeyPolicy {
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprints: readonly string[];
  /** Text of known_hosts files. */
  readonly knownHosts: string;
  /** True: whatever key a host shows first is taken for its own from then on. Only where the user asks for it. */
  readonly trustOnFirstUse: boolean;
}

/** One connection that everything on a host shares. */
export interface SshSettings extends SshHop {
  /** The machine to go through. It forwards; the host sees only this end's login. */
  readonly jump?: SshHop | undefined;
  /** Channels at once. ESXi allows ten, hardened hosts one; fewer are found out by themselves. Default 8. */
  readonly maxChannels?: number | undefined;
  /** Milliseconds from connecting to being logged in. Default 30,000. */
  readonly readyTimeoutMs?: number | undefined;
  /** Milliseconds between signs of life; four without an answer end the connection. Default 15,000. */
  readonly keepaliveMs?: number | undefined;
  /** Gets a line about what is out of the ordinary: a key trusted on first use. Never a secret. */
  readonly log?: ((line: string) => void) | undefined;
}

/** `root@esxi.example.com:22`, for messages. */
export const describeHop = (hop: SshHop): string => `${hop.username}@${hop.host}:${hop.port}`;
