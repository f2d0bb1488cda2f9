import type { Transport } from "../../host/shell/choose-transport.ts";
import type { OvfFamilies } from "../../ovf/descriptor/descriptor.ts";

/** Something on a host that programs name. */
export type Kind =
  | "datastore"
  | "port group"
  | "vSwitch"
  | "network adapter"
  | "resource pool"
  | "virtual machine"
  | "file"
  | "folder";

/** What a resource builds on. Its host must have it, or the same run must make it. */
export interface Need {
  readonly kind: Kind;
  /** The argument's path, `networkInterfaces.0.network`. */
  readonly property: string;
  /** As the program says it. Undefined for the host's only datastore. */
  readonly name: string | undefined;
  /** Where the program names it, as a message says it. Default: the property. */
  readonly setting?: string;
}

/** What a resource makes, under a name that nothing else may have. */
export interface Making {
  readonly kind: Kind;
  readonly property: "name" | "path";
  readonly name: string;
  /**
   * For a file or folder, its datastore. For a resource pool, the pool above it. Undefined for the only datastore, or
   * the root pool.
   */
  readonly within?: string | undefined;
}

/** A disk that is to have room. */
export interface DiskSize {
  /** The argument's path, `disks.0.size`. */
  readonly property: string;
  /** In GB. */
  readonly size: number;
  readonly datastore: string | undefined;
  /** Whether all of its room is taken at once. */
  readonly isThick: boolean;
}

/** What the host itself must be able to do. */
export type Ability =
  | { readonly kind: "hardware"; readonly property: string; readonly version: number }
  | ({ readonly kind: "family"; readonly property: string; readonly location: string } & OvfFamilies & {
        /** Whether it is changed for the host if need be. */
        readonly relax: boolean;
      })
  | { readonly kind: "CPUs"; readonly property: string; readonly count: number }
  | { readonly kind: "pull"; readonly property: string }
  | { readonly kind: "shell"; readonly property: string }
  | {
      /** Something that only the API can do, because the host's shell has no command for it. */
      readonly kind: "api";
      readonly property: string;
      /** What the program asks for. The host is asked only if this changes. */
      readonly value: unknown;
      /** As the end of a sentence: `no command moves a pool`. */
      readonly why: string;
      /** Whether the shell has a command for it when the thing is made. */
      readonly ofNew?: boolean;
      /** The way that the resource itself names. */
      readonly asked?: Transport | "auto" | undefined;
    };

/** What a resource wants of its host, as far as its inputs are known. */
export interface Wants {
  readonly needs: readonly Need[];
  /** Undefined for what has no name that could be taken, and while the name is not known. */
  readonly makes?: Making | undefined;
  /** Whether what is there under that name is to be taken over. */
  readonly adopts?: boolean;
  readonly disks?: readonly DiskSize[];
  readonly abilities?: readonly Ability[];
}
