import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import { DatastoreFullError } from "../../../simulator/datastore/datastore-full-error.ts";
import { readDescriptor } from "../../../simulator/disk/disk.ts";
import { DiskFormatError } from "../../../simulator/disk/disk-format-error.ts";
import { receiveStreamOptimized } from "../../../simulator/disk/receive.ts";
import { buildImage, GRAIN_BYTES, grainRecord, type ImageOptions, metadataMarker } from "./build-image.ts";

let dir: string;
let datastore: Datastore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "receive-"));
  datastore = await Datastore.open(dir, { name: "datastore1", uuid: "u", capacityBytes: 200 * 2 ** 20 });
  await datastore.makeDirectory("vm");
});

afterEach(() => rm(dir, { recursive: true }));

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function receive(source: AsyncIterable<Uint8Array>, provisioning: "thin" | "thick" = "thin") {
  const target = { datastore, descriptorPath: "vm/vm.vmdk", provisioning, adapterType: "lsilogic" };
  return receiveStreamOptimized(source, target);
}

const first = randomBytes(GRAIN_BYTES);
const later = Buffer.alloc(GRAIN_BYTES, "later");
const last = Buffer.alloc(GRAIN_BYTES, "last");
/** Three grain tables, the second without a grain, and half a grain at the end. */
const plan: ImageOptions = {
  capacitySectors: 1030 * 128 + 64,
  grains: [
    [0, first],
    [7, later],
    [8, Buffer.alloc(GRAIN_BYTES)],
    [1030, last],
  ],
};

function expected(): Buffer {
  const disk = Buffer.alloc(1030 * GRAIN_BYTES + GRAIN_BYTES / 2);
  first.copy(disk, 0);
  later.copy(disk, 7 * GRAIN_BYTES);
  last.copy(disk, 1030 * GRAIN_BYTES);
  return disk;
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(join(dir, "vm"))).toEqual([]);
  expect(datastore.usedBytes()).toBe(0);
}

describe("receiving a streamOptimized image", () => {
  it.each([
    ["after the grains", {}, 65_536],
    ["after the grains, in odd chunks", {}, 777],
    ["after the grains, where the header says", { directoryInHeader: true }, 65_536],
    ["before the grains", { directoryInFront: true }, 65_536],
    ["before the grains, in one chunk", { directoryInFront: true }, 2 ** 30],
  ])("writes its bytes, the directory %s", async (_, layout, chunkBytes) => {
    const image = buildImage({ ...plan, ...layout });
    const result = await receive(chunks(image, chunkBytes));
    expect(result).toEqual({
      capacityBytes: expected().length,
      sha1: createHash("sha1").update(image).digest("hex"),
      receivedBytes: image.length,
    });
    expect((await readFile(join(dir, "vm/vm-flat.vmdk"))).equals(expected())).toBe(true);
    const descriptor = await readDescriptor(datastore, "vm/vm.vmdk");
    expect(descriptor).toMatchObject({
      createType: "vmfs",
      thin: true,
      extents: [{ access: "RW", capacityBytes: expected().length, type: "VMFS", file: "vm-flat.vmdk" }],
    });
  });

  it("counts what is written to a thin disk, and all of a thick one", async () => {
    const image = buildImage(plan);
    await receive(chunks(image, 65_536), "thin");
    expect(datastore.allocatedBytes("vm/vm-flat.vmdk")).toBe(2.5 * GRAIN_BYTES);
    await receive(chunks(image, 65_536), "thick");
    expect(datastore.allocatedBytes("vm/vm-flat.vmdk")).toBe(expected().length);
    const again = await Datastore.open(dir, { name: "datastore1", uuid: "u", capacityBytes: 1 });
    expect(again.usedBytes()).toBe(datastore.usedBytes());
  });

  it("reads on after the end marker, so that the sender can finish", async () => {
    const image = Buffer.concat([buildImage(plan), Buffer.alloc(4096)]);
    expect((await receive(chunks(image, 1024))).receivedBytes).toBe(image.length);
  });

  const headers: [string, (sector: Buffer) => void, string][] = [
    ["another magic", (sector) => sector.write("COWD", 0), "invalid sparse VMDK header"],
    ["version 1", (sector) => sector.writeUInt32LE(1, 4), "sparse VMDK version too old"],
    ["version 4", (sector) => sector.writeUInt32LE(4, 4), "sparse VMDK version too new"],
    ["no compression", (sector) => sector.writeUInt32LE(0x20001, 8), "invalid sparse VMDK header"],
    ["no markers", (sector) => sector.writeUInt32LE(0x10001, 8), "invalid sparse VMDK header"],
    ["newlines changed on the way", (sector) => sector.write("\n \n\n", 73), "invalid sparse VMDK header"],
    ["no capacity", (sector) => sector.writeBigUInt64LE(0n, 12), "invalid sparse VMDK header"],
    ["an absurd capacity", (sector) => sector.writeBigUInt64LE(2n ** 60n, 12), "invalid sparse VMDK header"],
    [
      "grains of no power of two",
      (sector) => sector.writeBigUInt64LE(100n, 20),
      "invalid sparse VMDK header",
    ],
    ["another compression", (sector) => sector.writeUInt16LE(0, 77), "invalid sparse VMDK header"],
  ];

  it.each(headers)("refuses %s in the header", async (_, header, message) => {
    const receiving = receive(chunks(buildImage({ ...plan, header }), 65_536));
    await expect(receiving).rejects.toThrow(new DiskFormatError(message));
    await expectNothingLeft();
  });

  it.each([
    ["text", Buffer.from("# Disk DescriptorFile\n".repeat(100))],
    ["nothing", Buffer.alloc(0)],
    ["less than a sector", Buffer.from("KDMV")],
  ])("refuses %s", async (_, bytes) => {
    await expect(receive(chunks(bytes, 65_536))).rejects.toThrow(
      "Not a supported disk format (invalid sparse VMDK header)",
    );
    await expectNothingLeft();
  });

  it("refuses a disk that its descriptor calls otherwise", async () => {
    const image = buildImage({ ...plan, createType: "monolithicSparse" });
    await expect(receive(chunks(image, 65_536))).rejects.toThrow("invalid disk type 'monolithicSparse'");
    await expectNothingLeft();
  });

  it.each([true, false])(
    "refuses an image that ends early, wherever (directory in front: %s)",
    async (inFront) => {
      const image = buildImage({ ...plan, directoryInFront: inFront });
      const lengths = [
        512,
        1024,
        1536,
        65_536,
        66_000,
        131_072,
        131_584,
        image.length - 1024,
        image.length - 512,
      ];
      for (const length of lengths.filter((bytes) => bytes < image.length)) {
        await expect(receive(chunks(image.subarray(0, length), 65_536)), `${length} bytes`).rejects.toThrow(
          "ends early",
        );
        await expectNothingLeft();
      }
    },
  );

  const small = { capacitySectors: 4 * 128, grains: [] };
  const preamble = buildImage(small).subarray(0, 128 * 512);
  const end = metadataMarker(0, 0);
  it.each([
    ["a grain beyond the end", [grainRecord(4, first)], "beyond the disk's end"],
    ["grains out of order", [grainRecord(2, first), grainRecord(1, first)], "out of order"],
    ["the same grain twice", [grainRecord(2, first), grainRecord(2, first)], "out of order"],
    ["a grain between two places", [grainRecord(0.5, first)], "not aligned"],
    ["a grain that is short", [grainRecord(0, first.subarray(1))], "has 65535 bytes instead of 65536"],
    ["a grain that is long", [grainRecord(0, Buffer.alloc(2 * GRAIN_BYTES))], "cannot be inflated"],
    [
      "a grain that is no zlib stream",
      [grainRecord(0, first, Buffer.from("no zlib stream"))],
      "cannot be inflated",
    ],
    ["a grain cut short", [grainRecord(0, first, deflateSync(first).subarray(0, 999))], "cannot be inflated"],
    ["a grain that would fill the memory", [grainRecord(0, first, Buffer.alloc(200_000, 1))], "is too long"],
    ["a footer that is no header", [metadataMarker(3, 1), Buffer.alloc(512)], "invalid sparse VMDK header"],
    ["tables without end", [metadataMarker(1, 2 ** 30)], "bad marker"],
  ])("refuses %s", async (_, records, message) => {
    await expect(receive(chunks(Buffer.concat([preamble, ...records, end]), 65_536))).rejects.toThrow(
      message,
    );
    await expectNothingLeft();
  });

  it("refuses what does not fit, thin or thick, and leaves nothing", async () => {
    const tight = await Datastore.open(dir, { name: "datastore1", uuid: "u", capacityBytes: 100_000 });
    const target = { datastore: tight, descriptorPath: "vm/vm.vmdk", adapterType: "lsilogic" };
    for (const provisioning of ["thin", "thick", "eagerZeroedThick"] as const) {
      const receiving = receiveStreamOptimized(chunks(buildImage(plan), 65_536), { ...target, provisioning });
      await expect(receiving).rejects.toThrow(DatastoreFullError);
      expect(tight.usedBytes()).toBe(0);
    }
    await expectNothingLeft();
  });

  it("leaves nothing when the sender goes away", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield buildImage(plan).subarray(0, 140_000);
      throw new Error("aborted");
    }
    await expect(receive(broken())).rejects.toThrow("aborted");
    await expectNothingLeft();
  });
});
