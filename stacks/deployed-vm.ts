import type * as pulumi from "@pulumi/pulumi";
import type { VmResource } from "pulumi-esxi-direct";

/** What a user wants to know of a VM. */
export interface DeployedVm {
  readonly vmxPath: pulumi.Output<string>;
  readonly powerState: pulumi.Output<string>;
  readonly ipAddress: pulumi.Output<string | undefined>;
}

/** What `pulumi stack output` shows of it. */
export function deployedVm(vm: VmResource): DeployedVm {
  return { vmxPath: vm.vmxPath, powerState: vm.powerState, ipAddress: vm.defaultIpAddress };
}
