import type { EsxiHost } from "../../../host/esxi-host.ts";
import type { RegisteredVm } from "../../../host/inventory/capacity.ts";
import { perHost } from "../../../host/per-host.ts";

/** Memory in MB by machine name. */
type Planned = ReadonlyMap<string, number>;

const plannedOn = perHost((_host: EsxiHost) => new Map<string, Planned>());

/** Notes the memory that a fleet has planned on a host in this run, for fleets that plan later. */
export function planMemory(host: EsxiHost, urn: string, planned: Planned): void {
  plannedOn(host).set(urn, planned);
}

/** Memory in MB that other fleets of this run have planned on a host, for machines that are not registered yet. */
export function memoryPlannedByOthers(host: EsxiHost, urn: string, vms: readonly RegisteredVm[]): number {
  const registered = new Set(vms.map(({ name }) => name));
  const others = [...plannedOn(host)].filter(([fleet]) => fleet !== urn);
  return others
    .flatMap(([, planned]) => [...planned])
    .reduce((sum, [name, memoryMb]) => sum + (registered.has(name) ? 0 : memoryMb), 0);
}
