import { pauseFor } from "../../../pause.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import type { HostError } from "../../host-error.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";

/** How long a host may take to show the content of a .vmx file. */
const PATIENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 2_000;

/** What a host is to show of a machine. */
export interface Expected {
  isShown(now: ObservedVm): boolean;
  /** The error after the longest wait. */
  notShown(now: ObservedVm | undefined): HostError;
}

/**
 * Reads a machine until the host shows the content of its .vmx file.
 * @returns The machine then.
 */
export async function untilShown(
  host: EsxiHost,
  vm: ObservedVm,
  { isShown, notShown }: Expected,
  signal: AbortSignal,
): Promise<ObservedVm> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  for (let pause = 100; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const now = await host.vms.byReference(vm.ref);
    if (now && isShown(now)) return now;
    if (patience.aborted) throw notShown(now);
    await pauseFor(pause, signal);
  }
}
