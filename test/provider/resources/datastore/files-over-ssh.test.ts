/** Files and folders where the licence lets the API change nothing. Each test ends with a look at the raw host's disk. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { withoutOwnMarks } from "../../../support/own-marks.ts";
import { READS } from "../kill-at.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";

const ISO = randomBytes(3_000_000);
const WISH = { path: "iso/it's 1.iso", source: "images/Core.iso" };
const ID = "[datastore1] iso/it's 1.iso";
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let lab: Lab;
let file: Managed;
let folder: Managed;

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" }, license: "free" });
  file = new Managed(lab, "DatastoreFile", datastoreFile);
  folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
  await lab.write("images/Core.iso", ISO);
});

afterEach(() => lab.close());

const onHost = async () => digest(await readFile(lab.raw.simulator.localFile(ID)));
const files = async () => withoutOwnMarks((await lab.raw.contents()).files);
/** What the API was asked to change, but for the question whether it may. */
const writes = () =>
  lab.raw.simulator.requests
    .entries()
    .map(({ method }) => method)
    .filter((method) => !/^ssh\./.test(method) && !READS.test(method) && method !== "UpdateServicePolicy")
    .filter((method) => method !== "folder");

test("a file is streamed to another name, replaced, seen to drift, and deleted, without a write of the API", async () => {
  const state = await file.create(WISH);
  expect(state).toMatchObject({ id: ID, outs: { size: ISO.length, sha256: digest(ISO), datastorePath: ID } });
  expect(await onHost()).toBe(digest(ISO));
  expect(await files()).toEqual(["[datastore1] iso/", ID]);
  expect(lab.texts("status")).toContainEqual(
    expect.stringMatching(/^uploading \d+% of 2\.9 MiB, .*\/s, it's 1\.iso$/),
  );
  expect((await file.read(state))?.outs).toEqual(state.outs);

  const other = randomBytes(1_000_000);
  await lab.write("images/Other.iso", other);
  const replaced = await file.update(state, { ...WISH, source: "images/Other.iso" });
  expect(await onHost()).toBe(digest(other));

  await writeFile(lab.raw.simulator.localFile(ID), "somebody else's");
  lab.restartAfterKill();
  const drifted = await file.read(replaced);
  expect(drifted?.outs).toMatchObject({ size: 15, sha256: "" });
  if (!drifted) throw new Error("It is gone.");
  await file.delete(drifted);
  expect(await files()).toEqual(["[datastore1] iso/"]);
  expect(writes()).toEqual([]);
});

test("a stranger's file is left alone, and adopted when it is asked for", async () => {
  const there = lab.raw.simulator.localFile(ID);
  await mkdir(dirname(there), { recursive: true });
  await writeFile(there, ISO);
  expect((await failure(file.create(WISH))).message).toContain("has the file");
  const adopted = await file.create({ ...WISH, adopt: true });
  expect(adopted.outs).toMatchObject({ sha256: digest(ISO) });
  await file.delete(adopted);
  expect(await files()).toEqual(["[datastore1] iso/"]);
  expect(writes()).toEqual([]);
});

test("an upload whose connection breaks is sent again, and one that does not fit leaves nothing", async () => {
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "/upload'",
    atByte: 1_000_000,
    count: 1,
    action: "disconnect",
  });
  const state = await file.create(WISH);
  expect(lab.texts("warn").join()).toMatch(/SSH connection was lost.* Sending it again \(2 of 3\)/);
  expect(await onHost()).toBe(digest(ISO));
  await file.delete(state);

  lab.raw.simulator.behindBack.setFull("datastore1", true);
  const error = await failure(file.create({ ...WISH, path: "other.iso" }));
  expect(error.message).toMatch(/No space left on device/);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("a file with another digest than was asked for leaves nothing", async () => {
  const error = await failure(file.create({ ...WISH, sha256: digest(randomBytes(3)) }));
  expect(error.message).toMatch(/is not the expected file: its SHA-256 is/);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("folders are made with those above them, kept while something is in them, and go with it when that is asked for", async () => {
  const wish = { path: "deep/er/lab 1" };
  const id = "[datastore1] deep/er/lab 1";
  const state = await folder.create(wish);
  expect(await files()).toEqual(["[datastore1] deep/", "[datastore1] deep/er/", `${id}/`]);
  expect(await folder.diff(state, wish)).toMatchObject({ changes: false });
  await writeFile(lab.raw.simulator.localFile(`${id}/theirs.txt`), "x");
  expect((await failure(folder.delete(state))).message).toContain("is not empty: theirs.txt.");
  await folder.delete(await folder.update(state, { ...wish, forceDestroy: true }));
  expect(await files()).toEqual(["[datastore1] deep/", "[datastore1] deep/er/"]);
  expect(writes()).toEqual([]);
});
