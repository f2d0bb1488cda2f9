import type { VirtualCdrom } from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import {
  addedDrive,
  allDrives,
  editedDrive,
  isEmptyDrive,
  isEnvironmentDrive,
  removedDrive,
} from "./cdroms.ts";
import type { PlannedChange } from "./device-changes.ts";
import { fileNameOf } from "./medium.ts";
import { BY_DEVICES, type DeviceSetting, WITH_DEVICES } from "./setting.ts";

/** The CD with the OVF environment. */
export interface EnvironmentDriveWish {
  /** Datastore path of the image. Undefined if no drive is to have one. */
  readonly file: string | undefined;
  /**
   * Whether the drive is added and removed with the image, because the program lists all other drives. If not, an empty
   * drive is used.
   */
  readonly isExtra: boolean;
}

const KEY = -4800;

/** The drive that has the machine's OVF environment as its medium. {@link cdroms} does not count it. */
export const environmentDrive: DeviceSetting<EnvironmentDriveWish> = {
  stage: "devices",
  observe(vm, { isExtra }) {
    const drive = driveOf(vm);
    const isIn = drive !== undefined && drive.connectable?.startConnected !== false;
    return { file: isIn ? fileNameOf(drive) : undefined, isExtra };
  },
  spec: (vm, wish) => ({ deviceChange: plan(vm, wish).map(({ change }) => change) }),
  off: (vm, wish) => plan(vm, wish).some(({ cold }) => cold),
  vmx: BY_DEVICES,
  copied: WITH_DEVICES,
};

const driveOf = (vm: ObservedVm): VirtualCdrom | undefined =>
  allDrives(vm).find((drive) => isEnvironmentDrive(vm, drive));

function plan(vm: ObservedVm, { file: iso, isExtra }: EnvironmentDriveWish): PlannedChange[] {
  const drive = driveOf(vm);
  if (iso === undefined) {
    if (drive === undefined) return [];
    return [isExtra ? removedDrive(vm, drive) : editedDrive(drive, {})];
  }
  const spare = isExtra ? undefined : allDrives(vm).find(isEmptyDrive);
  const there = drive ?? spare;
  return there
    ? [editedDrive(there, { iso })]
    : addedDrive(vm, "the CD drive for the OVF environment", { iso }, KEY);
}
