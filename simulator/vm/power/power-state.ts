/** The operations that a VM allows in each power state. */
import type { VirtualMachinePowerState } from "../../../schema/index.ts";
import { VimFault } from "../../soap/fault.ts";

const STATE_NAMES: Readonly<Record<VirtualMachinePowerState, string>> = {
  poweredOn: "Powered on",
  poweredOff: "Powered off",
  suspended: "Suspended",
};

export function invalidPowerState(
  { powerState }: { readonly powerState: VirtualMachinePowerState },
  requestedState?: VirtualMachinePowerState,
): VimFault {
  return new VimFault(
    "InvalidPowerState",
    `The attempted operation cannot be performed in the current state (${STATE_NAMES[powerState]}).`,
    { requestedState, existingState: powerState },
  );
}
