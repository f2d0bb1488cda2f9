import type * as pulumi from "@pulumi/pulumi";
import type { TimeoutsArgs } from "../vm/vm-args.ts";

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
   * True: if the host has it already, take it under management without touching it, and fail with a list of the
   * differences if it is not what the program says; if the host does not have it, it is made. False (default): what is
   * there already is an error. Read when the resource is created; changing it later does nothing. What was adopted is
   * deleted like what was made: set `retainOnDelete` to keep it.
   */
  adopt?: pulumi.Input<boolean> | undefined;
}
