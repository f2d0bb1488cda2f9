/** Where on a machine's buses new drives go. */
import { describe, expect, test } from "vitest";
import { BUSES, type DiskController, newController } from "../../../../../provider/host/vm/settings/buses.ts";
import { DrivePlaces, type WishedPlace } from "../../../../../provider/host/vm/settings/drive-places.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice } from "../../../../../schema/index.ts";

const controller = (kind: DiskController, bus: number) => newController(kind, bus);
const drive = (on: VirtualDevice, unitNumber: number) =>
  create("VirtualCdrom", { key: 5000 + unitNumber, controllerKey: on.key, unitNumber });
const [scsi0, scsi1, sata0] = [controller("pvscsi", 0), controller("pvscsi", 1), controller("sata", 0)];
const full = Array.from({ length: BUSES.scsi.units }, (_, unit) => drive(scsi0, unit));

const taken = (devices: readonly VirtualDevice[], ...wishes: WishedPlace[]) => {
  const places = new DrivePlaces(devices);
  const found = wishes.map((wish) => places.take("the drive", wish));
  return {
    slots: found.map(({ slot: { kind, bus, unit } }) => `${kind} ${bus}:${unit}`),
    keys: found.map(({ controllerKey, unitNumber }) => [controllerKey, unitNumber]),
    onNew: found.map(({ onNewController }) => onNewController),
    added: places.added.map(({ busNumber }) => busNumber),
  };
};
const slots = (devices: readonly VirtualDevice[], ...wishes: WishedPlace[]) =>
  taken(devices, ...wishes).slots;

describe("a drive goes", () => {
  test("to the first free unit, and two drives never to the same", () => {
    const wish = { controller: "pvscsi" } as const;
    expect(taken([scsi0, drive(scsi0, 0)], wish, wish)).toEqual({
      slots: ["pvscsi 0:1", "pvscsi 0:2"],
      keys: [
        [scsi0.key, 1],
        [scsi0.key, 2],
      ],
      onNew: [false, false],
      added: [],
    });
  });

  test("past the unit that a SCSI controller has itself", () => {
    const six = Array.from({ length: 7 }, (_, unit) => drive(scsi0, unit));
    expect(slots([scsi0, ...six], { controller: "pvscsi" })).toEqual(["pvscsi 0:8"]);
    const sata = Array.from({ length: 7 }, (_, unit) => drive(sata0, unit));
    expect(slots([sata0, ...sata], { controller: "sata" })).toEqual(["sata 0:7"]);
  });

  test("to the place that is named", () => {
    const wish = { controller: "pvscsi", busNumber: 1, unitNumber: 15 } as const;
    expect(slots([scsi0, scsi1], wish)).toEqual(["pvscsi 1:15"]);
  });

  test("to the named unit of the first bus on which it is free", () => {
    expect(slots([scsi1, scsi0, drive(scsi0, 3)], { controller: "pvscsi", unitNumber: 3 })).toEqual([
      "pvscsi 1:3",
    ]);
    expect(slots([scsi1, scsi0], { controller: "pvscsi" })).toEqual(["pvscsi 0:0"]);
  });

  test("to a controller of its own kind, though another one of the family comes first", () => {
    expect(slots([controller("lsilogic", 0), scsi1], { controller: "pvscsi" })).toEqual(["pvscsi 1:0"]);
  });

  test("to a new controller on the first free bus, which the next drives share", () => {
    const wish = { controller: "pvscsi" } as const;
    expect(taken([controller("lsilogic", 0), controller("lsilogic", 2)], wish, wish)).toMatchObject({
      slots: ["pvscsi 1:0", "pvscsi 1:1"],
      onNew: [true, true],
      added: [1],
    });
  });

  test("to a new controller on the named bus, and to another where the first is full", () => {
    expect(taken([scsi0], { controller: "pvscsi", busNumber: 3 })).toMatchObject({
      slots: ["pvscsi 3:0"],
      added: [3],
    });
    expect(taken([scsi0, ...full], { controller: "pvscsi" })).toMatchObject({
      slots: ["pvscsi 1:0"],
      added: [1],
    });
  });

  test("beside a new controller to one that was there", () => {
    const wishes = [{ controller: "sata" }, { controller: "pvscsi" }] as const;
    expect(taken([scsi0], ...wishes)).toMatchObject({
      slots: ["sata 0:0", "pvscsi 0:0"],
      onNew: [true, false],
    });
  });

  test("to one of two IDE channels, which every machine has", () => {
    const wish = { controller: "ide" } as const;
    expect(taken([], wish, wish, wish, wish)).toMatchObject({
      slots: ["ide 0:0", "ide 0:1", "ide 1:0", "ide 1:1"],
      keys: [
        [200, 0],
        [200, 1],
        [201, 0],
        [201, 1],
      ],
      added: [],
    });
  });

  test("beside a controller whose number on the PCI bus is that of its unit", () => {
    const on = { controllerKey: scsi1.key, unitNumber: 0 };
    const pci = create("ParaVirtualSCSIController", { key: 1, busNumber: 0, sharedBus: "noSharing", ...on });
    expect(slots([pci, scsi1], { controller: "pvscsi", busNumber: 1 })).toEqual(["pvscsi 1:0"]);
  });
});

describe("there is no place for a drive", () => {
  test.each([
    [
      "if another device has it",
      [scsi0, drive(scsi0, 3)],
      { controller: "pvscsi", busNumber: 0, unitNumber: 3 },
      "the drive is to be at scsi0:3, but the machine has another device there.",
    ],
    [
      "if it is the controller's own",
      [scsi0],
      { controller: "pvscsi", busNumber: 0, unitNumber: 7 },
      "the drive is to be at scsi0:7, but the machine has another device there.",
    ],
    [
      "if the controller has no such unit",
      [],
      { controller: "ide", busNumber: 0, unitNumber: 2 },
      "the drive is to be at ide0:2, but the machine has another device there.",
    ],
    [
      "if the new controller would have no such unit",
      [],
      { controller: "nvme", unitNumber: 15 },
      "There is no room for the drive on the machine's nvme controllers. Name another controller for it.",
    ],
    [
      "if the bus is full",
      [scsi0, ...full],
      { controller: "pvscsi", busNumber: 0 },
      "There is no room for the drive on the machine's pvscsi controllers. Name another controller for it, or leave out busNumber.",
    ],
    [
      "if the machine can have no such bus",
      [],
      { controller: "sata", busNumber: 4 },
      "There is no room for the drive on the machine's sata controllers. Name another controller for it, or leave out busNumber.",
    ],
    [
      "if the bus has another kind of controller",
      [controller("lsilogic", 1)],
      { controller: "pvscsi", busNumber: 1 },
      "the drive is to be on bus 1 of a pvscsi controller, but the machine has a lsilogic controller there.",
    ],
    [
      "if all four buses have another kind",
      [0, 1, 2, 3].map((bus) => controller("lsilogic", bus)),
      { controller: "pvscsi" },
      "There is no room for the drive on the machine's pvscsi controllers. Name another controller for it.",
    ],
  ] as const)("%s", (_, devices, wish, message) => {
    expect(() => taken(devices, wish)).toThrow(message);
  });
});

describe("exactly one place", () => {
  const wish = { controller: "pvscsi", busNumber: 0, unitNumber: 3 } as const;

  test("is taken if it is free, and then it is not free any more", () => {
    const places = new DrivePlaces([controller("lsilogic", 1), scsi0]);
    expect(places.takeIfFree(wish)).toMatchObject({ controllerKey: scsi0.key, unitNumber: 3 });
    expect(places.takeIfFree(wish)).toBeUndefined();
  });

  test.each([
    ["the machine has no such controller", []],
    ["that bus has another kind", [controller("lsilogic", 0)]],
    ["another bus has the kind", [scsi1]],
  ])("is not taken if %s, and no controller is added for it", (_, devices) => {
    const places = new DrivePlaces(devices);
    expect(places.takeIfFree(wish)).toBeUndefined();
    expect(places.added).toEqual([]);
  });
});
