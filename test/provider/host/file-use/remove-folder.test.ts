/** A folder goes if it is empty, or with all that is in it; each test looks at the raw host's disk. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  endRemoval,
  removeEmptyFolder,
  removeFolder,
  removeIfEmpty,
  undoRemoval,
} from "../../../../provider/host/file-use/remove-folder.ts";
import { writeFolderMark } from "../../../../provider/host/marks/file-marks.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const FOLDER = { datastore: "datastore1", path: "shelf/box" };
const BOX = "[datastore1] shelf/box";
const ASIDE = `${BOX}.pulumi-esxi-direct-deletes`;

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
  await mkdir(local(BOX), { recursive: true });
});

afterEach(() => lab.close());

const { signal } = new AbortController();
const local = (path: string) => lab.raw.simulator.localFile(path);
const files = async () => (await lab.raw.contents()).files.filter((file) => file.includes("box"));
const remove = () => removeEmptyFolder(lab.host, FOLDER, signal);

/** Something that happens when the host is told to move the folder. */
const asItMoves = (onWork: () => Promise<void>) =>
  lab.raw.simulator.faults.add({ method: "MoveDatastoreFile_Task", count: 1, action: "continue", onWork });

test("an empty folder goes, and what it lies in stays", async () => {
  await remove();
  expect((await lab.raw.contents()).files).toEqual(["[datastore1] shelf/"]);
  await remove();
});

test.each([
  [1, "0.txt. Nothing"],
  [10, "9.txt. Nothing"],
  [11, "9.txt and 1 more. Nothing"],
  [12, "9.txt and 2 more. Nothing"],
])("one with %i files is not touched; the error names ten of them", async (count, end) => {
  for (let index = 0; index < count; index++) {
    await writeFile(local(`${BOX}/${String.fromCharCode(97 + index)}${index}.txt`), "x");
  }
  const before = await files();
  const { message } = await failure(remove());
  expect(message).toContain(`${BOX} is not empty: a0.txt`);
  expect(message).toContain(end);
  expect(await files()).toEqual(before);
  expect(lab.raw.count("MoveDatastoreFile_Task")).toBe(0);
});

test("what comes in after the look keeps its place", async () => {
  asItMoves(() => writeFile(local(`${BOX}/theirs.txt`), "x"));
  expect((await failure(remove())).message).toContain(`${BOX} is not empty: theirs.txt.`);
  expect(await files()).toEqual([`${BOX}/`, `${BOX}/theirs.txt`]);
});

test("what came in stays aside if somebody has made the folder anew", async () => {
  await rename(local(BOX), local(ASIDE));
  await writeFile(local(`${ASIDE}/theirs.txt`), "x");
  lab.raw.simulator.faults.add({
    method: "MoveDatastoreFile_Task",
    count: 1,
    action: "continue",
    onWork: async () => {
      await mkdir(local(BOX));
      await writeFile(local(`${BOX}/new.txt`), "x");
    },
  });
  await failure(remove());
  expect(await files()).toEqual([`${BOX}/`, `${ASIDE}/`, `${ASIDE}/theirs.txt`, `${BOX}/new.txt`].sort());
});

test("an empty folder is not moved onto what lies aside already", async () => {
  await mkdir(local(ASIDE));
  await writeFile(local(`${ASIDE}/theirs.txt`), "x");
  const before = await files();
  await failure(remove());
  expect(await files()).toEqual(before);
});

test("what a killed run has put aside goes", async () => {
  await rename(local(BOX), local(ASIDE));
  await remove();
  expect(await files()).toEqual([]);
});

test("a folder goes with all that is in it, unless a machine needs some of that", async () => {
  await writeFile(local(`${BOX}/a.txt`), "x");
  await new Stranger(lab).vm("theirs", ["new"], `${BOX}/theirs/theirs.vmx`);
  const before = await files();
  expect((await failure(removeFolder(lab.host, FOLDER, signal))).message).toContain(
    `"theirs" uses ${BOX}, so it is not possible to delete it with all that is in it.`,
  );
  expect(await files()).toEqual(before);
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("theirs").moid);
  await removeFolder(lab.host, FOLDER, signal);
  expect(await files()).toEqual([]);
});

describe("a deletion that a killed run has begun", () => {
  beforeEach(() => rename(local(BOX), local(ASIDE)));

  test("is undone: the folder has its name again, with all that is in it", async () => {
    await writeFile(local(`${ASIDE}/theirs.txt`), "x");
    for (let times = 0; times < 2; times++) await undoRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([`${BOX}/`, `${BOX}/theirs.txt`]);
  });

  test("is not undone if somebody has made the folder anew", async () => {
    await mkdir(local(BOX));
    await undoRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([`${BOX}/`, `${ASIDE}/`].sort());
    expect(lab.raw.count("MoveDatastoreFile_Task")).toBe(0);
  });

  test("is not undone over a folder that somebody makes in that moment", async () => {
    await writeFile(local(`${ASIDE}/theirs.txt`), "x");
    asItMoves(async () => {
      await mkdir(local(BOX), { recursive: true });
      await writeFile(local(`${BOX}/new.txt`), "y");
    });
    await failure(undoRemoval(lab.host, FOLDER, signal));
    expect(await files()).toEqual([`${BOX}/`, `${BOX}/new.txt`, `${ASIDE}/`, `${ASIDE}/theirs.txt`].sort());
  });

  test("cannot be undone once it has ended, and that is no error", async () => {
    await endRemoval(lab.host, FOLDER, signal);
    await undoRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([]);
    expect(lab.raw.count("MoveDatastoreFile_Task")).toBe(0);
  });

  test("is ended: an empty folder goes, also one with its mark, and a new one of the name stays", async () => {
    await endRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([]);
    await mkdir(local(ASIDE));
    await mkdir(local(BOX));
    await writeFolderMark(
      lab.host,
      { ...FOLDER, path: `${FOLDER.path}.pulumi-esxi-direct-deletes` },
      FOLDER,
      "urn:1",
      signal,
    );
    for (let times = 0; times < 2; times++) await endRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([`${BOX}/`]);
  });

  test("is not ended if somebody has put a file into the folder", async () => {
    await writeFile(local(`${ASIDE}/theirs.txt`), "x");
    await endRemoval(lab.host, FOLDER, signal);
    expect(await files()).toEqual([`${ASIDE}/`, `${ASIDE}/theirs.txt`]);
  });
});

describe("a folder that is to go if it is empty", () => {
  const removeEmpty = () => removeIfEmpty(lab.host, FOLDER, signal);

  test("goes, and what a killed run has put aside of it", async () => {
    await mkdir(local(ASIDE));
    for (let times = 0; times < 2; times++) await removeEmpty();
    expect(await files()).toEqual([]);
  });

  test("stays with what is in it, a mark too, and that is no error", async () => {
    await writeFolderMark(lab.host, FOLDER, FOLDER, "urn:1", signal);
    const before = await files();
    await removeEmpty();
    expect(await files()).toEqual(before);
    expect(before).toHaveLength(2);
    expect(lab.raw.count("MoveDatastoreFile_Task")).toBe(0);
  });
});
