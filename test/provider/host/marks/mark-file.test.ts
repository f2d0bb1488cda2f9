/** Marks in files of the host's datastores: what is tried again, and what is no mark. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Mark, newMark } from "../../../../provider/host/marks/mark.ts";
import { markName, readMark, writeMark } from "../../../../provider/host/marks/mark-file.ts";
import { failure, Lab } from "../../resources/lab.ts";

const FILE = { datastore: "datastore1", path: ".mark" };
const { signal } = new AbortController();
const STOP = new Error("^C");

let lab: Lab;
let mark: Mark;

beforeAll(async () => {
  lab = await Lab.open();
  mark = await newMark(lab.host, "urn:1", "thing", { a: 1 });
});

beforeEach(async () => {
  lab.raw.simulator.faults.clear();
  await writeMark(lab.host, FILE, mark, signal);
  lab.raw.simulator.requests.clear();
});

afterEach(() => vi.restoreAllMocks());
afterAll(() => lab.close());

const read = (of = "thing", file = FILE) => readMark(lab.host, file, of, signal);
const WAYS = [
  ["read", (limit = signal) => readMark(lab.host, FILE, "thing", limit)],
  ["written", (limit = signal) => writeMark(lab.host, FILE, mark, limit)],
] as const;

test("a mark is read as it was written last, and only for what bears it", async () => {
  expect(await read()).toEqual(mark);
  await writeMark(lab.host, FILE, { ...mark, urn: "urn:2" }, signal);
  expect(await read()).toEqual({ ...mark, urn: "urn:2" });
  expect(await read("other")).toBeUndefined();
});

test("where no file is there is no mark, and it is asked for once", async () => {
  expect(await read("thing", { ...FILE, path: ".none" })).toBeUndefined();
  expect(lab.raw.count("folder")).toBe(1);
});

test("where no file is there is no mark, though the host stumbles over it", async () => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 500 } });
  expect(await read("thing", { ...FILE, path: ".none" })).toBeUndefined();
  expect(lab.raw.count("folder")).toBe(1);
});

test.each(WAYS)("a mark is %s at the third try", async (_, way) => {
  lab.raw.simulator.faults.add({ method: "folder", count: 2, action: { status: 401 } });
  await way();
  expect(lab.raw.count("folder")).toBe(3);
  expect(await read()).toEqual(mark);
});

test.each(WAYS)("a mark is not %s more than three times", async (_, way) => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 500 } });
  expect(await failure(way())).toMatchObject({ name: "NfcError", status: 500 });
  expect(lab.raw.count("folder")).toBe(3);
});

test.each(WAYS)("a mark that this user may not touch is not %s again", async (_, way) => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 403 } });
  expect(await failure(way())).toMatchObject({ name: "NfcError", status: 403 });
  expect(lab.raw.count("folder")).toBe(1);
});

test.each(WAYS)("a mark is not %s again after a mistake of ours", async (_, way) => {
  const mistake = new TypeError("it is undefined");
  const cookie = vi.spyOn(lab.host.client, "sessionCookie").mockImplementation(() => {
    throw mistake;
  });
  expect(await failure(way())).toBe(mistake);
  expect(cookie).toHaveBeenCalledTimes(1);
});

test.each(WAYS)("a mark is not %s again by a run that is to end", async (_, way) => {
  const run = new AbortController();
  lab.raw.simulator.faults.add({
    method: "folder",
    action: { status: 500 },
    onWork: () => run.abort(STOP),
  });
  expect(await failure(way(run.signal))).toBe(STOP);
  expect(lab.raw.count("folder")).toBe(1);
});

test("names of marks stay what they were, or a newer release would not find those of an older one", () => {
  expect(markName("a")).toBe("ca978112ca1bbdca");
});
