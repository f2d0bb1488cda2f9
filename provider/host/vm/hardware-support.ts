import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";
import { hardwareVersionProblem, parseHardwareVersion } from "./settings/hardware-version.ts";

interface Wanted {
  readonly name: string;
  readonly hardwareVersion?: number | undefined;
}

/**
 * Refuses virtual hardware that the host cannot run, or that is older than the machine's. This comes before anything is
 * made, copied or powered off.
 *
 * @param vm The machine, if there is one already.
 * @throws HostError
 */
export async function refuseHardwareVersion(host: EsxiHost, wanted: Wanted, vm?: ObservedVm): Promise<void> {
  const { name, hardwareVersion } = wanted;
  if (hardwareVersion === undefined) return;
  const { apiVersion } = await host.facts();
  const problem = hardwareVersionProblem(hardwareVersion, apiVersion);
  if (problem !== undefined) {
    throw new HostError(
      `${host.name}: for "${name}", ${problem}. Nothing was changed. Set hardwareVersion to a version that the host runs.`,
    );
  }
  const now = parseHardwareVersion(vm?.config.version);
  if (hardwareVersion < now) {
    throw new HostError(
      `${host.name}: "${name}" has virtual hardware ${now}, and a machine that exists cannot be given the older ` +
        `${hardwareVersion}. Nothing was changed. Set hardwareVersion to ${now}, or run \`pulumi up\` with ` +
        "`--replace` and the resource's URN.",
    );
  }
}
