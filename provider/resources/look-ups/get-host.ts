import type * as pulumi from "@pulumi/pulumi";
import { type LookUpOptions, lookUp } from "../../program/look-up.ts";
import { lookUpArgsOf } from "../frame/given-args.ts";

/** The host for {@link getHost}. */
export interface GetHostArgs {
  /** Its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: pulumi.Input<string> | undefined;
}

/** The answer of {@link getHost}. */
export interface GetHostResult {
  /** The host's name in the configuration, or its address. */
  readonly name: string;
  /** Hardware UUID. */
  readonly hostUuid: string;
  /** `VMware ESXi 8.0.3 build-24022510`. From 9.0 on without the build: `VMware ESXi 9.1.0.0`. */
  readonly product: string;
  /** `8.0.3` */
  readonly version: string;
  /** `24022510` */
  readonly build: string;
  /** Version of the vSphere API, `8.0.3.0`. */
  readonly apiVersion: string;
  /** The machine's manufacturer. */
  readonly vendor: string;
  /** The machine's model. */
  readonly model: string;
  /** The processors' model. */
  readonly cpuModel: string;
  /** Cores of all processors. */
  readonly numCpuCores: number;
  /** Logical processors: as many as cores, or twice as many with hyper-threading. */
  readonly numCpuThreads: number;
  /** Clock rate of a core in MHz. */
  readonly cpuMhz: number;
  /** Memory in MB. */
  readonly memory: number;
  /** Memory of all registered machines together, running or not, in MB. More than `memory` if it is overcommitted. */
  readonly memoryAssigned: number;
  /** Virtual CPUs of all registered machines together, running or not. */
  readonly numCpusAssigned: number;
  /** The licence's name, `vSphere 8 Enterprise Plus`. Empty if the user may not see it. */
  readonly licenseName: string;
  /** The licence's edition key, `esx.enterprisePlus.cpuPackageCoreLimited`. Empty if the user may not see it. */
  readonly licenseEdition: string;
  /** Whether the licence allows changes through the API. If not, the host can be changed over SSH only. */
  readonly apiWritable: boolean;
  /** Names of the datastores. */
  readonly datastores: string[];
  /** Names of the networks that adapters can be on: the port groups. */
  readonly networks: string[];
  /** Names of the resource pools. The root pool is `Resources`. */
  readonly resourcePools: string[];
}

/**
 * The properties of a host, its datastores, networks and pools. They are read again in each preview and update. Nothing
 * on the host is changed.
 *
 * Fails if the configuration does not say how to reach the host, or the host does not answer.
 *
 * @example
 * ```ts
 * const lab = getHost({ host: "lab1" });
 * export const esxi = lab.version;
 * export const cores = lab.numCpuCores;
 * ```
 *
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function getHost(args: GetHostArgs = {}, options?: LookUpOptions): pulumi.Output<GetHostResult> {
  const given = lookUpArgsOf("getHost", args);
  return lookUp<GetHostResult>("getHost", { host: given.host }, options);
}
