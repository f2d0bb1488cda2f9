import type { Vmx } from "../../../vmx/vmx.ts";
import { HostError } from "../../host-error.ts";
import { NEEDS_API } from "./setting.ts";
import type { VmWishes } from "./settings.ts";
import { told } from "./wishes.ts";

/** Why an order of boot devices cannot be set in a .vmx file. */
export const EFI_ORDER =
  "cannot be set over SSH for a machine with EFI, which keeps its boot order in its NVRAM: leave it out, set it in the " +
  'machine\'s own setup, or use transport: "api", which needs a licence that allows it';

/**
 * @param now The firmware of the machine.
 * @throws HostError for what only the API can do.
 */
export function refuseInVmx(wishes: VmWishes, now: string | undefined): void {
  const others = told(wishes).filter(({ setting }) => setting.vmx === NEEDS_API);
  if (others.length > 0) {
    throw new HostError(
      `${others.map(({ name }) => name).join(", ")} cannot be changed over SSH: that needs the host's API, and a licence that allows it.`,
    );
  }
  if (wishes.bootOrder !== undefined && wishes.bootOrder.length > 0 && (wishes.firmware ?? now) === "efi")
    throw new HostError(`bootOrder ${EFI_ORDER}.`);
}

/**
 * Writes what is wished for into a .vmx file, as the API would.
 * @throws HostError for what only the API can do.
 */
export function applyToVmx(vmx: Vmx, wishes: VmWishes): void {
  refuseInVmx(wishes, vmx.get("firmware"));
  for (const { setting, wish } of told(wishes)) if (setting.vmx !== NEEDS_API) setting.vmx(vmx, wish);
}
