import { clock } from "../../clock.ts";
import { formatBytes } from "./format-bytes.ts";

/** Whole percent, 99 at most. Only the host can say that a transfer is done. */
export const percentOf = (done: number, total: number): number =>
  Math.min(99, Math.floor((done / Math.max(1, total)) * 100));

/** `uploading 42% of 1.5 GiB, 98.3 MiB/s, disk.vmdk`. Sizes are bytes, `started` is milliseconds since 1970. */
export function transferStatus(
  doing: string,
  transfer: {
    readonly done: number;
    readonly total: number;
    readonly started: number;
    readonly name: string;
  },
): string {
  const { done, total, started, name } = transfer;
  const rate = (done * 1000) / Math.max(1, clock.now() - started);
  return `${doing} ${percentOf(done, total)}% of ${formatBytes(total)}, ${formatBytes(rate)}/s, ${name}`;
}
