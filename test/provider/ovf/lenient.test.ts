import { createHash } from "node:crypto";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import { type BuiltOva, buildOva, diskFile, type OvaOptions } from "../../support/ova-builder.ts";
import { contentOf, ovaFolder } from "../../support/ova-folder.ts";
import { buildTar, type TarFile } from "../../support/tar-builder.ts";

const folder = ovaFolder();
const { open, openArchive } = folder;

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("hex");

/** An OVA with a manifest written by that function. */
function withManifest(
  write: (files: ReadonlyMap<string, Buffer>) => string,
  options: OvaOptions = {},
): BuiltOva {
  return buildOva({
    ...options,
    tamper: (entries) => {
      entries.delete("tiny.mf");
      const text = write(entries);
      entries.set("tiny.mf", Buffer.from(text));
      options.tamper?.(entries);
    },
  });
}

const flipped = (bytes: Buffer) =>
  Buffer.from(bytes.map((byte, index) => (index === 70_000 ? byte ^ 1 : byte)));

describe("a manifest is verified", () => {
  const SPELLINGS: readonly (readonly [string, (name: string, bytes: Buffer) => string])[] = [
    ["as OpenSSL 3 calls SHA-256", (name, bytes) => `SHA2-256(${name})= ${digest("sha256", bytes)}\n`],
    ["as OpenSSL 3 calls SHA-512", (name, bytes) => `SHA2-512(${name})= ${digest("sha512", bytes)}\n`],
    ["with a dash", (name, bytes) => `sha-256(${name})= ${digest("sha256", bytes)}\n`],
    [
      "with spaces everywhere and CRLF",
      (name, bytes) => ` SHA256 ( ${name} ) =  ${digest("sha256", bytes)} \r\n`,
    ],
    ["without a space", (name, bytes) => `SHA1(${name})=${digest("sha1", bytes)}\n`],
    ["with names from the folder on", (name, bytes) => `SHA256(./././${name})= ${digest("sha256", bytes)}\n`],
    ["with capital digits", (name, bytes) => `SHA256(${name})= ${digest("sha256", bytes).toUpperCase()}\n`],
    [
      "of which the strongest digest counts, whatever the order",
      (name, bytes) =>
        `SHA1(${name})= ${digest("sha1", Buffer.from("wrong"))}\nSHA256(${name})= ${digest("sha256", bytes)}\nSHA1(${name})= ${digest("sha1", Buffer.from("wrong"))}\n`,
    ],
  ];

  it.each(SPELLINGS)("%s", async (_, line) => {
    const write = (files: ReadonlyMap<string, Buffer>) =>
      [...files].map(([name, bytes]) => line(name, bytes)).join("");
    const source = await openArchive(withManifest(write).ova);
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect((await contentOf(source)).length).toBeGreaterThan(0);
    await source.close();

    const damaged = withManifest(write, {
      tamper: (entries) =>
        entries.set("tiny-disk1.vmdk", flipped(entries.get("tiny-disk1.vmdk") ?? Buffer.alloc(0))),
    });
    await expect(contentOf(await openArchive(damaged.ova))).rejects.toThrow(/tiny-disk1\.vmdk is damaged/);
  });

  it.each([
    ["of an unknown kind", "SHA3-256(tiny.ovf)= 00\n", /SHA3-256 is not known/],
    ["of another kind called SHA2", "SHA2-1(tiny.ovf)= 00\n", /SHA2-1 is not known/],
    [
      "that contradicts itself",
      `SHA1(a)= ${"0".repeat(40)}\nSHA1(a)= ${"1".repeat(40)}\n`,
      /another SHA1 in an earlier line/,
    ],
    [
      "that names a hundred files that nobody knows",
      Array.from({ length: 101 }, (_, i) => `SHA1(x${i})= ${"0".repeat(40)}\n`).join(""),
      /x0.*not there/,
    ],
  ])("and refused: one %s", async (_, text, message) => {
    await expect(openArchive(withManifest(() => text).ova)).rejects.toThrow(message);
  });
});

describe("a manifest beside an OVF counts whatever the case of its name", () => {
  it.each([
    ["tiny.OVF", "tiny.MF"],
    ["TINY.OVF", "TINY.mf"],
    ["tiny.ovf", "Tiny.Mf"],
  ])("%s and %s", async (descriptorName, manifestName) => {
    const built = buildOva();
    const disk = built.entries.get("tiny-disk1.vmdk") ?? Buffer.alloc(0);
    await folder.write("tiny-disk1.vmdk", flipped(disk));
    await folder.write(manifestName, `SHA256(tiny-disk1.vmdk)= ${digest("sha256", disk)}\n`);
    const source = await open(await folder.write(descriptorName, built.descriptor));
    expect(source.manifest?.name).toBe(manifestName);
    await expect(contentOf(source)).rejects.toThrow(/tiny-disk1\.vmdk is damaged/);
  });

  it("CAPS.OVF and CAPS.MF in an archive", async () => {
    const built = buildOva();
    const disk = built.entries.get("tiny-disk1.vmdk") ?? Buffer.alloc(0);
    const source = await openArchive(
      buildTar([
        { name: "CAPS.OVF", content: Buffer.from(built.descriptor) },
        { name: "caps.MF", content: Buffer.from(`SHA256(tiny-disk1.vmdk)= ${digest("sha256", disk)}\n`) },
        { name: "other.mf", content: Buffer.from("nothing") },
        { name: "tiny-disk1.vmdk", content: flipped(disk) },
      ]),
    );
    await expect(contentOf(source)).rejects.toThrow(/tiny-disk1\.vmdk is damaged/);
  });
});

describe("an archive that was packed as a folder", () => {
  const built = buildOva({ files: [diskFile("a.vmdk"), diskFile("disks/b.vmdk", { seed: 2 })] });
  const packed = (prefix: string, more: readonly TarFile[] = []): Buffer =>
    buildTar([
      { name: prefix, type: "5" },
      ...[...built.entries].map(([name, content]) => ({ name: `${prefix}${name}`, content })),
      ...more,
    ]);

  it.each(["vm1/", "./vm1/", "./", "a/b/c/"])("%s has its names from there on", async (prefix) => {
    const source = await openArchive(packed(prefix));
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(source.manifest).toBeDefined();
    for (const [index, { content }] of built.files.entries()) {
      expect((await contentOf(source, index)).equals(content)).toBe(true);
    }
  });

  it("may name its files from the archive's root on", async () => {
    const source = await openArchive(
      buildTar([
        ...[...built.entries].map(([name, content]) => ({
          name: `vm1/${name}`,
          content: name.endsWith(".mf") ? Buffer.from(String(content).replaceAll("(", "(vm1/")) : content,
        })),
      ]),
    );
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
  });

  it("finds files beside the folder too, and a changed one by its digest", async () => {
    const entries = [...built.entries].map(([name, content]) => ({
      name: name === "a.vmdk" ? name : `vm1/${name}`,
      content: name === "a.vmdk" ? flipped(content) : content,
    }));
    const source = await openArchive(buildTar(entries));
    await expect(contentOf(source)).rejects.toThrow(/a\.vmdk is damaged/);
  });

  it("may have what macOS adds", async () => {
    const extra = ["._vm1", "vm1/._tiny.ovf", "vm1/._tiny.mf", "vm1/.DS_Store"];
    const source = await openArchive(
      packed(
        "vm1/",
        extra.map((name) => ({ name, content: Buffer.from("Mac OS X") })),
      ),
    );
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
  });
});

describe("an ovf:size that is too large", () => {
  const files = [
    diskFile("a.vmdk", { describedBytes: 500_000_000 }),
    { href: "vm.nvram", content: Buffer.alloc(8684, 1), describedBytes: 500_000_000 },
  ];

  async function lay(): Promise<string> {
    const { entries } = buildOva({ files, manifest: null });
    for (const [name, content] of entries) await folder.write(name, content);
    return join(folder.path, "tiny.ovf");
  }

  it("is worth a warning where the disk ends whole, without a manifest and beside an OVF too", async () => {
    const { problems, warnings } = await checkOvaSource(await open(await lay()));
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/a\.vmdk has \d+ bytes, \d+ less than/),
      expect.stringMatching(/vm\.nvram has 8684 bytes/),
    ]);
  });

  it.each([1, 512, 4096, 100_000])(
    "and does not hide that the last %i bytes of a disk are missing",
    async (missing) => {
      const path = await lay();
      const { content } = files[0] ?? { content: Buffer.alloc(0) };
      await truncate(join(folder.path, "a.vmdk"), content.length - missing);
      const { problems } = await checkOvaSource(await open(path));
      expect(problems).toEqual([
        {
          path: "ovaPath",
          fileRef: "file1",
          reason: expect.stringMatching(/a\.vmdk ends before its content does: it is truncated/),
        },
      ]);
    },
  );
});

it("a compressed disk that unpacks into more than its capacity can need is refused before anything is sent", async () => {
  const content = Buffer.concat([diskFile().content, Buffer.alloc(80 * 2 ** 20)]);
  const source = await openArchive(
    buildOva({ files: [diskFile("a.vmdk", { content, compression: "gzip" })] }).ova,
  );
  await expect(contentOf(source)).rejects.toThrow(/a\.vmdk is refused: it unpacks into more than \d+ bytes/);
});
