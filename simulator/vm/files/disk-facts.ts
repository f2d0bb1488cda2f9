/** The content of the descriptors of an attached disk and of its parents. */
import { type DatastoreFile, formatFile, type Volumes } from "../../datastore/file.ts";
import { chainFiles } from "../../disk/chain.ts";
import { diskCapacity } from "../../disk/descriptor.ts";
import { readDescriptor } from "../../disk/disk.ts";
import type { DiskFacts } from "../device/context.ts";

const RAW_MAPPINGS: Readonly<Record<string, DiskFacts["rawMapping"]>> = {
  vmfsRawDeviceMap: "virtualMode",
  vmfsPassthroughRawDeviceMap: "physicalMode",
};

/** Types of disks that Workstation and ovftool write. */
const HOSTED = /^(monolithic|twoGbMaxExtent|streamOptimized)/;

export interface ChainFacts {
  /** The disk itself first, then its parents, if they are there. */
  readonly files: readonly DatastoreFile[];
  /** By datastore path. */
  readonly facts: ReadonlyMap<string, DiskFacts>;
}

export async function chainFacts(volumes: Volumes, file: DatastoreFile): Promise<ChainFacts> {
  const files = await chainFiles(volumes, file);
  const facts = new Map<string, DiskFacts>();
  let uuid = "";
  let parent: string | undefined;
  for (const one of [...files].reverse()) {
    const descriptor = await readDescriptor(one.datastore, one.path).catch(() => undefined);
    if (descriptor === undefined) continue;
    // A delta disk has the identity of the disk whose changes it holds.
    uuid = descriptor.uuid || uuid;
    const path = formatFile(one);
    facts.set(path, {
      capacityBytes: diskCapacity(descriptor),
      thin: descriptor.thin,
      uuid,
      eagerZeroed: descriptor.eagerZeroed,
      contentId: descriptor.cid,
      isDelta: descriptor.parentFile !== undefined,
      rawMapping: RAW_MAPPINGS[descriptor.createType],
      hosted: HOSTED.test(descriptor.createType)
        ? { split: descriptor.createType.startsWith("twoGb") }
        : undefined,
      parent,
    });
    parent = path;
  }
  return { files, facts };
}
