import { expect, it } from "vitest";
import { behaviourOf, parseBehaviour } from "../../simulator/behaviour.ts";

it("a host behaves in the usual way where it is told nothing", () => {
  expect(behaviourOf()).toMatchObject({ switchSecurity: "closed" });
  expect(behaviourOf(parseBehaviour(["switchSecurity=open"]))).toMatchObject({ switchSecurity: "open" });
});

it.each(["switchSecurity", "switchSecurity=ajar", "colour=red", "constructor=open"])(
  "%s is no behaviour, and those that there are get named",
  (word) => {
    expect(() => parseBehaviour([word])).toThrow("switchSecurity=closed|open");
  },
);
