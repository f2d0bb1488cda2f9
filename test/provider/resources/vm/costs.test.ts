import { expect, test } from "vitest";
import { wishesThatNeedOff } from "../../../../provider/host/vm-config/wishes.ts";
import { costOf } from "../../../../provider/resources/vm/costs.ts";
import { MACHINE } from "../../host/vm-config/model.ts";
import { randomFrom, randomHardware } from "../../host/vm-config/random-wishes.ts";

test("a preview names a power cycle for just what a host takes of a machine that is off", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const wishes = randomHardware(randomFrom(seed));
    const needOff = wishesThatNeedOff(MACHINE, wishes);
    const told = Object.keys(wishes).filter((key) => costOf(key, {}, wishes, {}) === "powerCycle");
    expect(told).toEqual(needOff);
  }
});
