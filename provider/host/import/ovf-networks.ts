import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { findNetwork, inNetworkMap } from "../inventory/named-places.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { called, isSameName } from "../vm/reading/vm-name.ts";
import { adaptersAmong } from "../vm/settings/network-interfaces.ts";

type NetworkMap = Readonly<Record<string, string>>;

/** The port group for a network of an OVF. */
const placeOf = (name: string, map: NetworkMap): string => map[name] ?? name;

/**
 * The port groups for a machine's adapters, in the order of the adapters.
 *
 * @param ofAdapters The OVF's network of each adapter that the OVF gives the machine, in their order.
 * @throws HostError if the host does not have one of them, or the machine has other adapters than the OVF.
 */
export async function networksOfAdapters(
  host: EsxiHost,
  vm: ObservedVm,
  ofAdapters: readonly string[],
  map: NetworkMap,
): Promise<readonly string[]> {
  const { length } = adaptersAmong(vm.devices);
  if (length !== ofAdapters.length) {
    throw new HostError(
      `${host.name}: "${vm.name}" has ${length} network adapters and its OVF ${ofAdapters.length}, so nobody can tell ` +
        "which of them ovfNetworkMap means. Nothing was changed. Say it in networkInterfaces, without ovfNetworkMap.",
    );
  }
  for (const name of new Set(ofAdapters)) await findNetwork(host, placeOf(name, map), inNetworkMap(name));
  const { networks } = await host.facts();
  return ofAdapters.map((name) => {
    const place = placeOf(name, map);
    // With the host's spelling.
    return called(networks, place, ({ spelled }) => spelled)[0]?.spelled ?? place;
  });
}

/**
 * The map as the host has it. It differs from the given one where an adapter is on another port group.
 *
 * @param ofAdapters As for {@link networksOfAdapters}.
 * @returns undefined if nothing differs, or nobody can tell
 */
export function observedNetworkMap(
  vm: ObservedVm,
  ofAdapters: readonly string[],
  map: NetworkMap,
): NetworkMap | undefined {
  const adapters = adaptersAmong(vm.devices);
  if (adapters.length !== ofAdapters.length) return undefined;
  const moved = ofAdapters.flatMap((name, index): [string, string][] => {
    const now = adapters[index]?.network ?? "";
    return isSameName(now, placeOf(name, map)) ? [] : [[name, now]];
  });
  return moved.length === 0 ? undefined : { ...map, ...Object.fromEntries(moved) };
}
