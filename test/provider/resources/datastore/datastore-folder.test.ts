/** Each test ends with a look at what is on the raw host's disk. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { withoutOwnMarks } from "../../../support/own-marks.ts";
import { failure, Lab } from "../lab.ts";
import { type InState, Managed } from "../managed.ts";

const WISH = { path: "iso/linux" };
const ID = "[datastore1] iso/linux";
const MADE = ["[datastore1] iso/", `${ID}/`];

let lab: Lab;
let folder: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
});

afterEach(() => lab.close());

const files = async () => withoutOwnMarks((await lab.raw.contents()).files);
const onHost = (path = ID) => lab.raw.simulator.localFile(path);

test("a folder is made with those above it, and only it is deleted", async () => {
  const state = await folder.create(WISH);
  expect(state).toMatchObject({
    id: ID,
    outs: { ...WISH, datastorePath: ID, datastore: "datastore1", hostUuid: lab.raw.simulator.hostUuid },
  });
  expect(await files()).toEqual(MADE);
  expect(await folder.diff(state, WISH)).toMatchObject({ changes: false });
  expect((await folder.read(state))?.outs).toEqual(state.outs);
  await folder.delete(state);
  await folder.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("another path replaces, and a refresh sees that the folder is gone", async () => {
  const state = await folder.create(WISH);
  expect(await folder.diff(state, { path: "iso/bsd" })).toMatchObject({ changes: true, replaces: ["path"] });
  await rm(onHost(), { recursive: true });
  expect(await folder.read(state)).toBeUndefined();
});

test("a folder that is there already is left alone, unless it is to be adopted", async () => {
  await mkdir(onHost(), { recursive: true });
  await writeFile(`${onHost()}/theirs.txt`, "x");
  const error = await failure(folder.create(WISH));
  expect(error.message).toContain(`esxi1 has the folder "${ID}" already, and it is left alone.`);
  const before = await files();
  const adopted = await folder.create({ ...WISH, adopt: true });
  expect(await files()).toEqual(before);
  expect((await failure(folder.delete(adopted))).message).toContain("is not empty: theirs.txt.");
  expect(await files()).toEqual(before);
});

test("a file of that name is no folder", async () => {
  await mkdir(onHost("[datastore1] iso"));
  await writeFile(onHost(), "x");
  expect((await failure(folder.create({ ...WISH, adopt: true }))).message).toContain("is a file");
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
});

test("with forceDestroy everything in it goes, but not what a machine uses", async () => {
  const state = await folder.create(WISH);
  await writeFile(`${onHost()}/a.iso`, "x");
  const forced = await folder.update(state, { ...WISH, forceDestroy: true });
  await lab.create({ powerOn: false });
  const { moid } = lab.raw.vm("vm");
  const backing = { $type: "VirtualCdromIsoBackingInfo", fileName: `${ID}/a.iso` };
  const device = { $type: "VirtualCdrom", key: -1, controllerKey: 200, unitNumber: 0, backing };
  await lab.raw.simulator.behindBack.reconfigure(moid, { deviceChange: [{ operation: "add", device }] });
  expect((await failure(folder.delete(forced))).message).toContain(`"vm" uses ${ID}`);
  expect(await files()).toContain(`${ID}/a.iso`);
  await lab.raw.simulator.behindBack.destroy(moid);
  await folder.delete(forced);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("what comes into the folder at the last moment is not deleted with it", async () => {
  const state = await folder.create(WISH);
  // The first look finds the folder empty; then a file comes, while the folder is being renamed.
  lab.raw.simulator.faults.add({
    method: "MoveDatastoreFile_Task",
    count: 1,
    action: "continue",
    onWork: () => writeFile(`${onHost()}/late.txt`, "x"),
  });
  expect((await failure(folder.delete(state))).message).toContain("is not empty: late.txt");
  expect(await files()).toEqual([...MADE, `${ID}/late.txt`]);
});

test.each(["MakeDirectory", "MoveDatastoreFile_Task", "DeleteDatastoreFile_Task"])(
  "a run that is killed at %s is made good by the next",
  async (method) => {
    lab.raw.simulator.faults.add({ method, action: "hang" });
    const dying = new AbortController();
    const run = failure(folder.create(WISH, lab.context(dying.signal)));
    await expect.poll(() => lab.raw.count(method)).toBeGreaterThan(0);
    dying.abort(new Error("killed"));
    await run;
    lab.raw.simulator.faults.clear();
    await lab.restart();
    const state = await folder.create(WISH);
    expect(state.outs).toMatchObject({ __phase: "done" });
    expect(await files()).toEqual(MADE);
  },
);

test("a folder is kept in state if what says whose it is cannot be removed, and the next run does it", async () => {
  lab.raw.simulator.faults.add({
    method: "DeleteDatastoreFile_Task",
    count: 1,
    action: { fault: "NoPermission" },
  });
  const inputs = await folder.inputs(WISH);
  const state = await folder.unfinished(folder.lifecycle.create(inputs, lab.context()), inputs);
  expect(state).toMatchObject({ id: ID, outs: { datastorePath: ID, datastore: "datastore1" } });
  expect(await files()).toHaveLength(MADE.length + 1);
  const done = await folder.update(state, WISH);
  expect(done.outs).toMatchObject({ __phase: "done" });
  expect(await files()).toEqual(MADE);
});

test("a delete that was killed half-way is finished by the next", async () => {
  const state = await folder.create(WISH);
  lab.raw.simulator.faults.add({
    method: "DeleteDatastoreFile_Task",
    count: 1,
    action: { fault: "NoPermission" },
  });
  await failure(folder.delete(state));
  await folder.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

describe("a folder whose deletion a killed run has begun", () => {
  const ASIDE = `${ID}.pulumi-esxi-direct-deletes`;
  let state: InState;

  beforeEach(async () => {
    state = await folder.create(WISH);
    await rename(onHost(), onHost(ASIDE));
    await lab.restart();
  });

  test("is not gone for a refresh: an update brings it back", async () => {
    const seen = await folder.read(state);
    if (seen === undefined) throw new Error("It is gone.");
    expect(await folder.diff(seen, WISH)).toMatchObject({ changes: true, replaces: [] });
    const again = await folder.update(seen, WISH);
    expect(again.outs).toEqual(state.outs);
    expect(await files()).toEqual(MADE);
    expect(await folder.diff(again, WISH)).toMatchObject({ changes: false });
  });

  test("goes with the next delete, after a refresh too", async () => {
    const seen = await folder.read(state);
    if (seen === undefined) throw new Error("It is gone.");
    await folder.delete(seen);
    expect(await files()).toEqual(["[datastore1] iso/"]);
  });

  test("leaves nothing beside a new one when the state is lost", async () => {
    await folder.create(WISH);
    expect(await files()).toEqual(MADE);
  });

  test("stays with what somebody has put into it", async () => {
    await writeFile(`${onHost(ASIDE)}/theirs.txt`, "x");
    await folder.create(WISH);
    expect(await files()).toEqual([...MADE, `${ASIDE}/`, `${ASIDE}/theirs.txt`].sort());
  });

  test("stays aside where somebody has made the folder anew", async () => {
    const seen = await folder.read(state);
    if (seen === undefined) throw new Error("It is gone.");
    await mkdir(onHost());
    await folder.update(seen, WISH);
    expect(await files()).toEqual([...MADE, `${ASIDE}/`].sort());
  });
});

test("what is wrong is found at preview", async () => {
  const { failures } = await folder.check({ path: "/iso/", forceDestroy: "yes" });
  expect(failures.map(({ property }) => property).sort()).toEqual(["forceDestroy", "path"]);
  expect(lab.raw.count()).toBe(0);
});
