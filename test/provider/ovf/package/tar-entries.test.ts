import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { tarEntries } from "../../../../provider/ovf/package/tar-entries.ts";
import type { ByteSource } from "../../../../provider/ovf/source/byte-source.ts";
import { OvaSourceError } from "../../../../provider/ovf/source/ova-source-error.ts";
import { buildTar, type TarFile } from "../../../support/tar-builder.ts";

/** Bytes in memory that remember how many of them were read. */
function memory(bytes: Buffer): ByteSource & { readBytes: number } {
  return {
    label: "memory.ova",
    sizeBytes: bytes.length,
    mtimeMs: undefined,
    seekable: true,
    validator: undefined,
    hasSeveralVersions: false,
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

async function namesIn(archive: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of tarEntries(memory(archive))) names.push(entry.name);
  return names;
}

const records = (text: string) => Buffer.from(`${text.length + 4} ${text}\n`);

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

  it("as tar-stream packs it is read back", async () => {
    const names = ["a.ovf", `${"folder/".repeat(30)}b.vmdk`, "größe.iso"];
    const archive = pack();
    for (const name of names) archive.entry({ name }, Buffer.alloc(700, name));
    archive.finalize();
    expect(await namesIn(await buffer(archive))).toEqual(names);
  });

  it("may have 10,000 files, and one read for each", async () => {
    const files = Array.from({ length: 10_000 }, (_, index) => ({
      name: `f${index}`,
      content: Buffer.alloc(1),
    }));
    const bytes = memory(buildTar(files));
    let count = 0;
    for await (const _ of tarEntries(bytes)) count++;
    expect(count).toBe(10_000);
    expect(bytes.readBytes).toBe(10_001 * 512);
    const one = { name: "one-more" };
    await expect(namesIn(buildTar([...files, one]))).rejects.toThrow(/holds more than 10000 files/);
  });

  it("may have a long name that fills its blocks, so that the last one holds its NUL alone", async () => {
    const name = `${"folder/".repeat(73)}f`;
    expect(name.length).toBe(512);
    expect(await namesIn(buildTar([{ name, content: Buffer.alloc(9) }, { name: "b" }]))).toEqual([name, "b"]);
  });

  it.each([
    [
      "ten thousand folders and one more",
      Array.from({ length: 10_001 }, (_, i) => ({ name: `d${i}/`, type: "5" })),
      /more than 10000/,
    ],
    [
      "a name of thousands of characters",
      [{ name: "n".repeat(5000), content: Buffer.alloc(1) }],
      /a name in it has 5000 characters/,
    ],
    [
      "extended headers without end",
      Array.from({ length: 200 }, () => ({ name: "x", type: "x", content: records("comment=x") })),
      /more than 100 extended headers/,
    ],
  ])("is refused with %s", async (_, files, message) => {
    await expect(namesIn(buildTar(files))).rejects.toThrow(message);
  });

  it("may have global pax records, many extended headers and a volume label", async () => {
    const extended = Array.from({ length: 40 }, () => ({
      name: "x",
      type: "x",
      content: records("comment=x"),
    }));
    const archive = buildTar([
      { name: "label", type: "V" },
      { name: "g", type: "g", content: records("comment=first") },
      { name: "a", content: Buffer.alloc(600) },
      ...extended,
      { name: "b", pax: true, content: Buffer.alloc(600) },
      { name: "g", type: "g", content: records("comment=last") },
    ]);
    expect(await namesIn(archive)).toEqual(["a", "b"]);
  });

  it("has its global pax records hold for entries further on", async () => {
    const archive = buildTar([
      { name: "g", type: "g", content: records("GNU.sparse.major=1") },
      { name: "a" },
      { name: "b", pax: true },
    ]);
    await expect(namesIn(archive)).rejects.toThrow(/b is a GNU sparse file/);
  });

  it("with folders of older archives and unknown types tells what they are", async () => {
    const archive = buildTar([
      { name: "old/" },
      { name: "z", type: "Z" },
      { name: "l", type: "2", linkName: "z" },
    ]);
    const kinds: string[] = [];
    for await (const entry of tarEntries(memory(archive))) kinds.push(`${entry.name}: ${entry.kind}`);
    expect(kinds).toEqual(["old: directory", 'z: tar type "Z"', "l: symlink"]);
  });

  const damagedExtension = buildTar([{ name: "a" }, { name: "b", pax: true }]);
  damagedExtension[512 + 20] = 1;
  const base256Extension = buildTar([{ name: "x", type: "x", base256: true, content: records("comment=x") }]);
  it.each([
    ["with a damaged extended header", damagedExtension, /no valid tar header at byte 512/],
    ["with a base-256 size of an extended header", base256Extension, /byte 0 has no valid size/],
    [
      "with a pax size that is no number",
      buildTar([{ name: "x", type: "x", content: records("size=5 bytes") }, { name: "a" }]),
      /byte 1024 has no valid size/,
    ],
    [
      "with a negative pax size",
      buildTar([{ name: "x", type: "x", content: records("size=-512") }, { name: "a" }]),
      /no valid tar header at byte 1024/,
    ],
    [
      "with 5 KiB of global pax records",
      buildTar([{ name: "g", type: "g", content: Buffer.alloc(5 * 1024) }]),
      /extended tar header of 5120 bytes/,
    ],
    [
      "that ends after an extended header",
      buildTar([{ name: "a" }, { name: "x", type: "x", content: records("comment=x") }]),
      /truncated: it ends after an extended header/,
    ],
    [
      "that ends within an extended header",
      buildTar([{ name: "x", type: "x", content: Buffer.alloc(2000) }]).subarray(0, 1500),
      /truncated: it ends within an extended header/,
    ],
  ])("%s is refused", async (_, archive, message) => {
    await expect(namesIn(archive)).rejects.toThrow(message);
  });
});
