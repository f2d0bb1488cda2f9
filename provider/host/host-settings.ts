import type { SshSettings } from "../ssh/ssh-settings.ts";

/** How one ESXi host is reached, and how much may be asked of it at once. */
export interface HostSettings {
  /** What people call it: its name in the configuration, or its address. */
  readonly name: string;
  /** `https://name:port` */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
  /** SHA-256 of its certificate in hex; colons and case do not matter. */
  readonly thumbprint: string | undefined;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  readonly ca: string | undefined;
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** Uploads at once. A host gains nothing from more than a few. */
  readonly maxTransfers: number;
  /** Disks that are copied at once at the host. Default 4. */
  readonly maxCopies?: number | undefined;
  /** Tasks at once. Small hosts fail with more than about fifty. */
  readonly maxTasks: number;
  /** Guests that boot at once. Default: no limit. */
  readonly maxBoots?: number | undefined;
  /** How long a guest counts as booting at most, in seconds. Default 60. */
  readonly bootSeconds?: number | undefined;
  /** SOAP calls in flight at once. */
  readonly maxCalls: number;
  /** How the host is made to change something. Default `auto`: the API where the licence allows it. */
  readonly transport?: "auto" | "api" | "ssh" | undefined;
  /** Whether machines that run are changed over SSH by the commands that there are for it. Default false. */
  readonly sshHotChanges?: boolean | undefined;
  /** How to log in over SSH. Undefined: not at all. */
  readonly ssh?: SshSettings | undefined;
}
