import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../program/esxi-resource.ts";
import { VM_OUTPUTS, type VmArgs } from "./vm-args.ts";

/** How a disk's space is taken: when written, at once, or at once and zeroed. */
export type DiskProvisioning = "thin" | "thick" | "eagerZeroedThick";

/** What an {@link OvaDeployment} is made from and how. */
export interface OvaDeploymentArgs extends VmArgs {
  /**
   * The OVA or OVF: a file's path, relative to the folder of `Pulumi.yaml`, or an `http(s)` URL. An `.ovf` has its
   * files beside it. What counts for changes is the content (digest of descriptor and manifest), not the path: other
   * content replaces the VM, the same content at another path changes nothing.
   */
  ovaPath: pulumi.Input<string>;
  /**
   * Port groups of the host by the OVF's network names. A network that is not named here goes to the port group of
   * the same name, which must exist. Changing it replaces the VM.
   */
  ovfNetworkMap?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Which of the OVF's deployment options. Default: the OVF's own default. Changing it replaces the VM. */
  deploymentOption?: pulumi.Input<string> | undefined;
  /** Default `thin`. Changing it replaces the VM. */
  diskProvisioning?: pulumi.Input<DiskProvisioning> | undefined;
  /**
   * The OVF's properties by key (`[class.]id[.instance]`), always kept as a secret. The guest finds them, with the
   * descriptor's own defaults, in `guestinfo.ovfEnv` from its first boot on. Changing them rewrites that in place;
   * most guests read it at their next boot.
   */
  properties?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Accepts the OVF's licence agreements. An OVF that has any is refused without it. Default false. */
  acceptAllEulas?: pulumi.Input<boolean> | undefined;
}

/**
 * A virtual machine deployed from an OVA or OVF through the host's own API: import specification, NFC lease, one
 * streamed pass over each disk with its digest checked on the way. Nothing is left on the host when it fails before
 * the host has the whole VM; from then on the next `pulumi up` goes on where it failed.
 *
 * Fails, at preview, for a source that the host would refuse (not a streamOptimized VMDK, a truncated archive, an
 * unknown OVF network, option or property, a missing required property, a path that leaves the archive), and, at
 * `up`, for what only the host knows (wrong password, unknown datastore or port group, a full datastore, a VM of
 * that name that is not this resource's).
 *
 * @example
 * ```ts
 * const golden = new OvaDeployment("golden", {
 *   ovaPath: "images/tinyVM.ova",
 *   datastore: "datastore1",
 *   ovfNetworkMap: { "VM Network": "lab-net" },
 *   memory: 512,
 * });
 * export const address = golden.defaultIpAddress;
 * ```
 *
 * @see https://www.dmtf.org/standards/ovf DSP0243, the OVF specification
 */
export class OvaDeployment extends EsxiResource {
  /** The VM's name on the host. */
  declare readonly name: pulumi.Output<string>;
  /** The datastore that was asked for, or chosen when none was. */
  declare readonly datastore: pulumi.Output<string>;
  /** Digest (SHA-256) of what the OVA is: its descriptor and manifest. */
  declare readonly ovaDigest: pulumi.Output<string>;
  /** Virtual CPUs. */
  declare readonly numCpus: pulumi.Output<number>;
  /** Cores per virtual socket. */
  declare readonly numCoresPerSocket: pulumi.Output<number>;
  /** Memory in MB. */
  declare readonly memory: pulumi.Output<number>;
  /** Notes. */
  declare readonly annotation: pulumi.Output<string>;
  /** The managed object id on its host, which is vim-cmd's vmid too. */
  declare readonly moid: pulumi.Output<string>;
  /** BIOS UUID. */
  declare readonly uuid: pulumi.Output<string>;
  /** Instance UUID: what this package knows the VM by; also the resource's id. */
  declare readonly instanceUuid: pulumi.Output<string>;
  /** Datastore path of the .vmx file, `[datastore1] vm/vm.vmx`. */
  declare readonly vmxPath: pulumi.Output<string>;
  /** `poweredOn`, `poweredOff` or `suspended`. */
  declare readonly powerState: pulumi.Output<string>;
  /** MAC addresses in the order of the network adapters. */
  declare readonly macAddresses: pulumi.Output<string[]>;
  /** The guest's first address that is not link-local, IPv4 before IPv6; undefined until the guest reports one. */
  declare readonly defaultIpAddress: pulumi.Output<string | undefined>;
  /** All addresses that the guest reports. */
  declare readonly guestIpAddresses: pulumi.Output<string[]>;
  /** Hardware UUID of the host that has the VM. */
  declare readonly hostUuid: pulumi.Output<string>;

  /**
   * @param name The logical name; also the VM's name unless `args.name` says otherwise.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: OvaDeploymentArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "OvaDeployment",
      name,
      {
        ...args,
        name: args.name ?? name,
        properties: args.properties && pulumi.secret(args.properties),
      },
      [...VM_OUTPUTS, "ovaDigest"],
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["properties"] }),
    );
  }
}
