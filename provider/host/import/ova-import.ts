import type { ConfigWishes } from "../vm/settings/settings.ts";

export interface OvaImport {
  readonly name: string;
  readonly datastore: string | undefined;
  readonly resourcePool: string | undefined;
  /** Port groups by the OVF's network names; a network that is not in it keeps its name. */
  readonly networkMap: Readonly<Record<string, string>>;
  /** Names of the OVF's networks that need a place on the host. */
  readonly ovfNetworks: readonly string[];
  readonly deploymentOption: string | undefined;
  readonly diskProvisioning: "thin" | "thick" | "eagerZeroedThick";
  /** Values of the OVF's properties that the host must know, by key: those that sizes of disks are taken from. */
  readonly propertyMapping: Readonly<Record<string, string>>;
  /** How large these disks are to be, in bytes, by the OVF's id of the disk. */
  readonly sizesByProperty: Readonly<Record<string, number>>;
  /** URL from which the host is to fetch the files by itself; undefined to have them sent. */
  readonly pullFrom: string | undefined;
  /** Whether the VM gets the advanced settings that the OVA brings. */
  readonly allowExtraConfig: boolean;
  /** Whether what the host refuses of the descriptor is changed until it takes it. */
  readonly relax: boolean;
  /** Set in the call that makes the VM; the owner mark and `guestinfo.ovfEnv` are among its `extraConfig`. */
  readonly settings: ConfigWishes;
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
  /** Called before another lease is asked for, to clear away what a failed attempt may have left. */
  readonly beforeRetry: () => Promise<void>;
}
