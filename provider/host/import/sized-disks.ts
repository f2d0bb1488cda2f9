import type { VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";

/**
 * The disks to which a host would give another size than requested, because it ignores the given properties. Nobody
 * promises that a host without vCenter uses them.
 * @param wanted Bytes by disk.
 */
export function disksOfOtherSize(
  spec: VirtualMachineConfigSpec,
  wanted: Readonly<Record<string, number>>,
): readonly string[] {
  const made = (spec.deviceChange ?? []).flatMap(({ device }) =>
    isA(device, "VirtualDisk") ? [Number(device.capacityInKB)] : [],
  );
  return Object.entries(wanted).flatMap(([diskId, bytes]) => {
    const at = made.indexOf(Math.ceil(bytes / 1024));
    if (at < 0) return [diskId];
    made.splice(at, 1);
    return [];
  });
}
