import type * as pulumi from "@pulumi/pulumi";
import { type LookUpOptions, lookUp } from "../../program/look-up.ts";
import { lookUpArgsOf } from "../frame/given-args.ts";

/** The datastore for {@link getDatastore}. */
export interface GetDatastoreArgs {
  /** The datastore's name. */
  name: pulumi.Input<string>;
  /** The host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: pulumi.Input<string> | undefined;
}

/** The answer of {@link getDatastore}. */
export interface GetDatastoreResult {
  /** The datastore's name. */
  readonly name: string;
  /** The managed object id on its host. */
  readonly moid: string;
  /** `VMFS`, `NFS`, `NFS41`, `vsan`, `VFFS` … */
  readonly type: string;
  /** Size in bytes. 0 if the host cannot reach it. */
  readonly capacityBytes: number;
  /** Free space in bytes. Thin disks can still grow into it. */
  readonly freeBytes: number;
  /** Whether the host can reach it now. */
  readonly accessible: boolean;
  /** Where it is in the host's own file system, `/vmfs/volumes/…`, or `ds:///vmfs/volumes/…`. */
  readonly url: string;
}

/**
 * A datastore as it is now. It is read again in each preview and update.
 *
 * Fails if the host does not have a datastore of that name. The error lists the names on the host.
 *
 * @example
 * ```ts
 * const ssd = getDatastore({ name: "datastore1" });
 * export const freeGiB = ssd.freeBytes.apply((bytes) => Math.floor(bytes / 2 ** 30));
 * ```
 *
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function getDatastore(
  args: GetDatastoreArgs,
  options?: LookUpOptions,
): pulumi.Output<GetDatastoreResult> {
  const given = lookUpArgsOf("getDatastore", args);
  return lookUp<GetDatastoreResult>("getDatastore", { host: given.host, name: given.name }, options);
}
