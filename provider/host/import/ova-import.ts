import type { ConfigWishes } from "../vm/settings/settings.ts";

export interface OvaImport {
  readonly name: string;
  readonly datastore: string | undefined;
  readonly resourcePool: string | undefined;
  /** Port groups by the OVF's network names. A network that is not in the map keeps its name. */
  readonly networkMap: Readonly<Record<string, string>>;
  /** Names of the OVF's networks that need a port group on the host. */
  readonly ovfNetworks: readonly string[];
  readonly deploymentOption: string | undefined;
  readonly diskProvisioning: "thin" | "thick" | "eagerZeroedThick";
  /** Values of the OVF's properties that the host must know, by key: those from which sizes of disks are taken. */
  readonly propertyMapping: Readonly<Record<string, string>>;
  /** The desired sizes of these disks in bytes, by the OVF's disk id. */
  readonly sizesByProperty: Readonly<Record<string, number>>;
  /** URL from which the host fetches the files itself. Undefined if this process sends them. */
  readonly pullFrom: string | undefined;
  /** Whether the VM gets the advanced settings of the OVA. */
  readonly allowExtraConfig: boolean;
  /** Whether parts of the descriptor that the host refuses are changed until it accepts them. */
  readonly relax: boolean;
  /** Settings for the call that makes the VM. Its `extraConfig` has the owner mark and `guestinfo.ovfEnv`. */
  readonly settings: ConfigWishes;
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
  /** Called before another lease is asked for. Removes what a failed attempt may have left. */
  readonly beforeRetry: () => Promise<void>;
}
