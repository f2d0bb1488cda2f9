import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../provider/ovf/byte-source.ts";
import { OvaSourceError } from "../../../provider/ovf/ova-source-error.ts";
import { tarEntries } from "../../../provider/ovf/tar-entries.ts";
import { buildTar, type TarFile } from "../../support/tar-builder.ts";

/** Bytes in memory that remember how many of them were read. */
function memory(bytes: Buffer): ByteSource & { readBytes: number } {
  return {
    label: "memory.ova",
    sizeBytes: bytes.length,
    mtimeMs: undefined,
    seekable: true,
    validator: undefined,
    readBytes: 0,
    async read(offset, lengthBytes) {
      this.readBytes += lengthBytes;
      return bytes.subarray(offset, offset + lengthBytes);
    },
    async *stream(offset, lengthBytes) {
      yield bytes.subarray(offset, offset + lengthBytes);
    },
    close: async () => undefined,
  };
}

/** The same sequence for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

function randomArchive(seed: number): TarFile[] {
  const below = random(seed);
  return Array.from({ length: below(8) }, (_, index) => {
    const name = `${"d/".repeat(below(3))}${"n".repeat(1 + below(140))}-${index}.${"ü".repeat(below(3))}bin`;
    const content = Buffer.alloc([0, 1, 511, 512, 513, below(9000)][below(6)] ?? 0, index + 1);
    return {
      name,
      content,
      pax: below(3) === 0,
      longName: below(2) === 0 ? "gnu" : "pax",
      base256: below(4) === 0,
    };
  });
}

describe("a tar archive", () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))(
    "made at random (%i) is read back",
    async (seed) => {
      const files = randomArchive(seed);
      const archive = buildTar(files, { end: seed % 2 === 0 ? "gnu" : "short" });
      const found: { name: string; content: Buffer }[] = [];
      for await (const entry of tarEntries(memory(archive))) {
        found.push({
          name: entry.name,
          content: archive.subarray(entry.offset, entry.offset + entry.sizeBytes),
        });
      }
      expect(found.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
      expect(
        found.every(({ content }, index) => content.equals(Buffer.from(files[index]?.content ?? []))),
      ).toBe(true);
    },
  );

  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
    "cut or damaged at random (%i) never passes for whole",
    async (seed) => {
      const below = random(seed + 1000);
      const files = randomArchive(seed).map((file, index) => ({ ...file, name: `f${index}` }));
      const archive = buildTar(files, { end: "none" });
      const cut = archive.subarray(0, below(archive.length + 1));
      const read = async () => {
        for await (const _ of tarEntries(memory(cut)));
      };
      await expect(read()).rejects.toThrow(OvaSourceError);
    },
  );

  it("is looked through without reading its contents", async () => {
    const files = ["a", "b", "c"].map((name) => ({ name, content: Buffer.alloc(500_000) }));
    const bytes = memory(buildTar(files));
    for await (const _ of tarEntries(bytes));
    expect(bytes.readBytes).toBe(4 * 512);
  });

  it("with an absurd size or extended header is refused at once", async () => {
    const archive = buildTar([{ name: "a", content: Buffer.alloc(10), base256: true }]);
    archive.fill(0xff, 128, 136);
    archive.write("        ", 148, "latin1");
    const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    const absurd = async () => {
      for await (const _ of tarEntries(memory(archive)));
    };
    await expect(absurd()).rejects.toThrow(OvaSourceError);
    const extended = buildTar([{ name: "x", type: "x", content: Buffer.alloc(2 * 2 ** 20) }]);
    const large = async () => {
      for await (const _ of tarEntries(memory(extended)));
    };
    await expect(large()).rejects.toThrow(/extended tar header of 2097152 bytes/);
  });
});
