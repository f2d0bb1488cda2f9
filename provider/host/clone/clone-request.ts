import type { OwnerMark } from "../vm/reading/owner-mark.ts";
import type { AdapterWish } from "../vm/settings/network-interfaces.ts";
import type { ConfigWishes } from "../vm/settings/settings.ts";
import type { CloneSource } from "./clone-source.ts";

/** A clone that is to be made. */
export interface CloneRequest {
  readonly source: CloneSource;
  readonly name: string;
  /** Default: the source's datastore. */
  readonly datastore: string | undefined;
  /** The clone's own folder on the datastore. Default: the host chooses one after the name. */
  readonly folder: string | undefined;
  readonly resourcePool: string | undefined;
  readonly diskProvisioning: "thin" | "thick" | "eagerZeroedThick";
  /** Network adapters of the clone instead of the source's. */
  readonly adapters: readonly AdapterWish[] | undefined;
  /** The settings that differ from the source. */
  readonly settings: ConfigWishes;
  readonly mark: OwnerMark;
}

export interface CloneOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
}
