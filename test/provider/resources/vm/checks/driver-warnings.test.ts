import { expect, test } from "vitest";
import { driverWarnings } from "../../../../../provider/resources/vm/checks/driver-warnings.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("a new adapter without a type counts as vmxnet3, one of an existing VM does not", () => {
  const inputs = { guestId: "win98Guest", networkInterfaces: [{ network: "lab" }] };
  expect(driverWarnings(inputs, { makesNew: true })).toEqual([
    "networkInterfaces[0].adapterType: win98Guest has no driver for vmxnet3, and finds no network. " +
      'Use "pcnet32" instead.',
  ]);
  expect(driverWarnings(inputs, { makesNew: false })).toEqual([]);
});

test("a disk on pvscsi that the guest will not find is named by its place", () => {
  const disks = [
    { size: 1, controller: "ide" },
    { size: 1, controller: "pvscsi" },
  ];
  expect(driverWarnings({ guestId: "dosGuest", disks }, { makesNew: true })).toEqual([
    'disks[1].controller: dosGuest has no driver for pvscsi, and finds no disk there. Use "ide" instead.',
  ]);
  expect(driverWarnings({ guestId: "ubuntu64Guest", disks }, { makesNew: true })).toEqual([]);
});

test("a new disk that names no controller goes where the first one is, or to a pvscsi", () => {
  const paths = (disks: unknown, makesNew = true) =>
    driverWarnings({ guestId: "dosGuest", disks }, { makesNew }).map((warning) => warning.split(":")[0]);
  expect(paths([{ size: 1 }, { size: 1 }])).toEqual(["disks[0].controller", "disks[1].controller"]);
  expect(paths([{ size: 1, controller: "ide" }, { size: 1 }])).toEqual([]);
  expect(paths([{ size: 1 }], false)).toEqual([]);
  expect(paths([{ size: 1, controller: UNKNOWN }, { size: 1 }])).toEqual([]);
});

test("nothing is said of what is not known yet", () => {
  const all = { guestId: UNKNOWN, networkInterfaces: [{ network: "lab", adapterType: "vmxnet3" }] };
  expect(driverWarnings(all, { makesNew: true })).toEqual([]);
  expect(driverWarnings({ guestId: "dosGuest", networkInterfaces: UNKNOWN }, { makesNew: true })).toEqual([]);
  const adapterType = [{ network: "lab", adapterType: UNKNOWN }];
  expect(driverWarnings({ guestId: "dosGuest", networkInterfaces: adapterType }, { makesNew: true })).toEqual(
    [],
  );
});
