import type * as pulumi from "@pulumi/pulumi";
import { secretUrl } from "../../program/secret-url.ts";
import { argsOf } from "../frame/given-args.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/** When a disk takes its space: as it is written, at once, or at once and filled with zeros. */
export type DiskProvisioning = "thin" | "thick" | "eagerZeroedThick";

/** The source of an {@link OvaDeployment}, and how it is deployed. */
export interface OvaDeploymentArgs extends VmArgs {
  /**
   * The OVA or OVF: a file's path, relative to the folder of `Pulumi.yaml`, or an `http(s)` URL. An `.ovf` has its
   * files beside it. Only the content counts (digest of descriptor and manifest), not the path. Other content replaces
   * the VM. The same content at another path changes nothing. A URL with a user, a password or a query is kept as a
   * secret.
   */
  ovaPath: pulumi.Input<string>;
  /**
   * Port groups of the host by the OVF's network names. A network that is not named here goes to the port group of the
   * same name, which must exist. Changing it moves the adapters in place, while the VM runs. It is ignored if
   * `networkInterfaces` is given. For example `{ "VM Network": "lab-net" }`.
   */
  ovfNetworkMap?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** The OVF's deployment option to use. Default: the OVF's own default. Changing it replaces the VM. */
  deploymentOption?: pulumi.Input<string> | undefined;
  /** Default `thin`. Changing it replaces the VM. */
  diskProvisioning?: pulumi.Input<DiskProvisioning> | undefined;
  /**
   * The OVF's properties by key (`[class.]id[.instance]`), always kept as a secret. The guest finds them, with the
   * descriptor's own defaults, in `guestinfo.ovfEnv` from its first boot on. Changing them rewrites that in place. Most
   * guests read it at their next boot. If the size of a disk is taken from a property, changing that property replaces
   * the VM. For example `{ hostname: "web" }`.
   */
  properties?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Where the guest finds its OVF properties besides `guestinfo.ovfEnv`: nowhere else (`guestInfo`, the default), or
   * also on a CD (`iso`). The CD is an image with the label `OVF ENV` and the file `ovf-env.xml`. This package writes
   * it into the machine's folder, and puts it into a CD drive before the first power-on. Use it for guests whose OVF
   * says `ovf:transport="iso"`. It uses an empty drive of the OVA unless `cdroms` lists the drives, otherwise its own
   * drive. A change of `properties` puts a new image into the drive in place. Changing it takes at most one power
   * cycle. Everybody who may read the datastore can read the properties in that image, also passwords.
   * @see https://www.dmtf.org/standards/ovf DSP0243, the OVF specification
   */
  ovfTransport?: pulumi.Input<"guestInfo" | "iso"> | undefined;
  /**
   * Who fetches the disks. With `push` (the default) this machine does, and sends them to the host. With `pull` the
   * host itself does: `ovaPath` must be a URL that it reaches. Nobody has shown `pull` on a host without vCenter. A
   * host that does not support it makes nothing, and the error says so. The URL with its user, password and query is
   * sent to the host. Digests of the manifest are compared with those that the host reports, before the VM exists. It
   * only counts when the machine is made. Changing it later changes nothing on the host.
   */
  transfer?: pulumi.Input<"push" | "pull"> | undefined;
  /** Accepts the OVF's licence agreements. Without it, an OVF that has any is refused. Default false. */
  acceptAllEulas?: pulumi.Input<boolean> | undefined;
  /**
   * Gives the machine the advanced settings of the OVF (`vmw:ExtraConfig`), like ovftool's option of that name. Without
   * it, an OVF that has any is refused at preview, with their keys. Such settings can open the machine's screen to the
   * network, or weaken the separation of guest and host. Keys in `extraConfig` always have the program's value. Default
   * false. It only counts when the machine is made. Changing it later changes nothing on the host.
   */
  allowExtraConfig?: pulumi.Input<boolean> | undefined;
  /**
   * Changes the parts of the OVF that a host refuses, like ovftool's `--lax`, and shows each change in the resource's
   * row: the family and the devices of VirtualBox, drafts of OVF, OVF 2 syntax, a vApp of one machine, hardware that is
   * newer than the host's, and devices that the host does not have. The file itself and its digest do not change.
   * Without it, such an OVF is refused at preview, with all the reasons. Default false. It only counts when the machine
   * is made. Changing it later changes nothing on the host.
   */
  relax?: pulumi.Input<boolean> | undefined;
}

/**
 * A virtual machine deployed from an OVA or OVF through the host's own API: import specification, NFC lease, and one
 * streamed pass over each disk, with its digest checked on the way. If it fails before the host has the whole VM,
 * nothing is left on the host. After that the next `pulumi up` goes on where it failed.
 *
 * Fails at preview if the host would refuse the source: no streamOptimized VMDK, a truncated archive, an unknown OVF
 * network, option or property, a missing required property, a path that leaves the archive. Fails at `up` for reasons
 * that only the host knows: a wrong password, an unknown datastore or port group, a full datastore, a VM of that name
 * that does not belong to this resource.
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
export class OvaDeployment extends VmResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:OvaDeployment";

  /** Digest (SHA-256) of the OVA's descriptor and manifest. */
  declare readonly ovaDigest: pulumi.Output<string>;

  /**
   * @param name The logical name. Also the VM's name unless `args.name` gives another.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: OvaDeploymentArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("OvaDeployment", name, args);
    const inputs = { ...given, ovaPath: secretUrl(given.ovaPath) };
    super("OvaDeployment", name, inputs, options, ["ovaDigest"], ["properties"]);
  }
}
