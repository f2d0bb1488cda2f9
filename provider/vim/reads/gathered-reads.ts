import DataLoader from "dataloader";
import type { ManagedObjectReference } from "../../../schema/index.ts";
import { gathering } from "./gather.ts";

/**
 * Reads objects of a type by their ids. Everything that is asked for before the next moment goes to the host in one
 * read.
 * @param read Returns the objects that exist, by id.
 * @param most The most objects in one read.
 */
export function gatheredReads<T>(
  type: string,
  read: (refs: readonly ManagedObjectReference[]) => Promise<ReadonlyMap<string, T>>,
  most = Number.POSITIVE_INFINITY,
): DataLoader<string, T | undefined> {
  const readMany = async (ids: readonly string[]) => {
    const found = await read([...new Set(ids)].map((value) => ({ type, value })));
    return ids.map((id) => found.get(id));
  };
  return new DataLoader(readMany, {
    cache: false,
    maxBatchSize: most,
    batchScheduleFn: (run) => void gathering.moment().then(run),
  });
}
