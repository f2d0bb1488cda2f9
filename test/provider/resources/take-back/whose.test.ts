/** Whether a create may go on with what is there already: what its mark must say, and what the reason is where it does not. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Mark } from "../../../../provider/host/marks/mark.ts";
import { ownSession } from "../../../../provider/host/vm/unfinished/session-owner.ts";
import {
  type Bearing,
  bearingOf,
  hintOfRename,
  TAKE_BACK,
  UNMARKED,
  whyNotOurs,
} from "../../../../provider/resources/take-back/whose.ts";
import { failure, Lab } from "../lab.ts";
import { DEAD, ownBearing, URN, WHAT } from "./bearings.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

beforeEach(() => {
  lab.said.length = 0;
});

afterAll(() => lab.close());

/** Why a create may not go on with what bears such a mark; undefined if it may. */
function why(bearing: Partial<Bearing>, { takeBack = true, onlyNew = "" } = {}): Promise<string | undefined> {
  const asker = { host: lab.host, context: { ...lab.context(), takeBack }, urn: URN };
  return whyNotOurs(asker, WHAT, onlyNew, ownBearing(bearing));
}

const UNFINISHED = { isUnfinished: true };
const CHANGED = { isUnchanged: async () => false };

describe("what is there is ours", () => {
  test("if it is as a create of this resource left it that did not come to its end, without a word", async () => {
    expect(await why(UNFINISHED, { takeBack: false })).toBeUndefined();
    expect(await why({ ...UNFINISHED, session: await ownSession(lab.host) })).toBeUndefined();
    expect(lab.said).toEqual([]);
  });

  test("if it is finished and the configuration says to take it back, which is told", async () => {
    expect(await why({})).toBeUndefined();
    expect(lab.said).toEqual([
      { kind: "info", text: 'taking back the port group "dev", which this resource made before' },
    ]);
  });
});

test("what another run is still making is nobody's yet, which is looked at for a while", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    const session = await ownSession(lab.connect());
    vi.setSystemTime(Date.now() + 14_900);
    const error = await failure(why({ ...UNFINISHED, session }));
    expect(error.message).toContain('another run of Pulumi is creating the port group "dev" right now');
    expect(lab.texts("status")).toContain(
      'the port group "dev" is half made: looking whether another run is still at work on it',
    );
  } finally {
    vi.useRealTimers();
  }
});

test("what a run that still goes on has finished is not looked at for a while", async () => {
  expect(await why({ session: await ownSession(lab.connect()) })).toBeUndefined();
  expect(lab.texts("status")).toEqual([]);
});

test("what is finished is taken back only where the configuration says so", async () => {
  const asker = { host: lab.host, context: lab.context(), urn: URN };
  expect(await whyNotOurs(asker, WHAT, "", ownBearing())).toContain(TAKE_BACK);
});

describe("what is there is not ours", () => {
  test.each<[string, Partial<Bearing>, object, string]>([
    ["if no mark says so", UNMARKED, {}, "No mark says that pulumi-esxi-direct made it."],
    [
      "if its state may only be missing",
      {},
      { takeBack: false },
      `It was made by a resource of the same URN whose state this stack does not have. ${TAKE_BACK}`,
    ],
    ...[UNFINISHED, {}].map((made): [string, Partial<Bearing>, object, string] => [
      `if somebody has changed it since (${JSON.stringify(made)})`,
      { ...made, ...CHANGED },
      {},
      "It bears the mark of this resource, but somebody has changed it or made it anew since.",
    ]),
    [
      "if the program wants what only a new one can be",
      UNFINISHED,
      { onlyNew: "virtualSwitch a → b" },
      "It was made by this resource, but the program now asks for what only a new one can be: virtualSwitch a → b.",
    ],
    [
      "if another stack has made it",
      { urn: "urn:pulumi:prod::lab::pulumi-nodejs:esxi:PortGroup::dev" },
      {},
      "It was made by the resource urn:pulumi:prod::lab::pulumi-nodejs:esxi:PortGroup::dev.",
    ],
  ])("%s", async (_, bearing, options, reason) => {
    expect(await why(bearing, options)).toBe(reason);
    expect(lab.said).toEqual([]);
  });

  test("if another resource of the stack has made it, which may be this one under another name", async () => {
    const other = URN.replace("::dev", "::development");
    expect(await why({ urn: other, ...UNFINISHED })).toMatch(
      /^It was made by the resource .*::development\. If that is this resource under another name or parent, .*`aliases`, and nothing is made anew\.$/,
    );
  });
});

test("only a resource of the same stack and project can be one under another name", () => {
  const urn = (stack: string, project: string) => `urn:pulumi:${stack}::${project}::esxi:PortGroup::dev`;
  expect(hintOfRename(urn("dev", "lab"), urn("dev", "lab"))).toContain("aliases");
  expect(hintOfRename(urn("dev", "lab"), urn("prod", "lab"))).toBe("");
  expect(hintOfRename(urn("dev", "lab"), urn("dev", "web"))).toBe("");
  expect(hintOfRename(urn("dev", "lab"), urn("de", "vlab"))).toBe("");
});

test("a mark says who has finished something, and something without a mark is nobody's", async () => {
  const isUnchanged = async () => true;
  const mark: Mark = { schema: 1, urn: URN, host: "uuid", of: "dev", session: DEAD, state: {} };
  expect(bearingOf(mark, isUnchanged)).toMatchObject({
    urn: URN,
    session: DEAD,
    isUnfinished: false,
    isUnchanged,
  });
  expect(bearingOf(undefined, isUnchanged)).toBe(UNMARKED);
  expect(UNMARKED).toMatchObject({ urn: undefined, session: "", isUnfinished: false });
  expect(await UNMARKED.isUnchanged()).toBe(false);
});

test("the way to take something back is told by its setting", () => {
  expect(TAKE_BACK).toContain("`pulumi config set esxi:takeBack true` takes it back");
});
