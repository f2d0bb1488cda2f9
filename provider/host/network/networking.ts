import type {
  HostPortGroup,
  HostVirtualNic,
  HostVirtualSwitch,
  ManagedObjectReference,
} from "../../../schema/index.ts";
import { retrieveInventory, retrieveOne } from "../../vim/reads/property-collector.ts";
import { configManager } from "../config-manager.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { sharedRead } from "../per-host.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { canBeRead } from "../vm/reading/observed-vm.ts";
import { decodeVmName, isSameName } from "../vm/reading/vm-name.ts";

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

/** The host's networking as it is now. Callers that ask at the same moment share one read. */
export const readNetworking = sharedRead(retrieve);

async function retrieve(host: EsxiHost): Promise<Networking> {
  const { networkSystem: system } = await configManager(host);
  if (!system)
    throw new HostError(
      `${host.name} does not let this user see its networking: its API shows no HostNetworkSystem. ` +
        "Give the user of esxi:username a role that may read the host's configuration.",
    );
  const { networkInfo } = await retrieveOne(host.client, system, "HostNetworkSystem", ["networkInfo"]);
  if (networkInfo === undefined) {
    throw new UnreadableError(
      `${host.name} does not show its networking now. Nothing on it is gone, and nothing was changed. Run the same once more.`,
    );
  }
  return {
    system,
    switches: networkInfo.vswitch ?? [],
    portGroups: networkInfo.portgroup ?? [],
    vmkernelPorts: networkInfo.vnic ?? [],
    physicalAdapters: (networkInfo.pnic ?? []).map(({ device }) => device),
  };
}

/**
 * Who uses port groups: `the VM "a"`, `the VMkernel port vmk0`. A VM that is off counts too, because it could not start
 * on a port group that is gone. A VM counts too if the host cannot say which networks it is on.
 */
export async function usersOf(
  host: EsxiHost,
  portGroups: readonly string[],
  { vmkernelPorts }: Networking,
): Promise<string[]> {
  const isMeant = (name: string) => portGroups.some((one) => isSameName(one, name));
  const { Network: networks, VirtualMachine: vms } = await retrieveInventory(host.client, {
    Network: ["name", "vm"],
    VirtualMachine: ["name", "network", "runtime.connectionState", "config.files"],
  });
  const meant = networks.filter(({ properties }) => isMeant(properties.name ?? ""));
  const networkIds = new Set(meant.map(({ ref }) => ref.value));
  const vmIds = new Set(meant.flatMap(({ properties }) => properties.vm ?? []).map(({ value }) => value));
  const users = vms.flatMap(({ ref, properties }) => {
    const name = `the VM "${decodeVmName(properties.name ?? ref.value)}"`;
    const { network = [] } = properties;
    if (vmIds.has(ref.value) || network.some(({ value }) => networkIds.has(value))) return [name];
    const isRead =
      properties["config.files"] !== undefined && canBeRead(properties["runtime.connectionState"]);
    return isRead || network.length > 0 ? [] : [`perhaps ${name}, which the host cannot read now`];
  });
  return [
    ...users.sort(),
    ...vmkernelPorts
      .filter(({ portgroup }) => isMeant(portgroup))
      .map(({ device }) => `the VMkernel port ${device}`),
  ];
}
