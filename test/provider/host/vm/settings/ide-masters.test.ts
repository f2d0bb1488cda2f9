import { describe, expect, test } from "vitest";
import { newController } from "../../../../../provider/host/vm/settings/buses.ts";
import { mastersFirst } from "../../../../../provider/host/vm/settings/ide-masters.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice } from "../../../../../schema/index.ts";

const IDE = [200, 201] as const;

const drive = (key: number, controllerKey: number, unitNumber: number): VirtualDevice =>
  create("VirtualDisk", { key, controllerKey, unitNumber, capacityInKB: 1024 });

const moves = (devices: readonly VirtualDevice[], disks?: Parameters<typeof mastersFirst>[1]) =>
  mastersFirst({ name: "vm", devices }, disks).map(({ change, places }) => [
    change.operation,
    change.device.key,
    change.device.unitNumber,
    ...places,
  ]);

describe("the second drive of an IDE channel", () => {
  test.each([
    [0, "ide0:1", "ide0:0"],
    [1, "ide1:1", "ide1:0"],
  ] as const)("moves on channel %i, if it is alone", (bus, from, to) => {
    expect(moves([drive(1, IDE[bus], 1)])).toEqual([["edit", 1, 0, from, to]]);
  });

  test("stays beside a first one, and a first one stays alone", () => {
    expect(moves([drive(1, IDE[0], 0), drive(2, IDE[0], 1), drive(3, IDE[1], 0)])).toEqual([]);
  });

  test("moves though the other channel has a first one", () => {
    expect(moves([drive(1, IDE[0], 0), drive(2, IDE[1], 1)])).toEqual([["edit", 2, 0, "ide1:1", "ide1:0"]]);
  });
});

test("on other buses a drive may be alone in any place", () => {
  const controllers = (["pvscsi", "sata", "nvme"] as const).map((kind) => newController(kind, 0));
  const drives = controllers.map(({ key }, index) => drive(index, key, 1));
  expect(moves([...controllers, ...drives])).toEqual([]);
});

test.each([
  ["on another controller", { controller: "sata", busNumber: 0, unitNumber: 1 }],
  ["on the other channel", { controller: "ide", busNumber: 1, unitNumber: 1 }],
  ["in the first place", { controller: "ide", busNumber: 0, unitNumber: 0 }],
  ["in any place of the channel", { controller: "ide", busNumber: 0 }],
] as const)("a program that asks for a disk %s says nothing against the move", (_, wish) => {
  expect(moves([drive(1, IDE[0], 1)], [{ label: "data", size: 1, ...wish }])).toHaveLength(1);
});

test.each([
  { controller: "ide", busNumber: 0, unitNumber: 1 },
  { controller: "ide", unitNumber: 1 },
] as const)("a program that asks for exactly that place is refused: $busNumber", (wish) => {
  expect(() => moves([drive(1, IDE[0], 1)], [{ label: "data", size: 1, ...wish }])).toThrow(
    '"vm": the disk "data" is to be at ide0:1, and nothing is at ide0:0. No host starts such a machine. ' +
      "Give the disk unitNumber: 0, or leave it out.",
  );
});
