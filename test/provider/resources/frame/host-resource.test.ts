/** What all resources that are not VMs share, by a kind of which only the calls count. */

import * as v from "valibot";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { UnreadableError } from "../../../../provider/host/unreadable-error.ts";
import { hostResource, hostResourceEntries } from "../../../../provider/resources/frame/host-resource.ts";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../../provider/resources/frame/unfinished-error.ts";
import { unknownSetting } from "../../../../provider/resources/inputs/setting-forms.ts";
import { Limits } from "../../../support/limits.ts";
import { failure, Lab } from "../lab.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    adopt: v.optional(v.boolean()),
    place: v.string(),
    size: v.optional(v.number()),
    label: v.optional(v.string()),
    sum: v.optional(v.string()),
    retain: v.optional(v.boolean(), false),
  },
  unknownSetting,
);
type Kind = Parameters<typeof hostResource<typeof schema>>[0];

let lab: Lab;
let hostUuid: string;

beforeAll(async () => {
  lab = await Lab.open();
  ({ hostUuid } = await lab.host.facts());
});

afterAll(async () => {
  await lab.close();
});

const create = vi.fn<Kind["create"]>();
const read = vi.fn<Kind["read"]>();
const update = vi.fn<Kind["update"]>();
const remove = vi.fn<Kind["delete"]>();

beforeEach(() => {
  create.mockReset().mockResolvedValue({ id: "it", outs: { made: 1 } });
  read.mockReset().mockResolvedValue({ made: 2 });
  update.mockReset().mockResolvedValue({ made: 3 });
  remove.mockReset().mockResolvedValue();
  lab.said.length = 0;
});

const kind: Kind = {
  what: ({ place }) => `The thing at ${String(place)}`,
  schema,
  outputs: ["made", "other"],
  computed: ["sum"],
  replacing: ["place"],
  inPlace: ["size", "label"],
  ours: ["retain"],
  rules: { shown: ["place", "label"], withDefault: ["label"] },
  create,
  read,
  update,
  delete: remove,
};
const thing = hostResource(kind);

const URN = "urn:pulumi:dev::lab::esxi:Thing::it";
const wish = (settings: Properties = {}): Properties => ({
  place: "here",
  ...settings,
  __urn: URN,
  __provider: "the provider text",
});
const check = (settings: Properties, olds: Properties = {}, of = thing) =>
  of.check(olds, wish(settings), lab.context());
const inState = (settings: Properties = {}): Properties => ({
  place: "here",
  retain: false,
  made: 1,
  hostUuid,
  __urn: URN,
  __phase: "done",
  __state: 1,
  ...settings,
});
const diff = (olds: Properties, news: Properties, of = thing) =>
  of.diff("it", olds, wish(news), lab.context());

describe("a check", () => {
  test("fills in defaults, lets outputs and worked out inputs pass, and says what is wrong", async () => {
    const { inputs, failures } = await check({ size: "big", made: 7, hostUuid, sum: "x" });
    expect(inputs).toMatchObject({ place: "here", retain: false, __urn: URN });
    expect(inputs).not.toHaveProperty("made");
    expect(failures.map(({ property }) => property)).toEqual(["size"]);
    expect((await check({ sizes: 1 })).failures).toMatchObject([{ property: "sizes" }]);
  });

  test("adds what the kind itself finds and fills in, and a host that cannot be reached", async () => {
    const own = vi.fn<NonNullable<Kind["check"]>>(async () => ({
      inputs: { sum: "worked out" },
      failures: [{ property: "label", reason: "no" }],
    }));
    const olds = { place: "there" };
    const { inputs, failures } = await check({ size: 1 }, olds, hostResource({ ...kind, check: own }));
    expect(inputs).toMatchObject({ size: 1, sum: "worked out" });
    expect(failures).toEqual([{ property: "label", reason: "no" }]);
    expect(own).toHaveBeenCalledWith(expect.objectContaining({ size: 1 }), olds, expect.anything());
    const context = {
      ...lab.context(),
      host: () => {
        throw new Error("There is no such host.");
      },
    };
    expect((await thing.check({}, wish({ host: "other" }), context)).failures).toEqual([
      { property: "host", reason: "There is no such host." },
    ]);
  });
});

describe("a diff", () => {
  test("finds no change where nothing changes, and none in what the program does not ask for", async () => {
    expect(await diff(inState({ size: 1 }), { retain: false })).toEqual({
      changes: false,
      replaces: [],
      deleteBeforeReplace: true,
    });
    expect(lab.said).toEqual([]);
  });

  test("tells what replaces the resource, and then nothing of the rest", async () => {
    const changed = await diff(inState({ size: 1 }), { place: "there", size: 2 });
    expect(changed).toEqual({ changes: true, replaces: ["place"], deleteBeforeReplace: true });
    expect(lab.texts("info")).toEqual(["replace: place here → there"]);
    expect((await diff(inState(), { host: "other" })).replaces).toEqual(["host"]);
  });

  test("tells what changes in place; what the program takes out is the host's default again", async () => {
    expect(await diff(inState({ size: 1, label: "a" }), { size: 2, retain: false })).toMatchObject({
      changes: true,
      replaces: [],
    });
    expect(lab.texts("info")).toEqual(["update in place: size 1 → 2, label a → unset"]);
    expect((await diff(inState({ host: "other" }), {})).replaces).toEqual(["host"]);
    expect((await diff(inState({ timeouts: { createSeconds: 5 } }), {})).changes).toBe(true);
  });

  test.each([
    ["adopt", { adopt: true }],
    ["timeouts", { timeouts: { createSeconds: 5 } }],
    ["retain", { retain: true }],
  ])("says nothing of a change of %s, which changes nothing on the host", async (_, settings) => {
    expect(await diff(inState(), settings)).toMatchObject({ changes: true, replaces: [] });
    expect(lab.said).toEqual([]);
  });

  test("replaces what the option says, of the settings that the host has and of the program's own", async () => {
    const option = { __replaceOnChanges: ["size", "retain"] };
    expect((await diff(inState({ size: 1 }), { size: 2, ...option })).replaces).toEqual(["size"]);
    expect((await diff(inState(), { retain: true, ...option })).replaces).toEqual(["retain"]);
    const all = { __replaceOnChanges: ["*"] };
    expect((await diff(inState({ size: 1 }), { size: 2, retain: true, ...all })).replaces).toEqual(["size"]);
  });

  test("passes over what is to be left as it is", async () => {
    const olds = inState({ size: 1 });
    expect((await diff(olds, { size: 2, retain: false, __ignoreChanges: ["size"] })).changes).toBe(false);
  });

  test("says nothing of going on with what a replacement takes away", async () => {
    const changed = await diff(inState({ __phase: "unfinished" }), { place: "there" });
    expect(changed).toEqual({ changes: true, replaces: ["place"], deleteBeforeReplace: true });
    expect(lab.texts("info")).toEqual(["replace: place here → there"]);
  });

  test("goes on with what was not finished, and says so", async () => {
    const half = inState({ __phase: "unfinished" });
    expect(await diff(half, { retain: false })).toMatchObject({ changes: true, replaces: [] });
    expect(lab.texts("info")).toEqual(["go on with what an earlier run did not finish"]);
  });

  test("compares the old outputs as the kind aligns them", async () => {
    const align = vi.fn(() => inState({ place: "there" }));
    const aligned = hostResource({ ...kind, align });
    expect((await diff(inState(), { place: "there", retain: false }, aligned)).changes).toBe(false);
  });
});

describe("a create", () => {
  test("puts into state what was asked for and made, whose it is and where; and nothing undefined", async () => {
    create.mockResolvedValue({ id: "it", outs: { made: 1, other: undefined } });
    expect(await thing.create(wish({ size: 4 }), lab.context())).toStrictEqual({
      id: "it",
      outs: inState({ size: 4 }),
    });
    const [settings, job] = create.mock.calls[0] ?? [];
    expect(settings).toEqual({ place: "here", size: 4, retain: false });
    expect(job).toMatchObject({ urn: URN, host: lab.host });
    await thing.create({ place: "here" }, lab.context());
    expect(create.mock.calls[1]?.[1]?.urn).toBe("");
  });

  test("that fails before there is anything leaves nothing in state", async () => {
    const error = new Error("refused");
    create.mockRejectedValue(error);
    expect(await failure(thing.create(wish(), lab.context()))).toBe(error);
  });

  test.each([[new Error("cut off")], ["cut off"]])(
    "that fails when there is something keeps it in state, and an update goes on (%s)",
    async (reason) => {
      create.mockImplementation(async (_, { exists }) => {
        exists("it", { made: 1 });
        throw reason;
      });
      const error = await failure(thing.create(wish({ size: 4 }), lab.context()));
      if (!(error instanceof UnfinishedError)) throw error;
      expect(error.message).toContain("cut off");
      expect(error.id).toBe("it");
      expect(error.properties).toEqual({
        ...inState({ size: 4, __phase: "unfinished" }),
        __provider: "the provider text",
      });
      expect((await diff(error.properties, { size: 4, retain: false })).changes).toBe(true);
    },
  );

  test("knows which whole settings are to be left alone", async () => {
    const ignored: boolean[] = [];
    create.mockImplementation(async (_, { ignores }) => {
      ignored.push(ignores("size"), ignores("label"));
      return { id: "it", outs: {} };
    });
    await thing.create(wish({ __ignoreChanges: ["size"] }), lab.context());
    expect(ignored).toEqual([true, false]);
  });
});

describe("a refresh", () => {
  test("puts what the host has into state, and takes out what the host does not have", async () => {
    read.mockResolvedValue({ made: 2, size: undefined });
    expect(await thing.read("it", inState({ size: 4 }), lab.context())).toStrictEqual({
      id: "it",
      props: inState({ made: 2 }),
    });
    expect(read).toHaveBeenCalledWith("it", inState({ size: 4 }), expect.objectContaining({ urn: URN }));
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("forgets what it does not find in two looks, of which the second is a new one", async () => {
    read.mockResolvedValue(undefined);
    expect(await thing.read("it", inState(), lab.context())).toEqual({});
    expect(read).toHaveBeenCalledTimes(2);
    read.mockReset().mockResolvedValueOnce(undefined).mockResolvedValue({ made: 9 });
    expect((await thing.read("it", inState(), lab.context())).props).toMatchObject({ made: 9 });
  });

  test("keeps what the host cannot read now", async () => {
    read.mockRejectedValue(new UnreadableError("The share is away."));
    expect(await thing.read("it", inState(), lab.context())).toEqual({ id: "it", props: inState() });
  });
});

describe("an update", () => {
  test("puts into state what the program asks for, with what was made", async () => {
    expect(await thing.update("it", inState({ size: 1 }), wish({ size: 4 }), lab.context())).toStrictEqual({
      outs: inState({ size: 4, made: 3 }),
    });
    expect(update).toHaveBeenCalledWith(
      "it",
      inState({ size: 1 }),
      { place: "here", size: 4, retain: false },
      expect.objectContaining({ urn: URN, host: lab.host }),
    );
    expect(read).not.toHaveBeenCalled();
  });

  test("that fails half-way keeps in state what is known", async () => {
    update.mockImplementation(async (id, _, _settings, { exists }) => {
      exists(id, { made: 8 });
      throw new Error("cut off");
    });
    const error = await failure(thing.update("it", inState(), wish({ size: 4 }), lab.context()));
    if (!(error instanceof UnfinishedError)) throw error;
    expect(error.properties).toMatchObject({ made: 8, size: 4, __phase: "unfinished" });
  });

  describe("with something to be left as it is", () => {
    const news = wish({ size: 4, __ignoreChanges: ["size"] });
    const sizeGiven = () => update.mock.calls[0]?.[2].size;

    test("gives it the value that the host has now", async () => {
      read.mockResolvedValue({ size: 2 });
      await thing.update("it", inState({ size: 1 }), news, lab.context());
      expect(sizeGiven()).toBe(2);
      expect(read).toHaveBeenCalledWith("it", inState({ size: 1 }), expect.objectContaining({ urn: URN }));
    });

    test("gives it what is asked for if it is gone, or was never whole", async () => {
      read.mockResolvedValueOnce(undefined);
      await thing.update("it", inState({ size: 1 }), news, lab.context());
      expect(sizeGiven()).toBe(4);
      update.mockClear();
      await thing.update("it", inState({ size: 1, __phase: "unfinished" }), news, lab.context());
      expect(sizeGiven()).toBe(4);
    });
  });
});

test("a deletion is the kind's own", async () => {
  await thing.delete("it", inState(), lab.context());
  expect(remove).toHaveBeenCalledWith("it", inState(), expect.objectContaining({ urn: URN, host: lab.host }));
});

describe("another host of the same name", () => {
  const elsewhere = inState({ hostUuid: "00000000-0000-0000-0000-000000000000" });

  test.each([
    ["a refresh", () => thing.read("it", elsewhere, lab.context())],
    ["an update", () => thing.update("it", elsewhere, wish(), lab.context())],
    ["a deletion", () => thing.delete("it", elsewhere, lab.context())],
  ])("is left alone by %s", async (_, work) => {
    expect((await failure(work())).message).toMatch(
      /^The thing at here is on the host with the hardware UUID 0/,
    );
    for (const call of [read, update, remove]) expect(call).not.toHaveBeenCalled();
  });
});

describe("the longest time", () => {
  let limits: Limits;
  beforeEach(() => {
    limits = new Limits();
  });
  afterEach(() => limits.restore());

  const limited = hostResource({ ...kind, createSeconds: 60, updateSeconds: 70 });
  const works = {
    create: (of: typeof thing, settings: Properties) => of.create(wish(settings), lab.context()),
    update: (of: typeof thing, settings: Properties) =>
      of.update("it", inState(), wish(settings), lab.context()),
    delete: (of: typeof thing, settings: Properties) => of.delete("it", inState(settings), lab.context()),
  };

  test.each([
    ["create", 60],
    ["update", 70],
    ["delete", 1800],
  ] as const)(
    "of a %s is what the program says, else the kind's own, else half an hour",
    async (what, own) => {
      const given = { timeouts: { createSeconds: 1, updateSeconds: 2, deleteSeconds: 3 } };
      const first: unknown[] = [];
      for (const run of [
        () => works[what](limited, given),
        () => works[what](limited, {}),
        () => works[what](thing, {}),
      ]) {
        limits.taken();
        await run();
        first.push(limits.taken()[0]);
      }
      const asked = given.timeouts[`${what}Seconds`];
      expect(first).toEqual([asked * 1000, own * 1000, 1_800_000]);
    },
  );

  test.each([
    ["createSeconds", create, works.create],
    ["updateSeconds", update, works.update],
    ["deleteSeconds", remove, works.delete],
  ] as const)("that is over ends it, and the error names timeouts.%s", async (key, call, work) => {
    call.mockImplementation(async (...args: unknown[]) => {
      const { context } = args.at(-1) as { context: { signal: AbortSignal } };
      throw context.signal.reason;
    });
    limits.overAtOnce();
    const failing = failure(work(thing, { timeouts: { [key]: 5 } }));
    expect((await failing).message).toBe(`This took longer than 5 s. Allow more with timeouts.${key}.`);
  });
});
