/** What a killed upload leaves, and what strangers put there meanwhile. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../../../provider/host/datastore/datastore-files.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import {
  endClaim,
  findPlace,
  isBegun,
  nameOf,
  stagingFolder,
} from "../../../../provider/host/datastore/place-claim.ts";
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { withoutOwnMarks } from "../../../support/own-marks.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Managed } from "../../resources/managed.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
  await lab.write("it.iso", "the content that is asked for");
});

afterEach(() => lab.close());

const signal = new AbortController().signal;
const PLACE = parseDatastorePath("[datastore1] iso/it.iso");
const WISH = { path: "iso/it.iso", source: "it.iso" };
const files = async () => withoutOwnMarks((await lab.raw.contents()).files);

async function put(path: string, text: string): Promise<void> {
  const file = lab.raw.simulator.localFile(`[datastore1] ${path}`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

const read = (path: string) => readFile(lab.raw.simulator.localFile(`[datastore1] ${path}`), "utf8");

/** Kills an upload at that moment, as far as the host can tell. */
async function killed(file: Managed, method: string): Promise<void> {
  const { faults } = lab.raw.simulator;
  faults.add({
    method,
    count: 1,
    action: "disconnect",
    onWork: () => faults.add({ action: { status: 400 } }),
  });
  await failure(file.create(WISH));
  faults.clear();
  await lab.restart();
}

test("a stranger's file under the name of an upload that was killed before it began is left alone", async () => {
  const file = new Managed(lab, "DatastoreFile", datastoreFile);
  await killed(file, "folder");
  expect((await files()).filter((each) => each.includes(".pulumi-esxi-direct-"))).toHaveLength(1);
  await put("iso/it.iso", "somebody else's");
  expect((await failure(file.create(WISH))).message).toMatch(/iso\/it.iso.*adopt/s);
  expect(await read("iso/it.iso")).toBe("somebody else's");
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/it.iso"]);
});

test("a file that was put there by the resource's own killed run is known again", async () => {
  const file = new Managed(lab, "DatastoreFile", datastoreFile);
  await killed(file, "folder");
  await put("iso/it.iso", "the content that is asked for");
  lab.raw.simulator.requests.clear();
  const state = await file.create(WISH);
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/it.iso"]);
  await file.delete(state);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("a stranger's folder under the name of one that was not made yet is left alone", async () => {
  const folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
  const { faults } = lab.raw.simulator;
  faults.add({
    method: "MoveDatastoreFile_Task",
    count: 1,
    action: "disconnect",
    onWork: () => faults.add({ action: { status: 400 } }),
  });
  await failure(folder.create({ path: "iso/it" }));
  faults.clear();
  await lab.restart();
  await put("iso/it/notes.txt", "somebody else's");
  expect((await failure(folder.create({ path: "iso/it" }))).message).toMatch(/adopt/);
  expect(await files()).toEqual([
    "[datastore1] iso/",
    "[datastore1] iso/it/",
    "[datastore1] iso/it/notes.txt",
  ]);
});

test("only an empty folder of this very resource and content says that the file beside it is its own", async () => {
  const claim = { place: PLACE, urn: "urn:one", content: "a" };
  const found = () => findPlace(lab.host, claim, signal);
  expect(stagingFolder(claim).path).toMatch(/^iso\/it\.iso\.pulumi-esxi-direct-[0-9a-f]{10}-[0-9a-f]{10}$/);
  expect(await found()).toMatchObject({ entry: undefined, isOurs: false });
  expect((await found()).beside).toEqual([]);
  await makeFolder(lab.host, stagingFolder(claim), signal);
  expect(await found()).toMatchObject({ entry: undefined, isOurs: false });
  await put("iso/a.iso", "another");
  expect((await found()).entry).toBeUndefined();
  await rm(lab.raw.simulator.localFile("[datastore1] iso/a.iso"));

  await put("iso/it.iso", "text");
  expect(await found()).toMatchObject({ entry: { name: "it.iso" }, isOurs: false });

  await makeFolder(lab.host, stagingFolder(claim), signal);
  await makeFolder(lab.host, stagingFolder({ ...claim, content: "b" }), signal);
  expect((await found()).isOurs).toBe(true);
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/it.iso"]);

  await makeFolder(lab.host, stagingFolder(claim), signal);
  await endClaim(lab.host, claim, signal);
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/it.iso"]);

  // Of another content, so of an older program: it goes, and says nothing.
  await makeFolder(lab.host, stagingFolder({ ...claim, content: "b" }), signal);
  expect((await found()).isOurs).toBe(false);
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/it.iso"]);

  const strange = stagingFolder({ ...claim, urn: "urn:two" });
  await makeFolder(lab.host, strange, signal);
  expect((await found()).isOurs).toBe(false);
  expect(await files()).toContain(`[datastore1] ${strange.path}/`);

  await put(`${stagingFolder(claim).path}/upload`, "half of it");
  expect((await found()).isOurs).toBe(false);
  await put("iso/it.iso.pulumi-esxi-direct-notes", "a file, and no folder");
  await found();
  expect(await files()).toContain("[datastore1] iso/it.iso.pulumi-esxi-direct-notes");
});

test("that a run has begun with a place is told by its own staging folder alone", () => {
  const claim = { place: PLACE, urn: "urn:1", content: "content" };
  const entry = (name: string, isFolder = true) => ({ name, isFolder, size: 0, modified: "" });
  const own = nameOf(stagingFolder(claim));
  const others = nameOf(stagingFolder({ ...claim, urn: "urn:2" }));
  expect(isBegun([entry("a"), entry(own)], claim)).toBe(true);
  expect(isBegun([entry(nameOf(stagingFolder({ ...claim, content: "another" })))], claim)).toBe(true);
  for (const names of [[], [entry(own, false)], [entry(`x${own}`)], [entry("it.iso")], [entry(others)]])
    expect(isBegun(names, claim)).toBe(false);
});
