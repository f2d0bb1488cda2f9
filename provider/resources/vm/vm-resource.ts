import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { optionalOutput } from "../../program/optional-output.ts";
import { withPasswordHashes } from "../../program/password-hashes.ts";
import type { VmArgs } from "./vm-args.ts";
import { VM_OUTPUTS, VM_SETTINGS_SHOWN } from "./vm-outputs.ts";

/** A virtual machine of this package, made from any source. */
export abstract class VmResource extends EsxiResource {
  /** The VM's name on the host. */
  declare readonly name: pulumi.Output<string>;
  /** The datastore that has the VM's own files. */
  declare readonly datastore: pulumi.Output<string>;
  /** Virtual CPUs. */
  declare readonly numCpus: pulumi.Output<number>;
  /** Cores per virtual socket. */
  declare readonly numCoresPerSocket: pulumi.Output<number>;
  /** Memory in MB. */
  declare readonly memory: pulumi.Output<number>;
  /** Notes. */
  declare readonly annotation: pulumi.Output<string>;
  /** The managed object id on its host. It is also the vmid of vim-cmd. */
  declare readonly moid: pulumi.Output<string>;
  /** BIOS UUID. */
  declare readonly uuid: pulumi.Output<string>;
  /** Instance UUID, by which this package knows the VM. Also the resource's id. */
  declare readonly instanceUuid: pulumi.Output<string>;
  /** Datastore path of the .vmx file, `[datastore1] vm/vm.vmx`. */
  declare readonly vmxPath: pulumi.Output<string>;
  /** `poweredOn`, `poweredOff` or `suspended`. */
  declare readonly powerState: pulumi.Output<string>;
  /** MAC addresses in the order of the network adapters. */
  declare readonly macAddresses: pulumi.Output<string[]>;
  /**
   * The guest's first address on one of the VM's own network adapters that is not link-local, IPv4 before IPv6. If
   * `waitFor` says which address counts, that one. Undefined until the guest reports one.
   */
  declare readonly defaultIpAddress: pulumi.Output<string | undefined>;
  /** All addresses that the guest reports. */
  declare readonly guestIpAddresses: pulumi.Output<string[]>;
  /** Hardware UUID of the host that has the VM. */
  declare readonly hostUuid: pulumi.Output<string>;

  /**
   * @param inputs The args as Pulumi gets them.
   * @param outputs Names of further outputs, besides those of every virtual machine.
   * @param secrets Inputs that are always secrets.
   */
  protected constructor(
    kind: string,
    name: string,
    inputs: VmArgs,
    options: pulumi.CustomResourceOptions | undefined,
    outputs: readonly string[] = [],
    secrets: readonly string[] = [],
  ) {
    const hidden = ["cloudInit", "guest", "ignition", ...secrets];
    const hashed = {
      ...inputs,
      ...(inputs.guest !== undefined && { guest: withPasswordHashes(inputs.guest) }),
    };
    const kept = Object.entries(hashed).map(([key, value]) =>
      hidden.includes(key) && value !== undefined ? [key, pulumi.secret(value)] : [key, value],
    );
    super(
      kind,
      name,
      { ...Object.fromEntries(kept), name: inputs.name ?? nameOf(inputs.adopt, name) },
      [...VM_SETTINGS_SHOWN, ...VM_OUTPUTS, ...outputs],
      pulumi.mergeOptions(options, { additionalSecretOutputs: hidden }),
    );
    this.instanceUuid = this.id;
    this.defaultIpAddress = optionalOutput(this.defaultIpAddress, this.moid);
  }
}

/** A machine that is adopted by its name keeps the name, unless the program gives another. */
function nameOf(adopt: VmArgs["adopt"], logical: string): pulumi.Input<string> {
  if (adopt === undefined) return logical;
  // The check refuses a value that adopts nothing.
  return pulumi.output(adopt).apply((by) => (by as typeof by | null)?.name ?? logical);
}
