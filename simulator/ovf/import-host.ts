/** The facts about the host that CreateImportSpec needs. */
import type { ManagedObjectReference } from "../../schema/index.ts";

export interface ImportNetwork {
  readonly name: string;
  readonly moref: ManagedObjectReference;
}

export interface ImportHost {
  /** In the host's order. The first one is used for networks without a mapping. */
  readonly networks: readonly ImportNetwork[];
  readonly datastore: { readonly name: string; readonly moref: ManagedObjectReference };
  /** The newest virtual hardware of the host: 21 for vmx-21. */
  readonly maxHardwareVersion: number;
  /** The resource pool that was asked for. */
  readonly resourcePool?: ManagedObjectReference | undefined;
}
