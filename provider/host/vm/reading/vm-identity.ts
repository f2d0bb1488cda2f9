import { randomUUID } from "node:crypto";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { reconfigureVm } from "../vm-operations.ts";
import type { ObservedVm } from "./observed-vm.ts";

/**
 * The instance UUID, which tells a machine from all others. A machine that was registered with a .vmx file from
 * elsewhere may have an empty one, which tells nothing.
 *
 * @throws HostError for a machine that has none.
 */
export function identityOf(
  host: EsxiHost,
  { name, instanceUuid }: Pick<ObservedVm, "name" | "instanceUuid">,
): string {
  if (instanceUuid !== "") return instanceUuid;
  throw new HostError(
    `${host.name}: "${name}" has no instance UUID, so nothing tells it from other machines. Take it out of the ` +
      "inventory, write `vc.uuid` with a UUID of its own into its .vmx file, and register it again; or adopt it as a " +
      "resource, which gives it one.",
  );
}

/** Gives a machine that has no instance UUID one. @returns The machine as it is then. */
export async function withIdentity(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<ObservedVm> {
  if (vm.instanceUuid !== "") return vm;
  await reconfigureVm(host, vm, () => ({ instanceUuid: randomUUID() }), signal);
  const now = await host.vms.byReference(vm.ref);
  if (now) return now;
  throw new HostError(
    `${host.name} does not have "${vm.name}" any more, which was given an instance UUID a moment ago. Run \`pulumi up\` again.`,
  );
}
