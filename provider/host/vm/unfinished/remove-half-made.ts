import type { EsxiHost } from "../../esxi-host.ts";
import { clearAway } from "../../grace.ts";
import { othersEnded } from "../../others-tasks.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { isOfSameCreate, type OwnerMark } from "../reading/owner-mark.ts";
import { decodeVmName } from "../reading/vm-name.ts";
import type { VmControl } from "../vm-control.ts";

interface Way {
  readonly control: Pick<VmControl, "powerOff">;
  /** Removes a VM that is not finished, with all that belongs to it. */
  removeUnfinished(vm: ObservedVm, signal: AbortSignal): Promise<void>;
}

/**
 * Removes a machine that a failed create has made, and for which no answer arrived. State does not know it, so
 * `pulumi destroy` would leave it. It is found by its mark. Never throws, because the first error is the one that counts.
 *
 * @param way How the host is made to do it.
 */
export async function removeHalfMade(
  host: EsxiHost,
  { name, mark }: { readonly name: string; readonly mark: OwnerMark },
  { control, removeUnfinished }: Way,
  { signal, onWarning }: { readonly signal: AbortSignal; readonly onWarning: (text: string) => void },
): Promise<void> {
  try {
    await clearAway(signal, async (limit) => {
      // A run that must end does not wait for the host's work. The machine shows only when that work has ended.
      if (signal.aborted) await othersEnded(host, /(create|register)VM/i, limit);
      for (const { ref, encodedName } of await host.vms.entries()) {
        if (decodeVmName(encodedName) !== name) continue;
        const vm = await host.vms.byReference(ref);
        if (vm === undefined || !isOfSameCreate(vm.ownerMark, mark)) continue;
        if (vm.powerState !== "poweredOff") await control.powerOff(vm, limit);
        await removeUnfinished(vm, limit);
      }
    });
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    onWarning(`What was begun could not be removed, and the next run will do it: ${why}`);
  }
}
