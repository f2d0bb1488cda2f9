import type { VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { rememberGiven } from "../file-use/given-files.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";

const TRIES = 3;

/**
 * Changes the configuration of a VM by a specification that is made for its present state. If something has changed the
 * VM since it was read, usually a task of a run that was stopped, it is read again. So a device is never added twice,
 * and no other device is taken for the one that was seen.
 */
export async function reconfigureAsItIs(
  host: EsxiHost,
  vm: ObservedVm,
  specOf: (now: ObservedVm) => VirtualMachineConfigSpec | Promise<VirtualMachineConfigSpec>,
  signal: AbortSignal,
): Promise<void> {
  let calls = 0;
  let guarded = false;
  let given: VirtualMachineConfigSpec["deviceChange"];
  const start = async () => {
    const now = calls++ === 0 ? vm : ((await host.vms.byReference(vm.ref)) ?? vm);
    const spec = await specOf(now);
    guarded = spec.deviceChange !== undefined && spec.deviceChange.length > 0;
    rememberGiven(host, spec.deviceChange);
    given = spec.deviceChange;
    const guard = guarded && { changeVersion: now.changeVersion };
    return host.client.call(vm.ref, "ReconfigVM_Task", { spec: { ...spec, ...guard } });
  };
  for (let tries = 1; ; tries++) {
    try {
      await host.task(start, { signal });
      return rememberGiven(host, given);
    } catch (error) {
      if (!guarded || tries === TRIES || !isFault(error, "ConcurrentAccess")) throw error;
    }
  }
}
