import * as pulumi from "@pulumi/pulumi";
import { DatastoreClone, type DatastoreCloneArgs } from "./datastore-clone.ts";
import { OvaDeployment, type OvaDeploymentArgs } from "./ova-deployment.ts";

/** What a fleet is made from: an OVA, which is uploaded once per host, or a machine that is on the host already. */
export type FleetSource =
  | { readonly ova: Omit<OvaDeploymentArgs, "name" | "host" | "powerOn"> }
  | { readonly vm: DatastoreCloneArgs["source"] };

/** Settings of one machine of a fleet. */
export type FleetVmArgs = Partial<Omit<DatastoreCloneArgs, "source" | "mode" | "host" | "name">>;

/** What a {@link VmFleet} is made from and how. */
export interface VmFleetArgs {
  readonly source: FleetSource;
  /** How many machines. Changing it makes or deletes those at the end only. */
  readonly count: number;
  /** `linked` (default) or `full`; see {@link DatastoreClone}. */
  readonly mode?: "linked" | "full" | undefined;
  /**
   * Name of each machine: a text in which `%d` stands for its number from 1 on, or a function of its index from 0 on.
   * Default: the fleet's name, a dash and the number.
   */
  readonly namePattern?: string | ((index: number) => string) | undefined;
  /** Settings that all machines have. */
  readonly settings?: FleetVmArgs | undefined;
  /** Settings of one machine by its index from 0 on; they go before those of all. */
  readonly settingsOf?: ((index: number) => FleetVmArgs) | undefined;
  /**
   * Hosts to spread over, by their names in the configuration's `esxi:hosts`: the machines go round. Default: the host
   * of `esxi:host`. A machine's host depends on its index and this list: adding a host moves machines, which replaces
   * them. With the source `vm` at most one.
   */
  readonly hosts?: readonly string[] | undefined;
}

/**
 * Many machines from one OVA, at the price of one upload per host: a base that stays off is deployed to each host, and
 * every machine is cloned from it there.
 *
 * @example
 * ```ts
 * new VmFleet("student", { source: { ova: { ovaPath: "images/tinyVM.ova" } }, count: 20, settings: { memory: 512 } });
 * ```
 */
export class VmFleet extends pulumi.ComponentResource {
  /** The machines, in the order of their indices. */
  readonly vms: readonly DatastoreClone[];
  /** The machines that the others are cloned from, one per host; none for the source `vm`. */
  readonly bases: readonly OvaDeployment[];

  /**
   * @param name The logical name; bases and machines get theirs from it.
   * @throws RunError for a count that is none, names that are not distinct, or several hosts for the source `vm`.
   */
  constructor(name: string, args: VmFleetArgs, options?: pulumi.ComponentResourceOptions) {
    super("esxi:index:VmFleet", name, {}, options);
    const names = namesOf(name, args);
    const hosts = args.hosts?.length ? args.hosts : [undefined];
    const { source } = args;
    if (!("ova" in source) && hosts.length > 1) {
      throw new pulumi.RunError(
        `VmFleet "${name}": a machine that is there already is on one host, so hosts can name one only.`,
      );
    }
    const used = hosts.slice(0, Math.max(1, args.count));
    const bases = "ova" in source ? used.map((host) => this.#base(name, source.ova, host)) : [];
    this.bases = bases;
    this.vms = names.map((vmName, index) => {
      const host = hosts[index % hosts.length];
      const from = "ova" in source ? bases[index % hosts.length] : source.vm;
      if (from === undefined) throw new pulumi.RunError(`VmFleet "${name}": no base for ${vmName}.`);
      const settings = { ...args.settings, ...args.settingsOf?.(index) };
      return new DatastoreClone(
        `${name}-${index + 1}`,
        { ...settings, name: vmName, source: from, mode: args.mode ?? "linked", host },
        { parent: this },
      );
    });
    this.registerOutputs({ vms: this.vms.map((vm) => vm.vmxPath) });
  }

  #base(name: string, ova: OvaDeploymentArgs, host: string | undefined): OvaDeployment {
    const logical = `${name}-base${host === undefined ? "" : `-${host}`}`;
    return new OvaDeployment(logical, { ...ova, host, powerOn: false }, { parent: this });
  }
}

function namesOf(fleet: string, { count, namePattern = `${fleet}-%d` }: VmFleetArgs): string[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new pulumi.RunError(`VmFleet "${fleet}": count must be a whole number, not ${count}.`);
  }
  const nameOf =
    typeof namePattern === "function"
      ? namePattern
      : (index: number) => namePattern.replaceAll("%d", String(index + 1));
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice === undefined) return names;
  throw new pulumi.RunError(
    `VmFleet "${fleet}": two machines would be named "${twice}". Put %d into namePattern, which stands for the number.`,
  );
}
