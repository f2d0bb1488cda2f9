import type { DiskController } from "./buses.ts";
import type { DiskMode, DiskProvisioning } from "./disk-facts.ts";

/** The desired state of a disk. What is left out stays, or the host chooses it. */
export interface DiskWish {
  /** Identifies the disk, independent of its place. The disks that a machine came with are disk0, disk1, … */
  readonly label: string;
  /** In GB, in steps of a megabyte. */
  readonly size?: number | undefined;
  /** Default for a new disk: thin. */
  readonly provisioning?: DiskProvisioning | undefined;
  /** Default for a new disk: the machine's own datastore. */
  readonly datastore?: string | undefined;
  /** Datastore path of a disk that exists. It is never made, resized or deleted. */
  readonly attach?: string | undefined;
  /** Default for a new disk: the kind of the first disk's controller. If there is none: pvscsi. */
  readonly controller?: DiskController | undefined;
  readonly busNumber?: number | undefined;
  readonly unitNumber?: number | undefined;
  readonly mode?: DiskMode | undefined;
  /** Default false. */
  readonly keepOnRemove?: boolean | undefined;
}
