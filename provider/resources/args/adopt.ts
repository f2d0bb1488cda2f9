import type * as pulumi from "@pulumi/pulumi";

/** Names a machine that is there already; one of the two. */
export interface AdoptVmArgs {
  /** Its name on the host; there must be one machine only of that name. */
  name?: pulumi.Input<string> | undefined;
  instanceUuid?: pulumi.Input<string> | undefined;
}
