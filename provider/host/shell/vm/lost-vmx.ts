import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";

/** The error of a machine whose `.vmx` file is gone, although its host still has the machine. */
export const lostVmx = (host: EsxiHost, { name, vmxPath }: Pick<ObservedVm, "name" | "vmxPath">): HostError =>
  new HostError(
    `${host.name}: there is no ${vmxPath} any more, so "${name}" was left as it is. Bring the file back, or take the ` +
      "machine out of the inventory in the host's client; then run `pulumi refresh`.",
  );
