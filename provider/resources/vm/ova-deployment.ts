import type * as pulumi from "@pulumi/pulumi";
import { secretUrl } from "../../program/secret-url.ts";
import { argsOf } from "../frame/given-args.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/** How a disk's space is taken: when written, at once, or at once and zeroed. */
export type DiskProvisioning = "thin" | "thick" | "eagerZeroedThick";

/** What an {@link OvaDeployment} is made from and how. */
export interface OvaDeploymentArgs extends VmArgs {
  /**
   * The OVA or OVF: a file's path, relative to the folder of `Pulumi.yaml`, or an `http(s)` URL. An `.ovf` has its
   * files beside it. What counts for changes is the content (digest of descriptor and manifest), not the path: other
   * content replaces the VM, the same content at another path changes nothing. A URL with a user, a password or a query
   * is kept as a secret.
   */
  ovaPath: pulumi.Input<string>;
  /**
   * Port groups of the host by the OVF's network names. A network that is not named here goes to the port group of
   * the same name, which must exist. Changing it moves the adapters in place, while the VM runs. It says nothing where
   * `networkInterfaces` is given. For example `{ "VM Network": "lab-net" }`.
   */
  ovfNetworkMap?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Which of the OVF's deployment options. Default: the OVF's own default. Changing it replaces the VM. */
  deploymentOption?: pulumi.Input<string> | undefined;
  /** Default `thin`. Changing it replaces the VM. */
  diskProvisioning?: pulumi.Input<DiskProvisioning> | undefined;
  /**
   * The OVF's properties by key (`[class.]id[.instance]`), always kept as a secret. The guest finds them, with the
   * descriptor's own defaults, in `guestinfo.ovfEnv` from its first boot on. Changing them rewrites that in place;
   * most guests read it at their next boot. A property that the size of a disk is taken from replaces the VM.
   * For example `{ hostname: "web" }`.
   */
  properties?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Where the guest finds its OVF properties beside `guestinfo.ovfEnv`: nowhere else (`guestInfo`, the default), or on a
   * CD too (`iso`): an image labelled `OVF ENV` with `ovf-env.xml`, which this package writes into the machine's folder and
   * puts into a CD drive before the first power-on. For guests whose OVF says `ovf:transport="iso"`. It takes an empty
   * drive that the OVA brings, unless `cdroms` lists the drives, else one of its own. A change of `properties` puts a new
   * image into the drive in place. Changing it takes at most one power cycle. Whoever may read the datastore can read the
   * properties in that image, passwords among them.
   * @see https://www.dmtf.org/standards/ovf DSP0243, the OVF specification
   */
  ovfTransport?: pulumi.Input<"guestInfo" | "iso"> | undefined;
  /**
   * Who fetches the disks: `push`, this machine, which sends them on to the host (the default); or `pull`, the host itself,
   * for an `ovaPath` that is a URL which the host reaches. Nobody has shown `pull` on a host without vCenter; one that
   * cannot do it makes nothing, and the error says so. The URL with its user, password and query is sent to the host.
   * Digests of the manifest are compared with what the host says it has received, before the VM exists. It counts when the
   * machine is made; changing it later changes nothing on the host.
   */
  transfer?: pulumi.Input<"push" | "pull"> | undefined;
  /** Accepts the OVF's licence agreements. An OVF that has any is refused without it. Default false. */
  acceptAllEulas?: pulumi.Input<boolean> | undefined;
  /**
   * Gives the machine the advanced settings that the OVF brings (`vmw:ExtraConfig`), as ovftool's option of that name
   * does. Without it an OVF that has any is refused at preview, with their keys, because they can open the machine's
   * screen to the network or weaken what keeps guest and host apart. Keys that `extraConfig` names are the program's
   * in any case. Default false. It counts when the machine is made; changing it later changes nothing on the host.
   */
  allowExtraConfig?: pulumi.Input<boolean> | undefined;
  /**
   * Changes of the OVF what a host refuses, as ovftool's `--lax` does, and says each change in the resource's row: the
   * family and the devices of VirtualBox, drafts of OVF, what OVF 2 writes in another way, a vApp of one machine,
   * hardware that is newer than the host's, and devices that it does not have. The file stays as it is, and so does its
   * digest. Without it such an OVF is refused at preview, with everything that stands in the way. Default false. It
   * counts when the machine is made; changing it later changes nothing on the host.
   */
  relax?: pulumi.Input<boolean> | undefined;
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
export class OvaDeployment extends VmResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:OvaDeployment";

  /** Digest (SHA-256) of what the OVA is: its descriptor and manifest. */
  declare readonly ovaDigest: pulumi.Output<string>;

  /**
   * @param name The logical name; also the VM's name unless `args.name` says otherwise.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: OvaDeploymentArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("OvaDeployment", name, args);
    const inputs = { ...given, ovaPath: secretUrl(given.ovaPath) };
    super("OvaDeployment", name, inputs, options, ["ovaDigest"], ["properties"]);
  }
}
