import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import type { DatastoreFile, Volumes } from "../../../simulator/datastore/file.ts";
import { copyDisk } from "../../../simulator/disk/copy.ts";
import { changeContentId, createDelta, MAX_CHAIN, mergeDelta } from "../../../simulator/disk/delta.ts";
import { createEmptyDisk, deleteDisk, extendDisk, readDescriptor } from "../../../simulator/disk/disk.ts";
import { moveDisk } from "../../../simulator/disk/move.ts";
import { OpenDisk } from "../../../simulator/disk/open-disk.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";

const MIB = 2 ** 20;
const CAPACITY = 40 * MIB + 512;
const MODIFIED = /content ID of the parent virtual disk does not match/;

let dir: string;
let datastore: Datastore;
let volumes: Volumes;
/** What each disk should read as. */
let expected: Map<string, Buffer>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chain-"));
  datastore = await Datastore.open(dir, { name: "datastore1", uuid: "5f1e9c2a", capacityBytes: 1000 * MIB });
  volumes = new Map([["datastore1", datastore]]);
  expected = new Map();
  await createEmptyDisk(
    { datastore, descriptorPath: "base.vmdk", provisioning: "thin", adapterType: "lsilogic" },
    CAPACITY,
  );
  expected.set("base.vmdk", Buffer.alloc(CAPACITY));
  await write("base.vmdk", 0, randomBytes(3 * MIB));
  await write("base.vmdk", 39 * MIB, randomBytes(MIB + 512));
});

afterEach(() => rm(dir, { recursive: true }));

const file = (path: string): DatastoreFile => ({ datastore, path });

async function write(path: string, offset: number, data: Buffer): Promise<void> {
  const disk = await OpenDisk.open(volumes, file(path), "r+");
  await disk.write(offset, data);
  await disk.close();
  data.copy(expected.get(path) ?? Buffer.alloc(0), offset);
}

async function child(path: string, parent: string): Promise<void> {
  await createDelta(volumes, file(path), file(parent));
  expected.set(path, Buffer.from(expected.get(parent) ?? ""));
}

async function read(path: string): Promise<Buffer> {
  const disk = await OpenDisk.open(volumes, file(path));
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of disk.chunks()) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } finally {
    await disk.close();
  }
}

const digest = (bytes: Uint8Array | undefined): string =>
  createHash("sha256")
    .update(bytes ?? "")
    .digest("hex");

async function expectContent(...paths: string[]): Promise<void> {
  for (const path of paths) expect(digest(await read(path))).toBe(digest(expected.get(path)));
}

describe("a chain of delta disks", () => {
  it("reads as the parent where nothing was changed, and leaves the parent alone", async () => {
    await child("a.vmdk", "base.vmdk");
    expect(datastore.allocatedBytes("a-sesparse.vmdk")).toBeLessThan(MIB);
    await child("b.vmdk", "a.vmdk");
    await write("b.vmdk", MIB - 100, randomBytes(5000));
    await write("b.vmdk", 20 * MIB, randomBytes(2 * MIB));
    await write("b.vmdk", CAPACITY - 700, randomBytes(700));
    await write("b.vmdk", MIB - 50, randomBytes(10));
    await expectContent("base.vmdk", "a.vmdk", "b.vmdk");
    expect(datastore.allocatedBytes("b-sesparse.vmdk")).toBeGreaterThan(2 * MIB);
  });

  it("keeps what is written in any order, over any grains", async () => {
    await child("a.vmdk", "base.vmdk");
    let place = 1;
    for (let round = 0; round < 30; round++) {
      place = (place * 48271) % 0x7fffffff;
      const offset = place % (CAPACITY - 9000);
      await write("a.vmdk", offset, randomBytes(1 + (place % 9000)));
    }
    await expectContent("base.vmdk", "a.vmdk");
  });

  it("is read by qemu-img as by the simulator", async (context) => {
    const qemuImg = await need(context, "TEST_QEMU_IMG");
    await child("a.vmdk", "base.vmdk");
    await write("a.vmdk", 17 * MIB - 1000, randomBytes(MIB));
    await changeContentId(file("a.vmdk"));
    await child("b.vmdk", "a.vmdk");
    await write("b.vmdk", 100, randomBytes(70_000));
    const raw = join(dir, "raw");
    const converted = await runCommand(qemuImg, [
      "convert",
      "-f",
      "vmdk",
      "-O",
      "raw",
      join(dir, "b.vmdk"),
      raw,
    ]);
    expect(converted).toMatchObject({ code: 0 });
    expect(digest(await readFile(raw))).toBe(digest(expected.get("b.vmdk")));
  });

  it("is copied into one flat disk", async () => {
    await child("a.vmdk", "base.vmdk");
    await write("a.vmdk", 5 * MIB, randomBytes(MIB));
    const progress: number[] = [];
    await copyDisk(
      volumes,
      file("a.vmdk"),
      { datastore, descriptorPath: "copy.vmdk", provisioning: "thin", adapterType: "lsilogic" },
      (percent) => void progress.push(percent),
    );
    expected.set("copy.vmdk", expected.get("a.vmdk") ?? Buffer.alloc(0));
    await expectContent("copy.vmdk");
    expect((await readDescriptor(datastore, "copy.vmdk")).parentFile).toBeUndefined();
    expect(datastore.allocatedBytes("copy-flat.vmdk")).toBeLessThan(7 * MIB);
    expect(progress.at(-1)).toBe(100);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it("is merged into its parent, whose other children are broken then", async () => {
    await child("a.vmdk", "base.vmdk");
    await child("other.vmdk", "base.vmdk");
    await write("a.vmdk", 5 * MIB, randomBytes(MIB));
    const merged = expected.get("a.vmdk") ?? Buffer.alloc(0);
    expect(await mergeDelta(volumes, file("a.vmdk"))).toEqual(file("base.vmdk"));
    expected.set("base.vmdk", merged);
    await expectContent("base.vmdk");
    expect(await readdir(dir)).not.toContain("a.vmdk");
    await expect(read("other.vmdk")).rejects.toThrow(MODIFIED);
  });
});

describe("a parent", () => {
  it("that is used breaks its children", async () => {
    await child("a.vmdk", "base.vmdk");
    await changeContentId(file("base.vmdk"));
    await expect(read("a.vmdk")).rejects.toThrow(MODIFIED);
    await expect(createDelta(volumes, file("b.vmdk"), file("a.vmdk"))).rejects.toThrow(MODIFIED);
  });

  it("that grows breaks its children", async () => {
    await child("a.vmdk", "base.vmdk");
    await extendDisk(datastore, "base.vmdk", 50 * MIB);
    await expect(read("a.vmdk")).rejects.toThrow(MODIFIED);
  });

  it("that is gone or renamed is missed by its children", async () => {
    await child("a.vmdk", "base.vmdk");
    await child("b.vmdk", "base.vmdk");
    await moveDisk(volumes, file("base.vmdk"), file("moved.vmdk"));
    expected.set("moved.vmdk", expected.get("base.vmdk") ?? Buffer.alloc(0));
    await expectContent("moved.vmdk");
    await expect(read("a.vmdk")).rejects.toThrow("cannot find the file");
    await deleteDisk(datastore, "moved.vmdk");
    await expect(read("b.vmdk")).rejects.toThrow("cannot find the file");
  });

  it("is found by a child that moves to another folder", async () => {
    await child("a.vmdk", "base.vmdk");
    await datastore.makeDirectory("vm");
    await moveDisk(volumes, file("a.vmdk"), file("vm/renamed.vmdk"));
    expected.set("vm/renamed.vmdk", expected.get("a.vmdk") ?? Buffer.alloc(0));
    await expectContent("vm/renamed.vmdk");
    expect(await readdir(join(dir, "vm"))).toEqual(["renamed-sesparse.vmdk", "renamed.vmdk"]);
  });
});

it("a delta disk does not grow, and a chain is not longer than a host allows", async () => {
  await child("0.vmdk", "base.vmdk");
  await expect(extendDisk(datastore, "0.vmdk", 50 * MIB)).rejects.toThrow("cannot be extended");
  for (let level = 1; level < MAX_CHAIN - 1; level++) await child(`${level}.vmdk`, `${level - 1}.vmdk`);
  await expect(child("last.vmdk", `${MAX_CHAIN - 2}.vmdk`)).rejects.toThrow("too many levels");
  await expectContent(`${MAX_CHAIN - 2}.vmdk`);
});
