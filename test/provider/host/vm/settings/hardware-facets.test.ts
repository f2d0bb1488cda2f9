import fc from "fast-check";
import { expect, test } from "vitest";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import {
  observeWishes,
  pendingWishes,
  specOf,
  specOfNew,
  wishesThatNeedOff,
} from "../../../../../provider/host/vm/settings/wishes.ts";
import { encodeParameters } from "../../../../../provider/vim/codec/encode.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { findMethod, type VirtualMachineConfigSpec, versionIndex } from "../../../../../schema/index.ts";
import { draws } from "../../../../support/draws.ts";
import { MACHINE, reconfigured } from "./model.ts";
import { randomHardware } from "./random-hardware.ts";

/** The request as a host of 6.7 gets it; throws for what is not of the schema. */
function onTheWire(spec: VirtualMachineConfigSpec): string {
  const method = findMethod("ReconfigVM_Task");
  if (!method) throw new Error("The schema has no ReconfigVM_Task.");
  return encodeParameters(method, { spec }, versionIndex("6.7"));
}

test("whatever is wished for, the machine has it after one reconfiguration, and nothing is left to be done", () => {
  const property = fc.property(fc.array(randomHardware, { minLength: 1, maxLength: 3 }), (changes) => {
    let vm = MACHINE;
    for (const wishes of changes) {
      const spec = specOf(vm, pendingWishes(vm, wishes));
      expect(onTheWire(spec)).toMatch(/^<spec/);
      vm = reconfigured(vm, spec);
      expect(observeWishes(vm, wishes)).toEqual(wishes);
      expect(pendingWishes(vm, wishes)).toEqual({});
    }
  });
  fc.assert(property, draws(500));
});

test("a new machine is made with all of it", () => {
  const property = fc.property(randomHardware, ({ bootOrder: _, ...wishes }) => {
    const vm = reconfigured(BLANK_VM, specOfNew(wishes));
    expect(observeWishes(vm, wishes)).toEqual(wishes);
  });
  fc.assert(property, draws(200));
});

test("what a host says of itself is in the words of the program", () => {
  const wishes: VmWishes = {
    cpuLimit: 1,
    cpuReservation: 1,
    cpuShareLevel: "custom",
    cpuShareCount: 1,
    firmware: "efi",
    efiSecureBootEnabled: true,
    bootDelay: 1,
    bootRetryEnabled: true,
    bootRetryDelay: 1000,
    bootOrder: ["disk"],
    guestId: "",
    hardwareVersion: 1,
    enableLogging: false,
    enableDiskUuid: true,
    syncTimeWithHost: true,
    toolsUpgradePolicy: "upgradeAtPowerCycle",
    videoMemory: 1,
    nestedHvEnabled: true,
  };
  const vm = {
    ...MACHINE,
    config: {
      guestId: "ubuntu64Guest",
      version: "vmx-07",
      firmware: "bios",
      cpuAllocation: { limit: -1, reservation: 0, shares: { level: "normal", shares: 4000 } },
      bootOptions: {
        bootOrder: [
          create("VirtualMachineBootOptionsBootableCdromDevice", {}),
          create("VirtualMachineBootOptionsBootableDiskDevice", { deviceKey: 2001 }),
          create("VirtualMachineBootOptionsBootableEthernetDevice", { deviceKey: 4000 }),
        ],
      },
    },
  } as const;
  expect(observeWishes(vm, wishes)).toEqual({
    cpuLimit: -1,
    cpuReservation: 0,
    cpuShareLevel: "normal",
    cpuShareCount: 0,
    firmware: "bios",
    efiSecureBootEnabled: false,
    bootDelay: 0,
    bootRetryEnabled: false,
    bootRetryDelay: 10_000,
    bootOrder: ["cdrom", "disk 2001", "ethernet"],
    guestId: "ubuntu64Guest",
    hardwareVersion: 7,
    enableLogging: true,
    enableDiskUuid: false,
    syncTimeWithHost: false,
    toolsUpgradePolicy: "manual",
    videoMemory: 4,
    nestedHvEnabled: false,
  });
});

test("limits, reservations, shares, boot options and Tools change while the machine runs; all else needs it off", () => {
  const wishes: VmWishes = {
    cpuLimit: 100,
    cpuReservation: 50,
    cpuShareLevel: "high",
    memoryLimit: 100,
    memoryReservation: 50,
    memoryShareLevel: "custom",
    memoryShareCount: 9,
    bootDelay: 5,
    bootRetryEnabled: true,
    bootRetryDelay: 1000,
    bootOrder: ["cdrom"],
    syncTimeWithHost: true,
    toolsUpgradePolicy: "upgradeAtPowerCycle",
  };
  expect(wishesThatNeedOff(MACHINE, wishes)).toEqual([]);
  const cold: VmWishes = {
    cpuHotAddEnabled: true,
    cpuHotRemoveEnabled: true,
    memoryHotAddEnabled: true,
    nestedHvEnabled: true,
    guestId: "dosGuest",
    hardwareVersion: 19,
    enableDiskUuid: true,
    enableLogging: false,
    vvtdEnabled: true,
    vbsEnabled: true,
    firmware: "efi",
    efiSecureBootEnabled: true,
    videoMemory: 8,
  };
  expect(wishesThatNeedOff(MACHINE, cold)).toEqual(Object.keys(cold));
});

test("a boot order leaves out what the machine does not have, and an empty one takes an order back", () => {
  const disk = create("VirtualDisk", { key: 2000, capacityInKB: 1 });
  const vm = { ...MACHINE, devices: [disk] };
  expect(specOf(vm, { bootOrder: ["ethernet", "disk", "floppy"] }).bootOptions?.bootOrder).toEqual([
    create("VirtualMachineBootOptionsBootableDiskDevice", { deviceKey: 2000 }),
  ]);
  const ordered = reconfigured(vm, specOf(vm, { bootOrder: ["disk"] }));
  expect(specOf(ordered, { bootOrder: [] }).bootOptions?.bootOrder).toEqual([
    create("VirtualMachineBootOptionsBootableDevice", {}),
  ]);
  expect(specOf(vm, { bootOrder: [] })).toEqual({});
});

test("the video card that is there is edited whole, and stops sizing itself", () => {
  expect(specOf(MACHINE, { videoMemory: 16 }).deviceChange).toEqual([
    create("VirtualDeviceConfigSpec", {
      operation: "edit",
      device: create("VirtualMachineVideoCard", { key: 500, videoRamSizeInKB: 16_384, useAutoDetect: false }),
    }),
  ]);
});
