import { expect, test } from "vitest";
import { unitWarnings } from "../../../../../provider/resources/vm/checks/unit-warnings.ts";

test.each([
  [{ memory: 4 }, "memory: 4 MB is very little; did you mean 4096 (4 GB)? The unit is MB."],
  [{ memory: 16 }, "memory: 16 MB is very little; did you mean 16384 (16 GB)? The unit is MB."],
  [
    { disks: [{ size: 1 }, { size: 20480 }] },
    "disks[1].size: 20480 GB is 20 TB; did you mean 20 (20480 MB)? The unit is GB.",
  ],
  [{ bootDelay: 5 }, "bootDelay: 5 ms is very short; did you mean 5000? The unit is ms."],
])("%j is doubted", (settings, warning) => {
  expect(unitWarnings(settings)).toEqual([warning]);
});

test("what people mean is not doubted", () => {
  for (const memory of [32, 64, 128, 4096]) expect(unitWarnings({ memory })).toEqual([]);
  for (const size of [0.5, 1, 20, 500, 2000, 2100]) expect(unitWarnings({ disks: [{ size }] })).toEqual([]);
  for (const bootDelay of [0, 100, 5000]) expect(unitWarnings({ bootDelay })).toEqual([]);
  expect(unitWarnings({})).toEqual([]);
});
