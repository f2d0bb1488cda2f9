import type * as pulumi from "@pulumi/pulumi";
import { type LookUpOptions, lookUp } from "../../program/look-up.ts";
import { lookUpArgsOf } from "../frame/given-args.ts";
import type { FoundVm } from "./found-vm.ts";

/** The virtual machine for {@link getVm}: give exactly one of its name, instance UUID, moid or path. */
export interface GetVmArgs {
  /** The VM's name. */
  name?: pulumi.Input<string> | undefined;
  /** Its instance UUID. */
  instanceUuid?: pulumi.Input<string> | undefined;
  /** Its managed object id on the host. It is also the vmid of vim-cmd. */
  moid?: pulumi.Input<string> | undefined;
  /** Datastore path of its .vmx file, `[datastore1] vm/vm.vmx`. */
  vmxPath?: pulumi.Input<string> | undefined;
  /** The host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: pulumi.Input<string> | undefined;
}

/**
 * A virtual machine as it is now, made by anybody. It is read again in each preview and update. It is not managed:
 * nothing here changes or deletes it.
 *
 * Fails if the host does not have it, with similar names on the host. Fails if several VMs have the name, with their
 * paths.
 *
 * @example
 * ```ts
 * const golden = getVm({ name: "golden" });
 * new DatastoreClone("student", { source: golden.instanceUuid, memory: golden.memory });
 * ```
 *
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function getVm(args: GetVmArgs, options?: LookUpOptions): pulumi.Output<FoundVm> {
  const { host, name, instanceUuid, moid, vmxPath } = lookUpArgsOf("getVm", args);
  return lookUp<FoundVm>("getVm", { host, name, instanceUuid, moid, vmxPath }, options);
}
