import type * as pulumi from "@pulumi/pulumi";
import { argsOf } from "../frame/given-args.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/**
 * The settings of a {@link ScratchVm}: those of all virtual machines. The defaults are those of a new machine: one CPU,
 * 1024 MB of memory, no disk, no CD-ROM drive, no network adapter.
 */
export type ScratchVmArgs = VmArgs;

/**
 * A virtual machine made from nothing: hardware as in the program, empty disks, and a guest that boots from the CD-ROM
 * drive or from the network. The host makes it in one step, so a failing create leaves nothing behind.
 *
 * Fails at preview for hardware that no host accepts: memory that is no multiple of 4 MB, two disks in one place. Fails
 * at `up` for reasons that only the host knows: an unknown datastore or port group, an ISO that is not there, a full
 * datastore, a VM of that name that does not belong to this resource.
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
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:ScratchVm";

  /**
   * @param name The logical name. Also the VM's name unless `args.name` gives another.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: ScratchVmArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("ScratchVm", name, argsOf("ScratchVm", name, args), options);
  }
}
