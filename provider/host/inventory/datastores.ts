import { retrieveAll } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sharedRead } from "../per-host.ts";
import { decodeVmName } from "../vm/reading/vm-name.ts";

/** A datastore as its host describes it now. */
export interface ObservedDatastore {
  readonly moid: string;
  readonly name: string;
  /** `VMFS`, `NFS`, `NFS41`, `vsan`, `VFFS` … */
  readonly type: string;
  readonly capacityBytes: number;
  readonly freeBytes: number;
  readonly accessible: boolean;
  readonly url: string;
}

/** All datastores of the host, as they are now. */
export const readDatastores = sharedRead(
  async ({ client }: EsxiHost): Promise<readonly ObservedDatastore[]> => {
    const datastores = await retrieveAll(client, "Datastore", ["name", "summary"]);
    return datastores.map(({ ref, properties: { name = "", summary } }) => ({
      moid: ref.value,
      name: summary?.name ?? decodeVmName(name),
      type: summary?.type ?? "",
      capacityBytes: summary?.capacity ?? 0,
      freeBytes: summary?.freeSpace ?? 0,
      accessible: summary?.accessible ?? false,
      url: summary?.url ?? "",
    }));
  },
);

/** Names of the datastores that the host reaches, sorted. */
export async function reachedDatastores(host: EsxiHost): Promise<string[]> {
  const { datastores: known } = await host.facts();
  // The facts are read once in a run, and a datastore that was away then may be back.
  const all = known.every(({ accessible }) => accessible) ? known : await readDatastores(host);
  return all
    .filter(({ accessible }) => accessible)
    .map(({ name }) => name)
    .sort();
}
