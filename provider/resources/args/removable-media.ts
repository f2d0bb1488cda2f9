import type * as pulumi from "@pulumi/pulumi";

/** A CD drive of a virtual machine. With neither `iso` nor `hostDevice` it is empty. */
export interface CdromArgs {
  /**
   * Path of an image on a datastore, `[datastore1] iso/Core-5.4.iso`, or of one of the host's own,
   * `[] /vmimages/tools-isoimages/windows.iso`. Changed in place, while the VM runs.
   */
  iso?: pulumi.Input<string> | undefined;
  /** True for the host's own drive, or the name of one of several. Changed in place, while the VM runs. */
  hostDevice?: pulumi.Input<true | string> | undefined;
  /**
   * Whether the medium is in the drive at power-on. Default true if there is one. Changed in place. A medium that the
   * guest has ejected is in again after the next power-on; that is no difference.
   */
  connected?: pulumi.Input<boolean> | undefined;
  /** `ide` or `sata`. Default of a new drive: IDE while it has room. Changed with one power cycle. */
  controller?: pulumi.Input<"ide" | "sata"> | undefined;
}

/** The floppy drive of a virtual machine. With neither `image` nor `hostDevice` it is empty. */
export interface FloppyArgs {
  /** Path of an image on a datastore, `[datastore1] floppies/answers.flp`. Changed in place, while the VM runs. */
  image?: pulumi.Input<string> | undefined;
  /** True for the host's own drive, or the name of one of several. Changed in place, while the VM runs. */
  hostDevice?: pulumi.Input<true | string> | undefined;
  /** Whether the medium is in the drive at power-on. Default true if there is one. Changed in place. */
  connected?: pulumi.Input<boolean> | undefined;
}
