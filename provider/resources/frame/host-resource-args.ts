import type * as pulumi from "@pulumi/pulumi";

/** How long an operation may take as a whole, in seconds, 1–604800. */
export interface TimeoutsArgs {
  /** Create, uploads included. Default 14400 (four hours). */
  createSeconds?: pulumi.Input<number> | undefined;
  /** Update. Default 1800. */
  updateSeconds?: pulumi.Input<number> | undefined;
  /** Delete. Default 1800. */
  deleteSeconds?: pulumi.Input<number> | undefined;
  /** How long a guest may take to shut down before it is powered off hard. Default 120. 0 powers off at once. */
  shutdownSeconds?: pulumi.Input<number> | undefined;
}

/** Settings that all resources have that are not VMs. */
export interface HostResourceArgs {
  /**
   * Which host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. Changing it replaces
   * the resource.
   */
  host?: pulumi.Input<string | undefined> | undefined;
  /** How long operations may take. Changing it changes nothing on the host. For example `{ createSeconds: 600 }`. */
  timeouts?: pulumi.Input<Omit<TimeoutsArgs, "shutdownSeconds">> | undefined;
}

/** For resources that can take over what is on the host already. */
export interface AdoptArgs {
  /**
   * True: what the host has already is taken under management, and is not touched. If it is not what the program says,
   * the resource fails with a list of the differences. If the host does not have it, it is made. False (default): what
   * is there already is an error. The preview says both (of a file's content, the size). This is read when the resource
   * is created; changing it later does nothing. What was adopted is deleted like what was made: set `retainOnDelete` to
   * keep it.
   */
  adopt?: pulumi.Input<boolean> | undefined;
}
