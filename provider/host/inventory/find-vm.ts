import type { EsxiHost } from "../esxi-host.ts";
import { LookUpError } from "./look-up-error.ts";
import { CALLED, theOneCalled, type VmKey } from "./vm-by-key.ts";
import { type InventoryVm, readVms } from "./vms.ts";

/**
 * The one virtual machine with that name or id.
 * @throws LookUpError if there is none, with names that are like it, or if there are several, with their paths.
 * @throws UnreadableVmError if the host cannot read it now.
 */
export async function findVm(host: EsxiHost, key: VmKey, value: string): Promise<InventoryVm> {
  const all = await readVms(host);
  return theOneCalled(host.name, all, [key, value], {
    none: (instead) =>
      new LookUpError(`${host.name} has no virtual machine ${CALLED[key]} "${value}": ${instead}.`),
    several: (paths) =>
      new LookUpError(
        `${host.name} has ${paths.length} virtual machines ${CALLED[key]} "${value}": ` +
          `${paths.map((path) => `"${path}"`).join(" and ")}. Say which one you mean by its vmxPath.`,
      ),
  });
}
