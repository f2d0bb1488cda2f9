/** What a create does with something that bears the name it wants: its own, adopted, or left alone. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownOrAdopted } from "../../../../provider/resources/take-back/own-or-adopted.ts";
import { type Bearing, UNMARKED } from "../../../../provider/resources/take-back/whose.ts";
import { failure, Lab } from "../lab.ts";
import { ownBearing, URN, WHAT } from "./bearings.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

beforeEach(() => {
  lab.said.length = 0;
});

afterAll(() => lab.close());

const OWN = ownBearing({ isUnfinished: true });
const FOUND = {
  what: WHAT,
  now: { name: "dev", virtualSwitch: "a", vlanId: 5 },
  keys: ["virtualSwitch", "vlanId"],
  rules: { shown: ["virtualSwitch"] },
};

/** What becomes of the port group for a program that says so. */
const outcome = (settings: object, bearing: Bearing) =>
  ownOrAdopted(
    { host: lab.host, urn: URN, context: lab.context() },
    { ...FOUND.now, ...settings },
    FOUND,
    bearing,
    ["virtualSwitch"],
  );
const refusal = async (settings: object, bearing: Bearing) =>
  (await failure(outcome(settings, bearing))).message;

describe("what the mark says is its own", () => {
  test("is gone on with, though the program asks for a change since", async () => {
    expect(await outcome({}, OWN)).toBe("own");
    expect(await outcome({ vlanId: 7, adopt: true }, OWN)).toBe("own");
  });

  test("is left alone if the program asks for what only a new one can be", async () => {
    expect(await refusal({ virtualSwitch: "b", vlanId: 7 }, OWN)).toBe(
      'esxi1 has the port group "dev" already, and it is left alone. It was made by this resource, but the program now asks ' +
        "for what only a new one can be: virtualSwitch a → b. " +
        "Set `adopt: true` to take it under management as it is, or give this resource another `name`.",
    );
  });
});

describe("what is another's", () => {
  test("is left alone, and the reason is told", async () => {
    expect(await refusal({}, UNMARKED)).toContain(
      "and it is left alone. No mark says that pulumi-esxi-direct made it. Set `adopt: true`",
    );
  });

  test("is adopted if the program says so and has the same settings", async () => {
    expect(await outcome({ adopt: true }, UNMARKED)).toBe("adopted");
    expect(await outcome({ adopt: true }, { ...OWN, urn: "urn:2" })).toBe("adopted");
    expect(await refusal({ adopt: true, vlanId: 7 }, UNMARKED)).toContain("vlanId 5 → 7");
  });
});
