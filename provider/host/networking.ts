import type {
  HostPortGroup,
  HostVirtualNic,
  HostVirtualSwitch,
  ManagedObjectReference,
} from "../../schema/index.ts";
import { retrieveInventory, retrieveOne } from "../vim/property-collector.ts";
import { configManager } from "./config-manager.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import { sharedRead } from "./inventory/shared-read.ts";
import { decodeVmName } from "./vm-name.ts";

/** The host's standard networking. */
export interface Networking {
  readonly system: ManagedObjectReference;
  readonly switches: readonly HostVirtualSwitch[];
  readonly portGroups: readonly HostPortGroup[];
  /** The host's own adapters: VMkernel ports. */
  readonly vmkernelPorts: readonly HostVirtualNic[];
  /** Names of the physical adapters. */
  readonly physicalAdapters: readonly string[];
}

/** The host's networking as it is now; who asks at the same moment shares the read. */
export const readNetworking = sharedRead(retrieve);

async function retrieve(host: EsxiHost): Promise<Networking> {
  const { networkSystem: system } = await configManager(host);
  if (!system) throw new HostError(`${host.name} tells nobody of its networking.`);
  const { networkInfo } = await retrieveOne(host.client, system, "HostNetworkSystem", ["networkInfo"]);
  return {
    system,
    switches: networkInfo?.vswitch ?? [],
    portGroups: networkInfo?.portgroup ?? [],
    vmkernelPorts: networkInfo?.vnic ?? [],
    physicalAdapters: (networkInfo?.pnic ?? []).map(({ device }) => device),
  };
}

/**
 * Who uses port groups: `the VM "a"`, `the VMkernel port vmk0`. VMs that are off count too: without the port group they
 * could not be on it when they start.
 */
export async function usersOf(
  host: EsxiHost,
  portGroups: readonly string[],
  { vmkernelPorts }: Networking,
): Promise<string[]> {
  const { Network: networks, VirtualMachine: vms } = await retrieveInventory(host.client, {
    Network: ["name", "vm"],
    VirtualMachine: ["name"],
  });
  const ids = networks
    .filter(({ properties }) => portGroups.includes(properties.name ?? ""))
    .flatMap(({ properties }) => (properties.vm ?? []).map(({ value }) => value));
  return [
    ...vms
      .filter(({ ref }) => ids.includes(ref.value))
      .map(({ properties }) => `the VM "${decodeVmName(properties.name ?? "")}"`)
      .sort(),
    ...vmkernelPorts
      .filter(({ portgroup }) => portGroups.includes(portgroup))
      .map(({ device }) => `the VMkernel port ${device}`),
  ];
}
