import { expect, test } from "vitest";
import { disksOfOtherSize } from "../../../../provider/host/import/sized-disks.ts";

const spec = (...sizesInKb: number[]) => ({
  $type: "VirtualMachineConfigSpec",
  deviceChange: sizesInKb.map((capacityInKB, key) => ({
    $type: "VirtualDeviceConfigSpec",
    operation: "add" as const,
    device: { $type: "VirtualDisk", key, capacityInKB },
  })),
});

test("a host that heeds the sizes passes", () => {
  expect(disksOfOtherSize(spec(8, 1024, 2048), { a: 2 ** 21, b: 2 ** 20 })).toEqual([]);
});

test("a disk that a host would make in another size is named", () => {
  expect(disksOfOtherSize(spec(8, 1024, 2), { a: 2 ** 21, b: 2 ** 20 })).toEqual(["a"]);
});

test("two disks of one size need two disks of it", () => {
  expect(disksOfOtherSize(spec(1024, 2048), { a: 2 ** 20, b: 2 ** 20 })).toEqual(["b"]);
});
