import fc from "fast-check";
import { expect, test } from "vitest";
import { wishesThatNeedOff } from "../../../../../provider/host/vm/settings/wishes.ts";
import { costOf } from "../../../../../provider/resources/vm/life/costs.ts";
import { draws } from "../../../../support/draws.ts";
import { MACHINE } from "../../../host/vm/settings/model.ts";
import { randomHardware } from "../../../host/vm/settings/random-hardware.ts";

test("a preview names a power cycle for just what a host takes of a machine that is off", () => {
  const property = fc.property(randomHardware, (wishes) => {
    const told = Object.keys(wishes).filter((key) => costOf(key, {}, wishes, {}) === "powerCycle");
    expect(told.sort()).toEqual(wishesThatNeedOff(MACHINE, wishes).sort());
  });
  fc.assert(property, draws(200));
});
