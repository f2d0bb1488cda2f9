import { readFileSync } from "node:fs";

/** Of `/proc`, whatever the kernel's own clock. */
const TICKS_A_SECOND = 100;

/** Processor time that a process has taken so far, in seconds; undefined where there is no /proc. */
export function processorSecondsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before it, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return undefined;
  }
}
