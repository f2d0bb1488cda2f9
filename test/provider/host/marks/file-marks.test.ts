/** Marks of files and folders: where they lie, and what of a folder is none. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder } from "../../../../provider/host/datastore/datastore-files.ts";
import {
  hasFileMark,
  readFileMark,
  readFolderMark,
  removeFileMark,
  removeFolderMark,
  withoutMarks,
  writeFileMark,
  writeFolderMark,
} from "../../../../provider/host/marks/file-marks.ts";
import { Lab } from "../../resources/lab.ts";

const { signal } = new AbortController();
const FOLDER = { datastore: "datastore1", path: "iso" };
const FILE = { datastore: "datastore1", path: "iso/a.iso" };
/** The mark of a.iso: names stay what they were, or a newer release would not find the marks of an older one. */
const MARK_OF_A = ".pulumi-esxi-direct-33deaab63cb28c84";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await makeFolder(lab.host, FOLDER, signal);
});

afterAll(() => lab.close());

const files = async () => (await lab.raw.contents()).files;

test("the mark of a file lies beside it, and tells what was said of the file", async () => {
  expect(await readFileMark(lab.host, FILE, signal)).toBeUndefined();
  await writeFileMark(lab.host, FILE, "urn:1", { size: 3 }, signal);
  const mark = { schema: 1, urn: "urn:1", of: "[datastore1] iso/a.iso", state: { size: 3 } };
  expect(await readFileMark(lab.host, FILE, signal)).toMatchObject(mark);
  expect(await readFileMark(lab.host, { ...FILE, path: "iso/b.iso" }, signal)).toBeUndefined();
  const [name = ""] = (await files()).filter((file) => file !== "[datastore1] iso/");
  expect(name).toBe(`[datastore1] iso/${MARK_OF_A}`);
  for (let times = 0; times < 2; times++) await removeFileMark(lab.host, FILE, signal);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

test("the mark of a folder lies in it, and is written before the folder has its name", async () => {
  expect(await readFolderMark(lab.host, FOLDER, signal)).toBeUndefined();
  await writeFolderMark(lab.host, FOLDER, { ...FOLDER, path: "final" }, "urn:1", signal);
  expect(await readFolderMark(lab.host, FOLDER, signal)).toBeUndefined();
  await writeFolderMark(lab.host, FOLDER, FOLDER, "urn:1", signal);
  expect(await readFolderMark(lab.host, FOLDER, signal)).toMatchObject({ urn: "urn:1", state: {} });
  expect(await files()).toEqual(["[datastore1] iso/", "[datastore1] iso/.pulumi-esxi-direct-folder"]);
  for (let times = 0; times < 2; times++) await removeFolderMark(lab.host, FOLDER, signal);
  expect(await files()).toEqual(["[datastore1] iso/"]);
});

describe("what is in a folder", () => {
  const without = (...names: readonly string[]) =>
    withoutMarks(names.map((name) => ({ name }))).map(({ name }) => name);

  test("is what is there beside its mark, and beside marks of files that are gone", () => {
    expect(without("a.iso", ".pulumi-esxi-direct-folder", ".pulumi-esxi-direct-0123456789abcdef")).toEqual([
      "a.iso",
    ]);
  });

  test("is a mark of a file that is there, too", () => {
    expect(without("a.iso", MARK_OF_A)).toEqual(["a.iso", MARK_OF_A]);
    expect(without("b.iso", MARK_OF_A)).toEqual(["b.iso"]);
  });

  test.each([
    "x.pulumi-esxi-direct-0123456789abcdef",
    ".pulumi-esxi-direct-0123456789abcdefx",
    ".pulumi-esxi-direct-0123456789abcde",
    ".pulumi-esxi-direct-xyz3456789abcdef",
    "folder",
  ])("is what has a name almost like a mark's: %s", (name) => {
    expect(without(name)).toEqual([name]);
  });
});

test("a file has a mark if one of its own name is beside it, whatever else is there", () => {
  const beside = (...names: readonly string[]) => names.map((name) => ({ name }));
  expect(hasFileMark(beside("b.iso", MARK_OF_A, "a.iso"), FILE)).toBe(true);
  expect(hasFileMark(beside(MARK_OF_A), { ...FILE, path: "iso/b.iso" })).toBe(false);
  for (const names of [[], ["a.iso"], [`${MARK_OF_A}0`], [".pulumi-esxi-direct-folder"]])
    expect(hasFileMark(beside(...names), FILE)).toBe(false);
});
