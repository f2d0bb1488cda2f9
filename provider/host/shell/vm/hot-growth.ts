import { isDeepStrictEqual } from "node:util";
import type { VirtualDisk } from "../../../../schema/index.ts";
import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { chainOf, disksAmong } from "../../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { familyOf, type Slot, slotOf } from "../../vm/settings/buses.ts";
import { diskLabels, writtenLabels } from "../../vm/settings/disk-labels.ts";
import type { VmWishes } from "../../vm/settings/settings.ts";
import { specOf } from "../../vm/settings/wishes.ts";
import { confirmed } from "../confirmed.ts";
import { whenFree } from "../ssh-when-free.ts";

/** A disk of a running machine, and its new size. */
interface Growth {
  readonly disk: VirtualDisk;
  readonly slot: Slot;
  readonly capacityInKB: number;
}

/**
 * The disks that grow, if nothing else changes and the host has a command for it on a running machine. It has one for
 * disks on SCSI. Those with snapshots are refused before. Adding or removing a disk must be recorded in the machine's
 * file first, so that a killed run leaves nothing. That file cannot be written while the machine runs.
 */
export function hotGrowth(vm: ObservedVm, pending: VmWishes): readonly Growth[] | undefined {
  if (vm.powerState !== "poweredOn" || Object.keys(pending).join() !== "disks") return undefined;
  const { deviceChange = [], extraConfig = [] } = specOf(vm, pending);
  const known = writtenLabels(diskLabels(vm));
  if (deviceChange.length === 0 || extraConfig.some((option) => !isDeepStrictEqual(option, known)))
    return undefined;
  const growths = deviceChange.flatMap(({ operation, device }) => {
    const [wanted] = disksAmong([device]);
    const disk = disksAmong(vm.devices).find(({ key }) => key === device.key);
    const slot = disk && slotOf(vm.devices, disk);
    if (operation !== "edit" || !wanted || !disk || !slot) return [];
    const { capacityInKB, capacityInBytes } = wanted;
    const isAll = isDeepStrictEqual({ ...disk, capacityInKB, capacityInBytes }, { ...wanted });
    const isPossible = familyOf(slot.kind) === "scsi" && slot.kind !== "buslogic";
    return isAll && isPossible && capacityInKB > disk.capacityInKB ? [{ disk, slot, capacityInKB }] : [];
  });
  return growths.length === deviceChange.length ? growths : undefined;
}

/** Makes disks of a running machine larger, one after the other. Running a command twice gives the same disk. */
export async function growHot(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  growths: readonly Growth[],
  signal: AbortSignal,
): Promise<void> {
  for (const { disk, slot, capacityInKB } of growths) {
    const what = `grow the disk ${chainOf(disk)[0]} of "${vm.name}" while it runs`;
    const grow = {
      what,
      signal,
      write: (limit: AbortSignal) =>
        whenFree(host, vm, () => shell.extendDisk(vm.moid, capacityInKB, slot, limit), limit),
      look: async () => {
        host.vms.forget();
        const now = await host.vms.byReference(vm.ref);
        const [same] = disksAmong(now?.devices ?? []).filter(({ key }) => key === disk.key);
        return same !== undefined && same.capacityInKB >= capacityInKB ? true : undefined;
      },
    };
    await confirmed(host, grow).catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      throw new HostError(`${error.message} Without esxi:sshHotChanges it is done with one power cycle.`, {
        cause: error,
      });
    });
  }
}
