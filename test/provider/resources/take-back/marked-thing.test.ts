/** A network, pool or service with its marks: what stands on the host before, while and after something is made of it. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HostError } from "../../../../provider/host/host-error.ts";
import { markName } from "../../../../provider/host/marks/mark-file.ts";
import { ownSession } from "../../../../provider/host/vm/unfinished/session-owner.ts";
import { isSameState, MarkedThing } from "../../../../provider/resources/take-back/marked-thing.ts";
import { UNMARKED } from "../../../../provider/resources/take-back/whose.ts";
import { twoDatastores } from "../../../support/two-datastores.ts";
import { failure, Lab } from "../lab.ts";

const URN = "urn:1";
const LEFT = { id: "left" };
const MEANT = { id: "meant" };

let lab: Lab;
let count = 0;
let name: string;

beforeAll(async () => {
  const datastores = twoDatastores(1024 ** 3);
  lab = await Lab.open({ datastores });
});

beforeEach(() => {
  name = `students ${count++}`;
  lab.said.length = 0;
  lab.raw.simulator.faults.clear();
});

afterAll(() => lab.close());

const thing = (urn = URN, { takeBack = false, signal = new AbortController().signal } = {}) =>
  new MarkedThing(
    { host: lab.host, urn, context: { ...lab.context(signal), takeBack } },
    { kind: "pool", name },
  );
/** Whose it is, where it is held against such a state, and whether that says that nobody has changed it. */
async function bearing(there: object) {
  const seen = (state: object) => isSameState(state, there);
  const { isUnchanged, ...tells } = await thing().bearing({ isAsLeft: seen, isAsMeant: seen });
  return { ...tells, isUnchanged: await isUnchanged() };
}

describe("what the marks tell", () => {
  test("is nothing where there are none", async () => {
    const never = () => false;
    expect(await thing().bearing({ isAsLeft: never, isAsMeant: never })).toBe(UNMARKED);
  });

  test("of something finished is whether it is as it was left", async () => {
    await thing().made(LEFT);
    const tells = { urn: URN, session: await ownSession(lab.host), isUnfinished: false };
    expect(await bearing(LEFT)).toEqual({ ...tells, isUnchanged: true });
    expect(await bearing(MEANT)).toEqual({ ...tells, isUnchanged: false });
  });

  test("of something that is being changed is whether it is as it was, or as it is to be", async () => {
    await thing().made(LEFT);
    const seen: unknown[] = [];
    await thing().making(MEANT, async () => {
      for (const there of [LEFT, MEANT, { id: "other" }]) seen.push(await bearing(there));
    });
    const tells = { urn: URN, session: await ownSession(lab.host), isUnfinished: true };
    expect(seen).toEqual([true, true, false].map((isUnchanged) => ({ ...tells, isUnchanged })));
  });

  test("of something that is being made is that it is not what somebody has put in its place", async () => {
    await thing().making(MEANT, async () => {
      expect(await bearing(LEFT)).toMatchObject({ urn: URN, isUnfinished: true, isUnchanged: false });
    });
  });

  test("of an earlier thing of the name says nothing about the one that is being made", async () => {
    await thing("urn:2").made(LEFT);
    await thing().making(MEANT, async () => {
      expect(await bearing(LEFT)).toMatchObject({ urn: URN, isUnchanged: false });
      expect(await bearing(MEANT)).toMatchObject({ urn: URN, isUnchanged: true });
    });
  });
});

describe("what is made", () => {
  const marks = async () => {
    const { made, making } = await thing().read();
    return [made?.state, making?.state];
  };

  test("stands there before, and is told as made when it is whole", async () => {
    const result = await thing().making(MEANT, async () => {
      expect(await marks()).toEqual([undefined, MEANT]);
      return "the pool";
    });
    expect(result).toBe("the pool");
    await thing().made(LEFT);
    expect(await marks()).toEqual([LEFT, undefined]);
  });

  test("stands there no more if the host has refused it, also when the run was stopped", async () => {
    for (const run of [new AbortController(), new AbortController()]) {
      const refusal = new HostError("no room");
      const making = thing(URN, { signal: run.signal }).making(MEANT, async () => {
        run.abort();
        throw refusal;
      });
      expect(await failure(making)).toBe(refusal);
      expect(await marks()).toEqual([undefined, undefined]);
    }
  });

  test("stands there still if nobody knows what became of it", async () => {
    const lost = new Error("the answer was lost");
    expect(await failure(thing().making(MEANT, () => Promise.reject(lost)))).toBe(lost);
    expect(await marks()).toEqual([undefined, MEANT]);
  });

  test("is not begun if its mark could not be written and nobody answers, and that is the error", async () => {
    let isBegun = false;
    const begin = async () => {
      isBegun = true;
    };
    lab.raw.simulator.faults.add({ method: "folder", action: "loseReply" });
    lab.raw.simulator.faults.add({
      method: "DeleteDatastoreFile_Task",
      count: 1,
      action: { taskFault: "CannotDeleteFile", message: "not now" },
    });
    expect((await failure(thing().making(MEANT, begin))).name).toBe("NfcError");
    expect((await failure(thing().making(MEANT, begin))).name).toBe("NfcError");
    lab.raw.simulator.faults.clear();
    expect(isBegun).toBe(false);
    expect(await marks()).toEqual([undefined, undefined]);
  });

  test("has no marks any more when they are taken away, whosever they are", async () => {
    await thing("urn:2").made(LEFT);
    await thing("urn:2").making(MEANT, async () => {});
    await thing().remove();
    expect(await marks()).toEqual([undefined, undefined]);
  });
});

/** Which marks each datastore has, as `datastore: phase`. */
async function where(): Promise<string[]> {
  const { hostUuid } = await lab.host.facts();
  const begin = `-pool-${markName(`${hostUuid} pool ${name}`)}.`;
  const { files } = await lab.raw.contents();
  const own = files.filter((file) => file.includes(begin));
  return own.map((file) => file.replace(/^\[(.*)\].*\./, "$1: ")).sort();
}

const fill = (isFull: boolean, datastores = lab.datastores) => {
  for (const datastore of datastores) lab.raw.simulator.behindBack.setFull(datastore, isFull);
};

describe.each([
  ["an earlier thing of the name", "urn:2"],
  ["this resource", URN],
])("the marks of %s on another datastore", (_, urn) => {
  beforeEach(async () => {
    fill(true, ["datastore1"]);
    await thing(urn).made(LEFT);
    await thing(urn).making(MEANT, async () => {});
    fill(false);
    expect(await where()).toEqual(["ssd: made", "ssd: making"]);
  });

  test("go when the new one is whole", async () => {
    await thing().made(LEFT);
    expect(await where()).toEqual(["datastore1: made"]);
  });

  test("go when they are taken away, also those of one phase alone", async () => {
    await thing().remove(["making"]);
    expect(await where()).toEqual(["ssd: made"]);
    await thing().remove();
    expect(await where()).toEqual([]);
  });
});

describe("a host that has no room for marks any more", () => {
  afterEach(() => fill(false));

  test("keeps the one that says whose the thing was before", async () => {
    await thing().made(LEFT);
    await thing().making(MEANT, async () => {});
    fill(true);
    await thing().made(MEANT);
    expect(await where()).toEqual(["datastore1: made"]);
    expect((await thing().read()).made?.state).toEqual(LEFT);
  });

  test("keeps none of an earlier thing of the name, and needs none", async () => {
    await thing("urn:2").made(LEFT);
    fill(true);
    for (let times = 0; times < 2; times++) await thing().made(MEANT);
    expect(await where()).toEqual([]);
  });

  test("keeps one that nobody can read now, because it may be of this resource", async () => {
    await thing("urn:2").made(LEFT);
    fill(true);
    lab.raw.simulator.faults.add({ method: "folder", action: { status: 403 } });
    await thing().made(MEANT);
    expect(await where()).toEqual(["datastore1: made"]);
  });
});

describe("a host that takes no marks", () => {
  beforeEach(() => lab.raw.simulator.faults.add({ method: "folder", action: { status: 403 } }));

  test("makes the thing all the same", async () => {
    expect(await thing().making(MEANT, async () => "the pool")).toBe("the pool");
    await thing().made(LEFT);
    expect(lab.said).toEqual([]);
  });

  test("is told when it is made if marks are what the configuration relies on", async () => {
    await thing(URN, { takeBack: true }).making(MEANT, async () => {});
    expect(lab.said).toEqual([]);
    await thing(URN, { takeBack: true }).made(LEFT);
    expect(lab.texts("warn")).toEqual([
      "esxi1 has no datastore that takes a mark of it from this user: esxi:takeBack will not know it again.",
    ]);
  });
});

test("a host that takes marks is told nothing of, though the configuration relies on them", async () => {
  await thing(URN, { takeBack: true }).made(LEFT);
  expect(lab.said).toEqual([]);
});

test("states are the same if a file cannot tell them apart", () => {
  expect(isSameState({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(isSameState({ a: 1 }, { a: 2 })).toBe(false);
});
