import {
  END_BYTES,
  hasFooter,
  isFooterWhole,
  streamOptimizedProblem,
} from "../../../provider/vmdk/stream-optimized.ts";
import { rawDisk, streamVmdk } from "../../support/stream-vmdk.ts";
import type { FuzzPart } from "../fuzz-part.ts";
import { mutateBytes } from "../mutate.ts";

const DISK = streamVmdk(rawDisk(1024 * 1024));

/** The first sector and the end of disks. */
export const vmdkHeaders: FuzzPart = {
  name: "vmdk-headers",
  draws: 8_000,
  async tryOne(chance) {
    const start = mutateBytes(DISK.subarray(0, 512), chance);
    streamOptimizedProblem(start, 1024 * 1024);
    hasFooter(start);
    isFooterWhole(mutateBytes(DISK.subarray(-END_BYTES), chance));
  },
  isExpected: () => false,
};
