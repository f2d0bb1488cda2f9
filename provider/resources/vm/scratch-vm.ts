import type * as pulumi from "@pulumi/pulumi";
import { argsOf } from "../frame/given-args.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/**
 * What a {@link ScratchVm} is made of: the settings that all virtual machines have. Here the defaults are those of a new
 * machine: one CPU, 1024 MB of memory, no disk, no CD-ROM drive, no network adapter.
 */
export type ScratchVmArgs = VmArgs;

/**
 * A virtual machine made from nothing: hardware as the program says, disks that are empty, and what boots from its
 * CD-ROM drive or from the network. The host makes it in one step, so a failing create leaves nothing behind.
 *
 * Fails, at preview, for hardware that no host would take (memory that is no multiple of 4 MB, two disks in one place),
 * and, at `up`, for what only the host knows (an unknown datastore or port group, an ISO that is not there, a full
 * datastore, a VM of that name that is not this resource's).
 *
 * @example
 * ```ts
 * const vm = new ScratchVm("core", {
 *   memory: 128,
 *   guestId: "dosGuest",
 *   disks: [{ size: 1, controller: "pvscsi" }],
 *   cdroms: [{ iso: "[datastore1] test/Core-5.4.iso" }],
 * });
 * ```
 *
 * @see https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.Folder.html#createVm CreateVM_Task
 */
export class ScratchVm extends VmResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:ScratchVm";

  /**
   * @param name The logical name; also the VM's name unless `args.name` says otherwise.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: ScratchVmArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("ScratchVm", name, argsOf("ScratchVm", name, args), options);
  }
}
