/** Marks of what lies on no datastore, on a host that has two: where they are, and which of them count. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Mark, newMark } from "../../../../provider/host/marks/mark.ts";
import { markName } from "../../../../provider/host/marks/mark-file.ts";
import {
  type MarkPhase,
  nameOfThing,
  readListedThingMarks,
  readThingMarks,
  removeThingMarks,
  writeThingMark,
} from "../../../../provider/host/marks/thing-marks.ts";
import { failure, Lab } from "../../resources/lab.ts";

const { signal } = new AbortController();
const NONE = { made: undefined, making: undefined };

let lab: Lab;
let count = 0;
let thing = { kind: "pool", name: "" };
let mark: Mark;

beforeAll(async () => {
  const datastores = ["b", "a"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
  lab = await Lab.open({ datastores });
});

beforeEach(async () => {
  thing = { kind: "pool", name: `students ${count++}` };
  lab.raw.simulator.faults.clear();
  mark = await newMark(lab.host, "urn:1", nameOfThing(thing), { id: 1 });
});

afterAll(() => lab.close());

const write = (phase: MarkPhase = "made", what = mark) =>
  writeThingMark(lab.host, thing, phase, what, signal);
const read = () => readThingMarks(lab.host, thing, signal);
const remove = (...args: readonly [MarkPhase[], ((datastore: string, phase: MarkPhase) => boolean)?]) =>
  removeThingMarks(lab.host, thing, args[0], signal, args[1]);
/** So many requests for files, from now on, are not for this user. */
const refused = (count: number) =>
  lab.raw.simulator.faults.add({ method: "folder", count, action: { status: 403 } });
/** Writes to the second datastore, as a run did that could not write to the first. */
async function writeToSecond(phase: MarkPhase = "made", what = mark): Promise<void> {
  refused(1);
  expect(await write(phase, what)).toBe("b");
  lab.raw.simulator.faults.clear();
}

describe("a mark is written", () => {
  test("to the first datastore by name, and stands for the thing alone", async () => {
    const { hostUuid } = await lab.host.facts();
    expect(await write()).toBe("a");
    expect(await read()).toEqual({ made: mark, making: undefined });
    const digest = markName(`${hostUuid} pool ${thing.name}`);
    expect((await lab.raw.contents()).files).toContain(`[a] .pulumi-esxi-direct-pool-${digest}.made`);
    const { name } = thing;
    thing = { kind: "port group", name };
    expect(await read()).toEqual(NONE);
    thing = { kind: "pool", name: `${name}x` };
    expect(await read()).toEqual(NONE);
  });

  test("to the next one if the first takes none", async () => {
    await writeToSecond();
    expect(await read()).toEqual({ made: mark, making: undefined });
  });

  test("nowhere if no datastore takes one, and that is no error", async () => {
    refused(2);
    expect(await write()).toBeUndefined();
  });

  test("to none that cannot be reached, and to one that has come back in the meantime", async () => {
    const { behindBack } = lab.raw.simulator;
    behindBack.setAway("a", true);
    await lab.restart();
    expect(await write()).toBe("b");
    behindBack.setAway("a", false);
    expect(await write("making")).toBe("a");
  });

  test("not at all if the host does not answer, or the run is to end", async () => {
    lab.raw.simulator.faults.add({ method: "folder", action: "disconnect" });
    expect(await failure(write())).toMatchObject({ name: "NfcError", status: undefined });
    lab.raw.simulator.faults.clear();
    const run = new AbortController();
    const stop = new Error("^C");
    lab.raw.simulator.faults.add({
      method: "folder",
      action: { status: 403 },
      onWork: () => run.abort(stop),
    });
    expect(await failure(writeThingMark(lab.host, thing, "made", mark, run.signal))).toBe(stop);
  });
});

test("nobody asks which datastores there are, if all were there when the run began", async () => {
  await write();
  lab.raw.simulator.requests.clear();
  expect(await read()).toEqual({ made: mark, making: undefined });
  expect(lab.raw.count("RetrievePropertiesEx")).toBe(0);
});

test("one look into each datastore serves the marks of all things, and only marks that are there are read", async () => {
  await write();
  await writeToSecond("making");
  await lab.restart();
  lab.raw.simulator.requests.clear();
  const listed = () => readListedThingMarks(lab.host, thing, signal);
  expect(await listed()).toEqual({ made: mark, making: undefined });
  expect(lab.raw.count("folder")).toBe(2);
  thing = { kind: "pool", name: `no ${thing.name}` };
  expect(await listed()).toStrictEqual(NONE);
  expect(lab.raw.count("folder")).toBe(2);
  expect(lab.raw.count("SearchDatastore_Task")).toBe(2);
});

describe("marks of two datastores", () => {
  const others = () => ({ ...mark, urn: "urn:2" });

  test("count if they tell of the same resource", async () => {
    await write();
    await writeToSecond("making");
    expect(await read()).toEqual({ made: mark, making: undefined });
  });

  test("do not count if they tell of two resources", async () => {
    await write();
    await writeToSecond("made", others());
    expect(await read()).toStrictEqual(NONE);
  });

  test("are read on a datastore that was away when the run began, and taken away there", async () => {
    await write();
    const { behindBack } = lab.raw.simulator;
    behindBack.setAway("a", true);
    await lab.restart();
    expect(await read()).toStrictEqual(NONE);
    behindBack.setAway("a", false);
    expect(await read()).toEqual({ made: mark, making: undefined });
    await remove(["made"]);
    await lab.restart();
    expect(await read()).toStrictEqual(NONE);
  });

  test("tell of the resource that was at work last", async () => {
    await write("made", others());
    await write("making");
    await writeToSecond();
    expect(await read()).toEqual({ made: others(), making: mark });
    await remove(["making"]);
    expect(await read()).toEqual(NONE);
  });
});

describe("marks are taken away", () => {
  test("from every datastore, by their phase, as often as one likes", async () => {
    for (const phase of ["made", "making"] as const) {
      await write(phase);
      await writeToSecond(phase);
    }
    await remove(["making"]);
    expect(await read()).toEqual({ made: mark, making: undefined });
    await remove(["made", "making"]);
    await remove(["made", "making"]);
    expect(await read()).toEqual(NONE);
  });

  test("but for those that are to stay", async () => {
    await write();
    await writeToSecond("made", { ...mark, state: { id: 2 } });
    await remove(["made", "making"], (datastore, phase) => datastore === "b" && phase === "made");
    expect(await read()).toMatchObject({ made: { state: { id: 2 } } });
  });

  test("when none were seen at two looks", async () => {
    lab.raw.simulator.requests.clear();
    await remove(["made", "making"]);
    expect(lab.raw.count("SearchDatastore_Task")).toBe(4);
  });

  test("where this user may look: elsewhere it has written none", async () => {
    await write();
    lab.raw.simulator.faults.add({
      method: "SearchDatastore_Task",
      action: { fault: "NoPermission", message: "not for you" },
    });
    await remove(["made"]);
    lab.raw.simulator.faults.clear();
    expect(await read()).toEqual({ made: mark, making: undefined });
  });

  test("or that is an error if the host does not say what there is", async () => {
    await write();
    lab.raw.simulator.faults.add({
      method: "SearchDatastore_Task",
      action: { fault: "InvalidState", message: "not now" },
    });
    expect((await failure(remove(["made"]))).message).toContain("not now");
  });
});
