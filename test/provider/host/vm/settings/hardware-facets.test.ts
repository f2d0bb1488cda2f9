import fc from "fast-check";
import { expect, test } from "vitest";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
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
import { examples, ofCases } from "./hardware-cases.ts";
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
  const all = ofCases(({ example }) => example);
  expect(observeWishes(vm, all)).toEqual({
    ...ofCases(({ usual }) => usual),
    bootOrder: ["cdrom", "disk 2001", "ethernet"],
    guestId: "ubuntu64Guest",
    hardwareVersion: 7,
    videoMemory: 4,
  });
});

test("limits, reservations, shares, boot options and Tools change while the machine runs; all else needs it off", () => {
  expect(wishesThatNeedOff(MACHINE, examples("never"))).toEqual([]);
  const cold = examples("always");
  expect(wishesThatNeedOff(MACHINE, cold).sort()).toEqual(Object.keys(cold).sort());
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
