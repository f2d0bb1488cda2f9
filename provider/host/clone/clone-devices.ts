import type { VirtualDevice, VirtualDeviceConfigSpec, VirtualDisk } from "../../../schema/index.ts";
import { isSubtype } from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import { isEnvironmentOf } from "../ovf-environment/iso-files.ts";
import { emptied } from "../vm/settings/cdroms.ts";
import { fileNameOf } from "../vm/settings/medium.ts";
import { type AdapterWish, newAdapter } from "../vm/settings/network-interfaces.ts";
import type { CloneSource } from "./clone-source.ts";

/** A disk of the copy: its backing, and whether the host is to create that. */
export interface DiskOfCopy {
  readonly backing: NonNullable<VirtualDisk["backing"]>;
  readonly fileOperation?: "create" | undefined;
}

/** Controllers that a new machine has only if they are asked for. It has all others anyway. */
const CONTROLLERS = [
  "VirtualSCSIController",
  "VirtualSATAController",
  "VirtualNVMEController",
  "VirtualUSBController",
  "VirtualUSBXHCIController",
] as const;

/** Devices that are copied from the source's description, besides controllers, disks and network adapters. */
const COPIED = ["VirtualCdrom", "VirtualFloppy", "VirtualSerialPort", "VirtualSoundCard"] as const;
/** Devices that every machine has by itself, so nothing is lost when they are left out. */
const IMPLICIT = [
  "VirtualController",
  "VirtualKeyboard",
  "VirtualPointingDevice",
  "VirtualMachineVideoCard",
  "VirtualMachineVMCIDevice",
] as const;

/**
 * The devices of a copy, to be added to a machine that has none.
 *
 * @param adapters Network adapters of the copy instead of the source's.
 * @returns `left` names devices that only the source can have: devices that are passed through, and serial ports that
 * write a file.
 */
export function devicesOfCopy(
  source: CloneSource,
  diskOf: (disk: VirtualDisk, index: number) => DiskOfCopy,
  adapters: readonly AdapterWish[] | undefined,
): { readonly changes: VirtualDeviceConfigSpec[]; readonly left: string[] } {
  const keys = new Map<number, number>();
  let next = -100;
  const changes: VirtualDeviceConfigSpec[] = [];
  const left: string[] = [];
  const add = (device: VirtualDevice, fileOperation?: "create") =>
    changes.push(
      create("VirtualDeviceConfigSpec", {
        operation: "add",
        ...(fileOperation && { fileOperation }),
        device,
      }),
    );
  for (const device of source.devices.filter((each) => isOneOf(each, CONTROLLERS))) {
    keys.set(device.key, next);
    add(bare(device, next--, 100));
  }
  const on = (device: VirtualDevice) =>
    device.controllerKey === undefined ? undefined : (keys.get(device.controllerKey) ?? device.controllerKey);
  for (const device of source.devices) {
    if (isA(device, "VirtualDisk")) {
      const { backing, fileOperation } = diskOf(
        device,
        source.disks.findIndex(({ key }) => key === device.key),
      );
      const { unitNumber, capacityInKB } = device;
      const disk = { key: next--, controllerKey: on(device), unitNumber, capacityInKB, backing };
      add(create("VirtualDisk", disk), fileOperation);
    } else if (isA(device, "VirtualEthernetCard")) {
      if (adapters !== undefined) continue;
      const card = { ...bare(device, next--, undefined), addressType: "generated", macAddress: undefined };
      add({ ...card, unitNumber: undefined });
    } else if (isA(device, "VirtualCdrom") && isEnvironmentOf(source.vmxPath, fileNameOf(device) ?? "")) {
      // The CD with the source's OVF environment is not meant for the copy's guest.
      add(emptied(bare(device, next--, on(device))));
    } else if (isOneOf(device, COPIED) && !writesFile(device)) {
      add(bare(device, next--, on(device)));
    } else if (!isOneOf(device, IMPLICIT)) {
      left.push(device.deviceInfo?.label ?? device.$type ?? String(device.key));
    }
  }
  for (const wish of adapters ?? []) add(newAdapter(wish, next--));
  return { changes, left };
}

/**
 * The device without the parts that belong to its own machine: key, place on the bus, children, and whether it is
 * connected now.
 */
function bare(device: VirtualDevice, key: number, controllerKey: number | undefined): VirtualDevice {
  const { connectable } = device;
  return {
    ...device,
    ...("device" in device && { device: undefined }),
    key,
    controllerKey,
    deviceInfo: undefined,
    slotInfo: undefined,
    deviceGroupInfo: undefined,
    numaNode: undefined,
    connectable: connectable && {
      startConnected: connectable.startConnected,
      allowGuestControl: connectable.allowGuestControl,
      connected: connectable.startConnected,
    },
  };
}

const writesFile = ({ backing }: VirtualDevice) => isA(backing, "VirtualSerialPortFileBackingInfo");

const isOneOf = ({ $type }: VirtualDevice, types: readonly string[]) =>
  $type !== undefined && types.some((type) => isSubtype($type, type));
