import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
import { isA } from "../../../../../provider/vim/codec/objects.ts";
import type {
  VirtualDevice,
  VirtualDeviceConfigSpec,
  VirtualDisk,
  VirtualDiskFlatVer2BackingInfo,
  VirtualMachineConfigSpec,
} from "../../../../../schema/index.ts";

/** A machine with a folder, as a host has just made it. */
const NEW_VM: ObservedVm = { ...BLANK_VM, name: "vm", vmxPath: "[ds] vm/vm.vmx" };

/**
 * A host in a few lines: carries out a specification in its order, and refuses what a host refuses. Keys, files, UUIDs
 * and MAC addresses are the host's own choice; no disk's file is ever used again.
 */
export class ModelHost {
  vm = NEW_VM;
  /** Files that are there, by their names. */
  readonly files = new Set<string>();
  #next = 1;

  apply({ deviceChange, extraConfig }: VirtualMachineConfigSpec): void {
    const keys = new Map<number, number>();
    for (const change of deviceChange ?? []) this.#change(change, keys);
    const options = new Map(this.vm.extraConfig);
    for (const { key, value } of extraConfig ?? []) options.set(key, String(value));
    this.vm = { ...this.vm, extraConfig: options };
  }

  #change({ operation, fileOperation, device }: VirtualDeviceConfigSpec, keys: Map<number, number>): void {
    const there = this.vm.devices.find(({ key }) => key === device.key);
    const on = device.controllerKey;
    const controllerKey = on === undefined ? undefined : (keys.get(on) ?? on);
    if (operation === "add") {
      if (device.key >= 0 || keys.has(device.key)) throw new Error(`Key ${device.key} is not a new one`);
      const key = this.#keyFor(device);
      keys.set(device.key, key);
      this.#put({ ...this.#made(device, fileOperation), key, controllerKey });
    } else if (there === undefined) throw new Error(`There is no device ${device.key}`);
    else {
      this.vm = { ...this.vm, devices: this.vm.devices.filter((each) => each !== there) };
      if (operation === "edit") this.#put({ ...there, ...device, controllerKey });
      else if (fileOperation === "destroy") this.files.delete(fileOf(there));
    }
  }

  /** Adapters have the lowest number that is free, and are listed by it. */
  #keyFor(device: VirtualDevice): number {
    if (!isA(device, "VirtualEthernetCard")) return this.#next++ * 7 + 10_000;
    const taken = new Set(this.vm.devices.map(({ key }) => key));
    let key = 4000;
    while (taken.has(key)) key++;
    this.#next++;
    return key;
  }

  #put(device: VirtualDevice): void {
    const { controllerKey, unitNumber } = device;
    if (isA(device, "VirtualDisk") || isA(device, "VirtualCdrom")) {
      if (!this.vm.devices.some(({ key }) => key === controllerKey)) throw new Error("No such controller");
      if (unitNumber === undefined) throw new Error("No unit");
    }
    const taken = (each: VirtualDevice) =>
      each.controllerKey === controllerKey && each.unitNumber === unitNumber && unitNumber !== undefined;
    if (this.vm.devices.some(taken)) throw new Error(`Place ${controllerKey}:${unitNumber} is taken`);
    this.vm = { ...this.vm, devices: [...this.vm.devices, device].sort((a, b) => a.key - b.key) };
  }

  #made(device: VirtualDevice, fileOperation: string | undefined): VirtualDevice {
    if (isA(device, "VirtualEthernetCard")) {
      const number = this.#next.toString(16).padStart(2, "0");
      return {
        ...device,
        ...(device.macAddress === undefined && { macAddress: `00:0c:29:00:00:${number}` }),
      };
    }
    if (!isA(device, "VirtualDisk") || !isA(device.backing, "VirtualDiskFlatVer2BackingInfo")) return device;
    const { fileName } = device.backing;
    if (fileOperation !== "create") {
      if (!this.files.has(fileName)) throw new Error(`There is no ${fileName}`);
      const backing: VirtualDiskFlatVer2BackingInfo = { ...device.backing, uuid: `uuid of ${fileName}` };
      const disk: VirtualDisk = { ...device, capacityInKB: 4096, backing };
      return disk;
    }
    const file = `${fileName === "" ? "[ds]" : fileName} vm/vm_${this.#next}.vmdk`;
    this.files.add(file);
    const backing: VirtualDiskFlatVer2BackingInfo = {
      ...device.backing,
      fileName: file,
      uuid: `uuid ${this.#next}`,
    };
    return { ...device, backing };
  }
}

export const fileOf = ({ backing }: VirtualDevice): string =>
  isA(backing, "VirtualDeviceFileBackingInfo") ? backing.fileName : "";
