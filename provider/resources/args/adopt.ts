import type * as pulumi from "@pulumi/pulumi";

/** Names a machine that is there already; one of the three. */
export interface AdoptVmArgs {
  /** Its name on the host; there must be one machine only of that name. */
  name?: pulumi.Input<string> | undefined;
  /** Copies made by hand may share it: then say `vmxPath`. */
  instanceUuid?: pulumi.Input<string> | undefined;
  /** Datastore path of its .vmx file, `[datastore1] vm/vm.vmx`. */
  vmxPath?: pulumi.Input<string> | undefined;
}
