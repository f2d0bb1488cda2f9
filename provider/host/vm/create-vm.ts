import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../../../schema/index.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { rememberGiven } from "../file-use/given-files.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { OWNER_MARK_KEY } from "./reading/owner-mark.ts";

/**
 * Makes a machine from its specification, in one step: it is there with all its devices, or not at all. The machine is
 * returned even if the run was told to stop meanwhile, so that the caller can remove it.
 *
 * @param config Its owner mark tells the machine from others of its name.
 * @returns The new machine, powered off.
 */
export async function createVm(
  host: EsxiHost,
  config: VirtualMachineConfigSpec,
  resourcePool: string | undefined,
  signal: AbortSignal,
): Promise<ManagedObjectReference> {
  const pool = await findResourcePool(host, resourcePool);
  const { vmFolder } = await host.facts();
  signal.throwIfAborted();
  const limit = aMomentAfter(signal);
  rememberGiven(host, config.deviceChange);
  const vm = await madeDespiteLostAnswer(
    () =>
      host.task<ManagedObjectReference>(
        () => host.client.call(vmFolder, "CreateVM_Task", { config, pool }, { signal: limit }),
        { signal: limit },
      ),
    () => findMade(host, config, limit),
  );
  rememberGiven(host, config.deviceChange);
  if (vm) return vm;
  throw new HostError(
    `${host.name} made "${config.name}", but does not say which machine that is. Run \`pulumi up\` again.`,
  );
}

/** The machine of that name and mark. */
async function findMade(
  host: EsxiHost,
  { name, extraConfig }: VirtualMachineConfigSpec,
  signal: AbortSignal,
): Promise<ManagedObjectReference | undefined> {
  const mark = extraConfig?.find(({ key }) => key === OWNER_MARK_KEY)?.value;
  if (mark === undefined) return undefined;
  signal.throwIfAborted();
  for (const { ref, encodedName } of await host.vms.entries()) {
    if (encodedName !== name) continue;
    const vm = await host.vms.byReference(ref);
    if (vm?.extraConfig.get(OWNER_MARK_KEY) === mark) return ref;
  }
  return undefined;
}
