import { expect, test } from "vitest";
import { guestWarnings } from "../../../../provider/resources/vm/guest-warnings.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("a new adapter without a type counts as vmxnet3, one of an existing VM does not", () => {
  const inputs = { guestId: "win98Guest", networkInterfaces: [{ network: "lab" }] };
  expect(guestWarnings(inputs, { makesNew: true })).toEqual([
    "networkInterfaces[0].adapterType: win98Guest has no driver for vmxnet3, and will find no network. " +
      'Use "pcnet32" instead.',
  ]);
  expect(guestWarnings(inputs, { makesNew: false })).toEqual([]);
});

test("a disk on pvscsi that the guest will not find is named by its place", () => {
  const disks = [
    { size: 1, controller: "ide" },
    { size: 1, controller: "pvscsi" },
  ];
  expect(guestWarnings({ guestId: "dosGuest", disks }, { makesNew: true })).toEqual([
    'disks[1].controller: dosGuest has no driver for pvscsi, and will find no disk there. Use "ide" instead.',
  ]);
  expect(guestWarnings({ guestId: "ubuntu64Guest", disks }, { makesNew: true })).toEqual([]);
});

test("a new disk that names no controller goes where the first one is, or to a pvscsi", () => {
  const paths = (disks: unknown, makesNew = true) =>
    guestWarnings({ guestId: "dosGuest", disks }, { makesNew }).map((warning) => warning.split(":")[0]);
  expect(paths([{ size: 1 }, { size: 1 }])).toEqual(["disks[0].controller", "disks[1].controller"]);
  expect(paths([{ size: 1, controller: "ide" }, { size: 1 }])).toEqual([]);
  expect(paths([{ size: 1 }], false)).toEqual([]);
  expect(paths([{ size: 1, controller: UNKNOWN }, { size: 1 }])).toEqual([]);
});

test("nothing is said of what is not known yet", () => {
  const all = { guestId: UNKNOWN, networkInterfaces: [{ network: "lab", adapterType: "vmxnet3" }] };
  expect(guestWarnings(all, { makesNew: true })).toEqual([]);
  expect(guestWarnings({ guestId: "dosGuest", networkInterfaces: UNKNOWN }, { makesNew: true })).toEqual([]);
  const adapterType = [{ network: "lab", adapterType: UNKNOWN }];
  expect(guestWarnings({ guestId: "dosGuest", networkInterfaces: adapterType }, { makesNew: true })).toEqual(
    [],
  );
});
