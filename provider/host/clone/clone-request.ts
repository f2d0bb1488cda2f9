import type { OwnerMark } from "../vm/reading/owner-mark.ts";
import type { AdapterWish } from "../vm/settings/network-interfaces.ts";
import type { ConfigWishes } from "../vm/settings/settings.ts";
import type { CloneSource } from "./clone-source.ts";

/** A clone that is to be made. */
export interface CloneRequest {
  readonly source: CloneSource;
  readonly name: string;
  /** Default: the source's. */
  readonly datastore: string | undefined;
  /** Folder on the datastore for the clone's own folder of that path. Default: the host's choice, after the name. */
  readonly folder: string | undefined;
  readonly resourcePool: string | undefined;
  readonly diskProvisioning: "thin" | "thick" | "eagerZeroedThick";
  /** Network adapters to have instead of the source's. */
  readonly adapters: readonly AdapterWish[] | undefined;
  /** What is to differ from the source. */
  readonly settings: ConfigWishes;
  readonly mark: OwnerMark;
}

export interface CloneOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
}
