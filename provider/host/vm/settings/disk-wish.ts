import type { DiskController } from "./buses.ts";
import type { DiskMode, DiskProvisioning } from "./disk-facts.ts";

/** A disk as it is to be; what is left out stays, or is the host's choice. */
export interface DiskWish {
  /** Which disk is meant: never its place. Of a machine that came with disks, those are disk0, disk1, … */
  readonly label: string;
  /** In GB, in steps of a megabyte. */
  readonly size?: number | undefined;
  /** Default of a new disk: thin. */
  readonly provisioning?: DiskProvisioning | undefined;
  /** Default of a new disk: the machine's own. */
  readonly datastore?: string | undefined;
  /** Datastore path of a disk that exists: it is never made, changed in size, or deleted. */
  readonly attach?: string | undefined;
  /** Default of a new disk: as the first disk has it, else pvscsi. */
  readonly controller?: DiskController | undefined;
  readonly busNumber?: number | undefined;
  readonly unitNumber?: number | undefined;
  readonly mode?: DiskMode | undefined;
  /** Default false. */
  readonly keepOnRemove?: boolean | undefined;
}
