import { isDeepStrictEqual } from "node:util";
import type { VirtualDisk } from "../../../../schema/index.ts";
import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { HostError } from "../../host-error.ts";
import { chainOf, disksAmong } from "../../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { familyOf, type Slot, slotOf } from "../../vm/settings/buses.ts";
import { isDelta } from "../../vm/settings/disk-facts.ts";
import { diskLabels, writtenLabels } from "../../vm/settings/disk-labels.ts";
import type { VmWishes } from "../../vm/settings/settings.ts";
import { specOf } from "../../vm/settings/wishes.ts";
import { confirmed } from "../confirmed.ts";
import { whenFree } from "../ssh-when-free.ts";

/** A disk of a machine that runs, and how large it is to be. */
interface Growth {
  readonly disk: VirtualDisk;
  readonly slot: Slot;
  readonly capacityInKB: number;
}

/**
 * The disks that are to grow, if what is wished for is no more than that and the host has a command for it on a machine that
 * runs: disks on SCSI, without snapshots. A disk that comes or goes is not for it: the machine's file is to name it before, so that
 * a run that is killed leaves nothing, and that file cannot be written while the machine runs.
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
    const isPossible = familyOf(slot.kind) === "scsi" && slot.kind !== "buslogic" && !isDelta(disk);
    return isAll && isPossible && capacityInKB > disk.capacityInKB ? [{ disk, slot, capacityInKB }] : [];
  });
  return growths.length === deviceChange.length ? growths : undefined;
}

/** Makes disks of a machine that runs larger, one after the other. The same command twice makes the same disk. */
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
