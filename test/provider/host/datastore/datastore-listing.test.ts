/** What is in a folder of a datastore: what the host has said, and what it has not. */
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { filesIn, knownListing, listFolder } from "../../../../provider/host/datastore/datastore-listing.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "../../resources/lab.ts";

const { signal } = new AbortController();
const FOLDER = { datastore: "datastore1", path: "iso" };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  const local = lab.raw.simulator.localFile("[datastore1] iso");
  await mkdir(`${local}/deep`, { recursive: true });
  await writeFile(`${local}/a.iso`, "abc");
});

afterAll(() => lab.close());

afterEach(() => vi.restoreAllMocks());

test("a folder has what the host lists, and an empty one has nothing", async () => {
  const entries = await listFolder(lab.host, FOLDER, signal);
  expect(entries?.map(({ name, isFolder, size }) => [name, isFolder, size])).toEqual([
    ["a.iso", false, 3],
    ["deep", true, expect.any(Number)],
  ]);
  expect(await filesIn(lab.host, FOLDER, "*.iso", signal)).toEqual(["a.iso"]);
  expect(await filesIn(lab.host, FOLDER, "*.vmdk", signal)).toEqual([]);
  expect(await listFolder(lab.host, { ...FOLDER, path: "iso/deep" }, signal)).toEqual([]);
});

test("a folder that is not there has no list", async () => {
  expect(await listFolder(lab.host, { ...FOLDER, path: "gone" }, signal)).toBeUndefined();
  expect(await filesIn(lab.host, { ...FOLDER, path: "gone" }, "*", signal)).toEqual([]);
});

test.each([
  ["nothing", undefined],
  ["something else", create("FileInfo", { path: "a.iso" })],
])("a folder of which the host tells %s does not count as empty", async (_, answer) => {
  vi.spyOn(lab.host, "task").mockResolvedValue(answer);
  const unseen = "esxi1 has searched a datastore and does not say what it has found. Run the same again.";
  expect((await failure(listFolder(lab.host, FOLDER, signal))).message).toBe(unseen);
  expect((await failure(filesIn(lab.host, FOLDER, "*", signal))).message).toBe(unseen);
});

test("a look that others share goes on when the one is stopped for whom it was begun", async () => {
  const stop = new AbortController();
  lab.raw.simulator.requests.clear();
  lab.raw.simulator.faults.add({
    method: "SearchDatastore_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "before" ? stop.abort(new Error("^C")) : undefined),
  });
  const looks = [stop.signal, signal].map((by) => knownListing(lab.host, FOLDER, by));
  const [stopped, other] = await Promise.allSettled(looks);
  expect(stopped).toMatchObject({ status: "rejected", reason: { message: "^C" } });
  expect(other).toMatchObject({ status: "fulfilled", value: [{ name: "a.iso" }, { name: "deep" }] });
  expect(lab.raw.count("SearchDatastore_Task")).toBe(1);
});
