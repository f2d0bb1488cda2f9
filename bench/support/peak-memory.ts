import { readFileSync } from "node:fs";
import { processesBelow } from "./command.ts";

const LOOK_EVERY_MS = 50;

/** What {@link watchPeakMemory} finds out. */
export interface PeakMemory {
  /** In bytes; undefined where the process was not seen, or there is no /proc. */
  peakBytes(): number | undefined;
  stop(): void;
}

/** Watches the dynamic-provider process below a `pulumi` process; the kernel keeps its peak, so the last look counts. */
export function watchPeakMemory(pulumiPid: number): PeakMemory {
  let provider: number | undefined;
  let peak: number | undefined;
  const look = () => {
    provider ??= findProvider(pulumiPid);
    const bytes = provider === undefined ? undefined : peakBytesOf(provider);
    if (bytes !== undefined) peak = Math.max(peak ?? 0, bytes);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

function findProvider(pulumiPid: number): number | undefined {
  const isProvider = /^\S*node \S*\bdynamic-provider\b/;
  return processesBelow(pulumiPid).find(({ command }) => isProvider.test(command))?.pid;
}

function peakBytesOf(pid: number): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return found === undefined ? undefined : Number(found) * 1024;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
