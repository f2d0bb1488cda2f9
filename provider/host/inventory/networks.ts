import type { HostPortGroup } from "../../../schema/index.ts";
import { retrieveInventory, retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sharedRead } from "../per-host.ts";
import { called, decodeVmName } from "../vm/reading/vm-name.ts";

/** A network that adapters of virtual machines can be on. */
export interface ObservedNetwork {
  readonly moid: string;
  readonly name: string;
  /** Undefined for a network that is no port group of a standard switch. */
  readonly vlanId: number | undefined;
  readonly virtualSwitch: string | undefined;
}

/** All networks of the host, as they are now. */
export const readNetworks = sharedRead(async (host: EsxiHost): Promise<readonly ObservedNetwork[]> => {
  const { Network: networks, HostSystem: systems } = await retrieveInventory(host.client, {
    Network: ["name"],
    HostSystem: ["configManager"],
  });
  const manager = systems[0]?.properties.configManager?.networkSystem;
  const portGroups = manager ? await portGroupsOf(host, manager) : [];
  return networks.map(({ ref, properties }) => {
    const spelled = properties.name ?? "";
    const group = called(portGroups, spelled, ({ spec }) => spec.name)[0]?.spec;
    const name = group?.name ?? decodeVmName(spelled);
    return { moid: ref.value, name, vlanId: group?.vlanId, virtualSwitch: group?.vswitchName };
  });
});

async function portGroupsOf(
  { client }: EsxiHost,
  manager: Parameters<typeof retrieveOne>[1],
): Promise<readonly HostPortGroup[]> {
  const found = await retrieveOne(client, manager, "HostNetworkSystem", ["networkInfo.portgroup"]);
  return found["networkInfo.portgroup"] ?? [];
}
