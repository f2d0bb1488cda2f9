import type { ManagedObjectReference } from "../../../schema/index.ts";
import { retrieveInventory, retrieveMany } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sharedRead } from "../per-host.ts";
import { OWNER_MARK_KEY, type OwnerMark, parseOwnerMark } from "../vm/reading/owner-mark.ts";
import { decodeVmName } from "../vm/reading/vm-name.ts";

/** What a host has, and what its registered machines were given of it, running or not. */
export interface Capacity {
  /** Of the host, in MB. */
  readonly memoryMb: number;
  readonly vms: readonly RegisteredVm[];
  readonly datastores: readonly DatastoreCapacity[];
}

export interface RegisteredVm {
  readonly ref: ManagedObjectReference;
  readonly name: string;
  /** 0 if the host does not tell it now. */
  readonly memoryMb: number;
}

interface DatastoreCapacity {
  readonly name: string;
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

const BYTES_IN_MB = 1024 ** 2;

/** What the host has, and what it has given to machines, as it is now. One call. */
export const readCapacity = sharedRead(async ({ client }: EsxiHost): Promise<Capacity> => {
  const {
    HostSystem: hosts,
    VirtualMachine: vms,
    Datastore: datastores,
  } = await retrieveInventory(client, {
    HostSystem: ["summary.hardware"],
    VirtualMachine: ["name", "summary.config.memorySizeMB"],
    Datastore: ["name", "summary"],
  });
  return {
    memoryMb: Math.floor((hosts[0]?.properties["summary.hardware"]?.memorySize ?? 0) / BYTES_IN_MB),
    vms: vms.map(({ ref, properties }) => ({
      ref,
      name: decodeVmName(properties.name ?? ""),
      memoryMb: properties["summary.config.memorySizeMB"] ?? 0,
    })),
    datastores: datastores.map(({ properties: { name = "", summary } }) => ({
      name: summary?.name ?? decodeVmName(name),
      capacityBytes: summary?.capacity ?? 0,
      freeBytes: summary?.freeSpace ?? 0,
    })),
  };
});

/** The owner marks of the machines that have one, by managed object id. One call. */
export async function readOwnerMarks(
  { client }: EsxiHost,
  vms: readonly RegisteredVm[],
): Promise<ReadonlyMap<string, OwnerMark>> {
  const refs = vms.map(({ ref }) => ref);
  const found = await retrieveMany(client, refs, "VirtualMachine", ["config.extraConfig"]);
  return new Map(
    found.flatMap(({ ref, properties }): [string, OwnerMark][] => {
      const option = properties["config.extraConfig"]?.find(({ key }) => key === OWNER_MARK_KEY);
      const mark = parseOwnerMark(typeof option?.value === "string" ? option.value : undefined);
      return mark === undefined ? [] : [[ref.value, mark]];
    }),
  );
}
