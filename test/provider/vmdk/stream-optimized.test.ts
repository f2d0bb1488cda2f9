import { describe, expect, it } from "vitest";
import { parseSparseHeader } from "../../../provider/vmdk/sparse-header.ts";
import {
  END_BYTES,
  hasFooter,
  isFooterWhole,
  streamOptimizedProblem,
} from "../../../provider/vmdk/stream-optimized.ts";
import { rawDisk, streamVmdk } from "../../support/stream-vmdk.ts";

/** First bytes of a disk that qemu-img 7.2 made of 4 MiB: the grain directory is in front, there is no footer. */
const qemuHeader = Buffer.concat([
  Buffer.from(
    "4b444d5603000000030003000020000000000000800000000000000001000000000000001400000000000000000200001500" +
      "0000000000001a000000000000008000000000000000000a200d0a010000",
    "hex",
  ),
  Buffer.alloc(432),
]);

describe("the header of a sparse VMDK", () => {
  it("is read from a disk that qemu-img made", () => {
    expect(parseSparseHeader(qemuHeader)).toEqual({
      version: 3,
      compressed: true,
      markers: true,
      deflate: true,
      capacityBytes: 4 * 2 ** 20,
      grainBytes: 65_536,
      directoryAtEnd: false,
      lineEndsIntact: true,
    });
    expect(streamOptimizedProblem(qemuHeader, 4 * 2 ** 20)).toBeUndefined();
    expect(hasFooter(qemuHeader)).toBe(false);
  });

  it("is not there in something shorter or else", () => {
    expect(parseSparseHeader(qemuHeader.subarray(0, 511))).toBeUndefined();
    expect(parseSparseHeader(Buffer.alloc(512))).toBeUndefined();
  });

  it("may stand anywhere in a larger buffer", () => {
    const shifted = Buffer.concat([Buffer.alloc(33), qemuHeader]).subarray(33);
    expect(parseSparseHeader(shifted)).toEqual(parseSparseHeader(qemuHeader));
  });
});

describe("the footer of a streamOptimized VMDK", () => {
  const disk = streamVmdk(rawDisk(300_032));

  it("is whole at the end of the file and nowhere else", () => {
    expect(hasFooter(disk)).toBe(true);
    expect(isFooterWhole(disk.subarray(-END_BYTES))).toBe(true);
    for (const cut of [1, 511, 512, 1024, 1536, 4096]) {
      expect(isFooterWhole(disk.subarray(-END_BYTES - cut, -cut))).toBe(false);
    }
    expect(isFooterWhole(disk.subarray(-512))).toBe(false);
    expect(isFooterWhole(Buffer.alloc(END_BYTES))).toBe(false);
  });

  it("may have zeros behind it, and nothing else", () => {
    const filled = Buffer.concat([disk, Buffer.alloc(5000)]);
    expect(isFooterWhole(filled.subarray(-END_BYTES))).toBe(true);
    filled[filled.length - 1] = 1;
    expect(isFooterWhole(filled.subarray(-END_BYTES))).toBe(false);
  });
});

describe("what is no streamOptimized VMDK", () => {
  it.each([
    ["COWD", "an old ESX sparse VMDK"],
    ["\u00be\u00ba\u00fe\u00ca\0\0\0\0", "the seSparse extent of a snapshot's VMDK"],
    ["\u00be\u00ba\u00fe\u00ca\0\0\0\u0001", "something else (a raw image?)"],
    ["QFI\u00fb", "a qcow2 image"],
  ])("is named by its first bytes: %j", (magic, name) => {
    const sector = Buffer.alloc(512);
    sector.write(magic, "latin1");
    expect(streamOptimizedProblem(sector, undefined)).toContain(`is not a streamOptimized VMDK but ${name};`);
  });
});
