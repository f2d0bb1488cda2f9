import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import { DatastoreFileError } from "../../../simulator/datastore/datastore-file-error.ts";
import { DatastoreFullError } from "../../../simulator/datastore/datastore-full-error.ts";
import { DatastorePathError } from "../../../simulator/datastore/datastore-path-error.ts";

let dir: string;
let datastore: Datastore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "datastore-"));
  datastore = await Datastore.open(dir, { name: "datastore1", uuid: "u", capacityBytes: 1000 });
});

afterEach(() => rm(dir, { recursive: true }));

function fault(name: string) {
  return expect.objectContaining({ constructor: DatastoreFileError, fault: name });
}

describe("a datastore", () => {
  it("counts what its files take, and gives it back when they go", async () => {
    await datastore.makeDirectory("vm");
    await datastore.writeFile("vm/a.vmx", "x".repeat(300));
    await datastore.writeFile("vm/b.log", "x".repeat(200));
    expect([datastore.usedBytes(), datastore.freeBytes()]).toEqual([500, 500]);
    await datastore.writeFile("vm/a.vmx", "x".repeat(100));
    expect(datastore.usedBytes()).toBe(300);
    await datastore.move("vm", "other");
    await datastore.remove("other/b.log");
    expect(datastore.usedBytes()).toBe(100);
    await datastore.remove("other", true);
    expect(datastore.usedBytes()).toBe(0);
    expect(await readdir(dir)).toEqual([]);
  });

  it("takes names of 255 bytes and no longer ones", async () => {
    const longest = `a${"中文".repeat(42)}ü`;
    expect(Buffer.byteLength(longest)).toBe(255);
    await datastore.makeDirectory(longest);
    await datastore.writeFile(`${longest}/${longest}`, "x");
    const longer = `${longest}a`;
    await expect(datastore.makeDirectory(longer)).rejects.toEqual(fault("CannotCreateFile"));
    await expect(datastore.writeFile(longer, "x")).rejects.toEqual(fault("CannotCreateFile"));
    await expect(datastore.writeFile(`${longer}/a`, "x")).rejects.toEqual(fault("CannotCreateFile"));
    await expect(datastore.move(longest, longer)).rejects.toEqual(fault("CannotCreateFile"));
    expect(await readdir(dir)).toEqual([longest]);
  });

  it("gives a path to one of many that are moved there at the same moment", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `file-${index}`);
    for (const name of names) await datastore.writeFile(name, name);
    const moves = await Promise.allSettled(names.map((name) => datastore.move(name, "one")));
    expect(moves.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readdir(dir)).toHaveLength(20);
  });

  it("counts the same when it is opened again", async () => {
    await datastore.makeDirectory("vm");
    await datastore.writeFile("vm/a.vmx", "x".repeat(300));
    const again = await Datastore.open(dir, { name: "datastore1", capacityBytes: 1000 });
    expect(again.usedBytes()).toBe(300);
    expect(again.allocatedBytes("vm/a.vmx")).toBe(300);
  });

  it("refuses a file that does not fit, and keeps the old one", async () => {
    await datastore.writeFile("a", "x".repeat(600));
    await expect(datastore.writeFile("b", "x".repeat(500))).rejects.toThrow(DatastoreFullError);
    await expect(datastore.writeFile("a", "x".repeat(1001))).rejects.toThrow(DatastoreFullError);
    expect(await readdir(dir)).toEqual(["a"]);
    expect((await datastore.readFile("a")).length).toBe(600);
    expect(datastore.usedBytes()).toBe(600);
  });

  it("keeps its UUID and does not show where", async () => {
    const first = await Datastore.open(dir, { name: "datastore1", capacityBytes: 1000 });
    const again = await Datastore.open(dir, { name: "datastore1", capacityBytes: 1000 });
    expect(first.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(again.uuid).toBe(first.uuid);
    expect(await again.list("")).toEqual([]);
    expect(again.usedBytes()).toBe(0);
  });

  it.each(["../x", "a/../../x", "a/./b", "a\0b"])("refuses a path that leaves it: %j", (path) => {
    expect(() => datastore.localPath(path)).toThrow(DatastorePathError);
  });

  it("answers file faults as a host does", async () => {
    await datastore.makeDirectory("vm");
    await datastore.writeFile("vm/a", "");
    await expect(datastore.makeDirectory("vm", true)).rejects.toEqual(fault("FileAlreadyExists"));
    await expect(datastore.makeDirectory("x/y")).rejects.toEqual(fault("FileNotFound"));
    await expect(datastore.remove("vm")).rejects.toEqual(fault("CannotDeleteFile"));
    await expect(datastore.remove("", true)).rejects.toEqual(fault("CannotDeleteFile"));
    await expect(datastore.remove("x")).rejects.toEqual(fault("FileNotFound"));
    await expect(datastore.move("vm/a", "x/a")).rejects.toEqual(fault("FileNotFound"));
    await expect(datastore.readFile("vm")).rejects.toEqual(fault("CannotAccessFile"));
    await expect(datastore.list("vm/a")).rejects.toEqual(fault("FileNotFound"));
    await datastore.makeDirectory("x/y", true);
    await expect(datastore.move("vm/a", "x")).rejects.toEqual(fault("FileAlreadyExists"));
    await datastore.move("vm/a", "x", true);
    expect((await datastore.find("x"))?.kind).toBe("file");
  });

  it("lists a folder by name, with sizes", async () => {
    await datastore.makeDirectory("b");
    await writeFile(join(dir, "a"), "1234");
    expect((await datastore.list("")).map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ["a", "file", 4],
      ["b", "directory", 0],
    ]);
  });
});
