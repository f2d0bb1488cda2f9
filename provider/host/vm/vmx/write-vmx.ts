import type { OptionValue } from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { HostError } from "../../host-error.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { withDeviceChanges } from "../settings/device-changes.ts";
import { BY_DEVICES } from "../settings/setting.ts";
import type { ConfigWishes, VmWishes } from "../settings/settings.ts";
import { movesAfter, told } from "../settings/wishes.ts";
import { writeDevices } from "./write-devices.ts";
import type { DiskWork, NameDisk } from "./write-disk.ts";

/** Why a boot order cannot be set in a .vmx file of a machine with EFI. */
export const EFI_ORDER =
  "cannot be set over SSH for a machine with EFI, which keeps its boot order in its NVRAM. Leave it out, set it in the " +
  'machine\'s own setup, or use transport: "api", which needs a licence that allows it';

/**
 * @param now The firmware of the machine.
 * @throws HostError if only the API can make a change.
 */
export function refuseInVmx(wishes: VmWishes, now: string | undefined): void {
  if (wishes.bootOrder !== undefined && wishes.bootOrder.length > 0 && (wishes.firmware ?? now) === "efi")
    throw new HostError(`bootOrder ${EFI_ORDER}.`);
}

/** Settings that can be written when only the machine's own file tells its devices. */
export type FileWishes = ConfigWishes &
  Pick<VmWishes, "networkInterfaces" | "adapterNetworks" | "videoMemory" | "bootOrder">;

/**
 * Writes the desired settings into a .vmx file, as the API would.
 * @throws HostError if only the API can make a change.
 */
export function applyToVmx(vmx: Vmx, wishes: FileWishes): void {
  refuseInVmx(wishes, vmx.get("firmware"));
  for (const { name, setting, wish } of told(wishes)) {
    if (setting.vmx === BY_DEVICES) throw new Error(`${name} cannot be written without the machine.`);
    setting.vmx(vmx, wish);
  }
}

/**
 * The same for a machine that the host shows with its devices. Changes of devices are planned as for the API.
 * @param nameDisk Names the files of new disks.
 * @returns The work on files of disks.
 */
export function changeVmx(vmx: Vmx, vm: ObservedVm, wishes: VmWishes, nameDisk: NameDisk): DiskWork[] {
  refuseInVmx(wishes, vmx.get("firmware"));
  let planned = vm;
  const options: OptionValue[] = [];
  const work = told(wishes).flatMap(({ setting, wish }) => {
    if (setting.vmx !== BY_DEVICES) {
      setting.vmx(vmx, wish);
      return [];
    }
    const { deviceChange = [], extraConfig = [] } = setting.spec(planned, wish);
    const ofSetting = writeDevices(vmx, planned, deviceChange, nameDisk);
    options.push(...extraConfig);
    planned = withDeviceChanges(planned, deviceChange);
    return ofSetting;
  });
  const { changes, placed } = movesAfter(vm, planned, wishes);
  for (const { key, value } of placed(options)) vmx.set(key, String(value));
  return [...work, ...writeDevices(vmx, planned, changes, nameDisk)];
}
