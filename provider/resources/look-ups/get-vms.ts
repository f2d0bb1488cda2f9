import type * as pulumi from "@pulumi/pulumi";
import { type LookUpOptions, lookUp } from "../../program/look-up.ts";
import { lookUpArgsOf } from "../frame/given-args.ts";
import type { FoundVm } from "./found-vm.ts";

/** The virtual machines for {@link getVms}. A VM must fit all of these. */
export interface GetVmsArgs {
  /** The host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: pulumi.Input<string> | undefined;
  /** Their names: `*` stands for any characters, `?` for one. Upper and lower case differ. Default: all. */
  namePattern?: pulumi.Input<string> | undefined;
  /** `poweredOn`, `poweredOff` or `suspended`. Default: all. */
  powerState?: pulumi.Input<"poweredOn" | "poweredOff" | "suspended"> | undefined;
  /** Name of their resource pool. VMs in pools below it do not count. Default: all. */
  resourcePool?: pulumi.Input<string> | undefined;
}

/**
 * The virtual machines of a host, in the order of their names. They are read together, and again in each preview and
 * update. VMs whose configuration the host cannot read are left out. If no VM fits, the list is empty.
 *
 * Fails if the host does not have the resource pool.
 *
 * @example
 * ```ts
 * const running = getVms({ namePattern: "student-*", powerState: "poweredOn" });
 * export const addresses = running.apply((vms) => vms.map((vm) => vm.defaultIpAddress));
 * ```
 *
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function getVms(args: GetVmsArgs = {}, options?: LookUpOptions): pulumi.Output<FoundVm[]> {
  const { host, namePattern, powerState, resourcePool } = lookUpArgsOf("getVms", args);
  return lookUp<FoundVm[]>("getVms", { host, namePattern, powerState, resourcePool }, options);
}
