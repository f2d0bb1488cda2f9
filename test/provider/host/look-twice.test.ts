import { expect, test, vi } from "vitest";
import { inTheWay, lookTwice } from "../../../provider/host/look-twice.ts";

test("what the first look finds is it", async () => {
  const afresh = vi.fn();
  expect(await lookTwice(async () => "first", afresh)).toBe("first");
  expect(afresh).not.toHaveBeenCalled();
});

test("what the first look does not find the second one may", async () => {
  const look = vi.fn(async () => undefined);
  expect(await lookTwice<string>(look, async () => "second")).toBe("second");
  expect(look).toHaveBeenCalledTimes(1);
});

test("the second look is the first once more, unless there is another; after it there is none", async () => {
  const look = vi.fn(async () => undefined);
  expect(await lookTwice(look)).toBeUndefined();
  expect(look).toHaveBeenCalledTimes(2);
});

test("what stands in the way may come to light with the second look, and the first is enough if it finds it", async () => {
  const looks = [[], ["a VM"], ["another"]];
  const look = vi.fn(async () => looks.shift() ?? []);
  expect(await inTheWay(look)).toEqual(["a VM"]);
  expect(await inTheWay(look)).toEqual(["another"]);
  expect(look).toHaveBeenCalledTimes(3);
  expect(await inTheWay(look)).toEqual([]);
});
