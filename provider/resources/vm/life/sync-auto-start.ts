import { isDeepStrictEqual } from "node:util";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { type AutoStartWish, observeAutoStart } from "../../../host/vm/auto-start.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";

/** Puts the VM into its host's list of machines that start with it, unless it stands there as wished. */
export async function syncAutoStart(
  host: EsxiHost,
  vm: ObservedVm,
  wish: AutoStartWish | undefined,
  control: VmControl,
): Promise<void> {
  if (wish === undefined) return;
  if (isDeepStrictEqual(await observeAutoStart(host, vm.ref, wish), wish)) return;
  await control.setAutoStart(vm, wish);
}
