import { expect, test } from "vitest";
import { endByTables } from "../../../provider/vmdk/last-grain.ts";

const SECTOR = 512;
const GRAIN_SECTORS = 128;
const LENGTH = 700;

/** A disk of two grains of which the second is written, with directory and table before it, as qemu-img makes one. */
function disk(change: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(10 * SECTOR + GRAIN_SECTORS * SECTOR);
  bytes.write("KDMV", 0, "latin1");
  bytes.writeBigUInt64LE(BigInt(2 * GRAIN_SECTORS), 12);
  bytes.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
  bytes.writeUInt32LE(512, 44);
  bytes.writeBigUInt64LE(1n, 56);
  bytes.writeBigUInt64LE(10n, 64);
  bytes.writeUInt32LE(2, SECTOR);
  bytes.writeUInt32LE(10, 2 * SECTOR + 4);
  bytes.writeUInt32LE(LENGTH, 10 * SECTOR + 8);
  bytes.fill(1, 10 * SECTOR + 12, 10 * SECTOR + 12 + LENGTH);
  change(bytes);
  return bytes;
}

const endOf = (bytes: Buffer) =>
  endByTables(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);

test.each([
  ["whole", "with all the room of its last grain", 10 + GRAIN_SECTORS, 0],
  ["whole", "with its last grain up to a sector's end", 12, 0],
  ["whole", "with an end-of-stream marker", 13, 0],
  ["unseen", "somewhere between these", 20, 0],
  ["unseen", "in the last grain's padding", 12, -1],
  ["missing", "in its last grain", 11, 0],
  ["missing", "in its last grain's marker", 10, 4],
])("a file is %s that ends %s", async (expected, _, sectors, more) => {
  expect(await endOf(disk().subarray(0, sectors * SECTOR + more))).toBe(expected);
});

test("a disk without any grain is whole with its tables", async () => {
  const empty = disk((bytes) => bytes.writeUInt32LE(0, 2 * SECTOR + 4));
  expect(await endOf(empty.subarray(0, 10 * SECTOR))).toBe("whole");
});

test.each([
  ["no directory", (bytes: Buffer) => void bytes.writeBigUInt64LE(0n, 56)],
  ["tables elsewhere", (bytes: Buffer) => void bytes.writeUInt32LE(5000, SECTOR)],
  ["a grain of no size", (bytes: Buffer) => void bytes.writeBigUInt64LE(0n, 20)],
  ["a table of no size", (bytes: Buffer) => void bytes.writeUInt32LE(0, 44)],
  ["tables of exabytes", (bytes: Buffer) => void bytes.writeBigUInt64LE(2n ** 60n, 64)],
  ["a capacity of exabytes", (bytes: Buffer) => void bytes.writeBigUInt64LE(2n ** 63n, 12)],
])("a header with %s tells nothing", async (_, change) => {
  expect(await endOf(disk(change))).toBe("unseen");
});
