import { createHash, randomBytes } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openFile } from "../../../provider/ovf/package/open-file.ts";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import { OvaSourceError } from "../../../provider/ovf/source/ova-source-error.ts";
import { openOvaSource } from "../../../provider/ovf/source/source.ts";
import { collect } from "../../support/collect.ts";
import { type BuiltOva, buildOva, diskFile, type OvaOptions } from "../../support/ova-builder.ts";
import { expectContents, ovaFolder } from "../../support/ova-folder.ts";
import { buildTar } from "../../support/tar-builder.ts";

const folder = ovaFolder();
const openBytes = (archive: Uint8Array, name = "tiny.ova") => folder.openArchive(archive, name);

const openBuilt = (built: BuiltOva) => openBytes(built.ova);

describe("an OVA archive", () => {
  const kinds: readonly (readonly [string, OvaOptions])[] = [
    ["in the standard's order", {}],
    ["with the descriptor last", { order: (names) => names.toReversed() }],
    ["with the manifest after the disk", { order: (names) => [names[0], names[2], names[1]].map(String) }],
    ["with a SHA-1 manifest", { manifest: "sha1" }],
    ["with a SHA-512 manifest", { manifest: "sha512" }],
    ["without manifest", { manifest: null }],
    ["with a disk compressed with gzip", { files: [diskFile("a.vmdk.gz", { compression: "gzip" })] }],
    ["with a disk in chunks", { files: [diskFile("a.vmdk", { chunkSizeBytes: 100_000 })] }],
    ["with a disk in one chunk", { files: [diskFile("a.vmdk", { chunkSizeBytes: 2 ** 30 })] }],
    [
      "with a disk compressed and in chunks",
      { files: [diskFile("a.vmdk.gz", { compression: "gzip", chunkSizeBytes: 65_536 })] },
    ],
    [
      "with several disks, an ISO and an NVRAM in any order",
      {
        files: [
          diskFile("a.vmdk", { seed: 1 }),
          { href: "cd.iso", content: Buffer.alloc(5000, "iso") },
          diskFile("sub/b.vmdk", { seed: 2 }),
          { href: "vm.nvram", content: Buffer.alloc(8684, 7) },
        ],
        order: (names) => names.toSorted(),
      },
    ],
    ["with an empty file", { files: [{ href: "empty.iso", content: Buffer.alloc(0) }] }],
  ];

  it.each(kinds)("%s yields the exact bytes of each file", async (_, options) => {
    const built = buildOva(options);
    const source = await openBuilt(built);
    await expectContents(source, built);
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(source.descriptor).toBe(built.descriptor);
    expect(source.descriptorName).toBe("tiny.ovf");
  });

  it("can be read more than once, and by several readers at the same time", async () => {
    const built = buildOva({
      files: [diskFile("a.vmdk", { compression: "gzip" }), diskFile("b.vmdk", { seed: 9 })],
    });
    const source = await openBuilt(built);
    await Promise.all([1, 2, 3].map(() => expectContents(source, built)));
  });

  const long = `${"folder/".repeat(20)}disk-with-a-long-name.vmdk`;
  it.each([
    ["GNU long names", { longName: "gnu" }],
    ["ustar prefixes", { longName: "ustar" }],
    ["pax paths", { longName: "pax" }],
    ["pax records for every entry", { pax: true }],
    ["base-256 sizes", { base256: true }],
  ] as const)("may use %s", async (_, how) => {
    const built = buildOva({ files: [diskFile(long)] });
    const entries = [...built.entries].map(([name, content]) => ({ name, content, ...how }));
    await expectContents(await openBytes(buildTar(entries)), built);
  });

  it("may have names with a leading ./, folders, a .cert and macOS metadata in it", async () => {
    const built = buildOva();
    const entries = [...built.entries].flatMap(([name, content]) => [
      { name: `./._${name}`, content: Buffer.alloc(300) },
      { name: `./${name}`, content },
    ]);
    const archive = buildTar([
      { name: "./", type: "5" },
      ...entries,
      { name: "tiny.cert", content: Buffer.from("SHA256(tiny.mf)= 00") },
    ]);
    await expectContents(await openBytes(archive), built);
  });

  it("finds a file whose href is percent-encoded", async () => {
    const built = buildOva({ files: [diskFile("my disk.vmdk")], manifest: null });
    const descriptor = Buffer.from(built.descriptor.replaceAll("my disk.vmdk", "my%20disk.vmdk"));
    const source = await openBytes(
      buildTar([
        { name: "tiny.ovf", content: descriptor },
        { name: "my disk.vmdk", content: built.entries.get("my disk.vmdk") ?? Buffer.alloc(0) },
      ]),
    );
    expect(source.files[0]?.parts[0]?.name).toBe("my disk.vmdk");
  });

  it("may end right after its end mark", async () => {
    const built = buildOva();
    const entries = [...built.entries].map(([name, content]) => ({ name, content }));
    await expectContents(await openBytes(buildTar(entries, { end: "short" })), built);
  });
});

describe("an OVA archive is refused", () => {
  const entriesOf = (built: BuiltOva) => [...built.entries].map(([name, content]) => ({ name, content }));
  const built = buildOva();
  const withExtra = (name: string, extra: object = {}) =>
    buildTar([...entriesOf(built), { name, content: Buffer.from("x"), ...extra }]);

  const archives: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["that is empty", new Uint8Array(), /is empty/],
    ["that is no tar", Buffer.alloc(4096, "no tar\u0001 at all "), /neither a tar archive/],
    ["without end mark", buildTar(entriesOf(built), { end: "none" }), /truncated: its end-of-archive mark/],
    ["cut within the disk", built.ova.subarray(0, 40_000), /truncated: tiny-disk1\.vmdk ends at byte \d+/],
    ["cut within a header", built.ova.subarray(0, 5000), /truncated|neither/],
    ["damaged between entries", damaged(built.ova), /damaged: there is no valid tar header/],
    ["with a name that climbs", withExtra("../../etc/passwd"), /"\.\."/],
    ["with a name that climbs inside", withExtra("a/../../b"), /"\.\."/],
    ["with an absolute name", withExtra("/etc/passwd"), /absolute/],
    ["with a backslash", withExtra("a\\..\\b"), /backslash/],
    ["with a drive letter", withExtra("C:evil"), /drive letter/],
    ["with a control character in a pax path", withExtra("a\u0001b", { pax: true }), /control characters/],
    ["with a climbing pax path", withExtra("x/../../y", { pax: true }), /"\.\."/],
    ["with one name twice", withExtra("tiny-disk1.vmdk"), /two files named "tiny-disk1\.vmdk"/],
    ["with one name twice, once with ./", withExtra("./tiny-disk1.vmdk"), /two files named/],
    ["with a sparse entry", withExtra("sparse", { type: "S" }), /sparse/],
    [
      "without descriptor",
      buildTar([{ name: "a.vmdk", content: Buffer.from("x") }]),
      /no OVF descriptor \(\.ovf\)\. It has "a\.vmdk"/,
    ],
    ["with two descriptors", withExtra("other.ovf"), /2 OVF descriptors \(tiny\.ovf, other\.ovf\)/],
    [
      "with the disk stored as a symbolic link",
      buildTar([
        ...entriesOf(buildOva({ manifest: null })).slice(0, 1),
        { name: "tiny-disk1.vmdk", type: "2", linkName: "/etc/passwd" },
      ]),
      /stored as symlink/,
    ],
  ];

  it.each(archives)("%s", async (_, archive, message) => {
    const error = await openBytes(archive).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaSourceError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(folder.path);
  });

  const packages: readonly (readonly [string, OvaOptions, RegExp])[] = [
    [
      "when a file of References is missing",
      { tamper: (it) => it.delete("tiny-disk1.vmdk"), manifest: null },
      /References name the file "tiny-disk1\.vmdk"/,
    ],
    [
      "when an href climbs",
      {
        files: [diskFile("../tiny.vmdk")],
        order: (it) => it.filter((name) => !name.startsWith("..")),
        manifest: null,
      },
      /"\.\."/,
    ],
    [
      "when an href climbs percent-encoded",
      { files: [diskFile("%2e%2e/tiny.vmdk")], manifest: null },
      /"\.\."/,
    ],
    ["when an href is a URL", { files: [diskFile("http://elsewhere/a.vmdk")], manifest: null }, /is a URL/],
    [
      "when the manifest names a file that is not there",
      {
        tamper: (it) =>
          it.set(
            "tiny.mf",
            Buffer.concat([
              it.get("tiny.mf") ?? Buffer.alloc(0),
              Buffer.from(`SHA1(ghost.vmdk)= ${"0".repeat(40)}\n`),
            ]),
          ),
      },
      /tiny\.mf names the file "ghost\.vmdk"/,
    ],
    [
      "when the manifest is malformed",
      { tamper: (it) => it.set("tiny.mf", Buffer.from("\nSHA256 tiny.ovf 00\n")) },
      /tiny\.mf, line 2/,
    ],
    [
      "when the descriptor's digest is wrong",
      { tamper: (it) => it.set("tiny.ovf", Buffer.from(String(it.get("tiny.ovf")).replace("64MB", "65MB"))) },
      /tiny\.ovf was changed after the manifest was made/,
    ],
    [
      "when the descriptor is not UTF-8",
      {
        manifest: null,
        tamper: (it) =>
          it.set("tiny.ovf", Buffer.concat([it.get("tiny.ovf") ?? Buffer.alloc(0), Buffer.from([0xff])])),
      },
      /not UTF-8/,
    ],
    [
      "when the descriptor defines entities",
      {
        manifest: null,
        tamper: (it) =>
          it.set(
            "tiny.ovf",
            Buffer.from(String(it.get("tiny.ovf")).replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>')),
          ),
      },
      /DOCTYPE/,
    ],
    [
      "when a chunk is missing in the middle",
      {
        files: [diskFile("a.vmdk", { chunkSizeBytes: 100_000 })],
        manifest: null,
        tamper: (it) => it.delete("a.vmdk.000000002"),
      },
      /a\.vmdk\.000000002 is missing although a\.vmdk\.\d{9} is there/,
    ],
    [
      "when the last chunk is missing",
      {
        files: [diskFile("a.vmdk", { chunkSizeBytes: 300_000 })],
        manifest: null,
        tamper: (it) => it.delete([...it.keys()].at(-1) ?? ""),
      },
      /is missing: the chunks have/,
    ],
    [
      "when a chunk has another size",
      {
        files: [diskFile("a.vmdk", { chunkSizeBytes: 100_000 })],
        manifest: null,
        tamper: (it) => it.set("a.vmdk.000000001", Buffer.alloc(99_999)),
      },
      /000000001 has 99999 bytes where ovf:chunkSize says 100000/,
    ],
    [
      "when a file is described as larger than 4 MiB of descriptor",
      { envelopeSections: `<!-- ${" ".repeat(4 * 2 ** 20)} -->` },
      /at most 4 MiB/,
    ],
  ];

  it.each(packages)("%s", async (_, options, message) => {
    const error = await openBuilt(buildOva(options)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaSourceError);
    expect(String(error)).toMatch(message);
  });

  it("when there is no such file, when it is a folder, and when it may not be an archive at all", async () => {
    await expect(openOvaSource(`${folder.path}/none.ova`)).rejects.toThrow(/there is no such file/);
    await expect(openOvaSource(folder.path)).rejects.toThrow(/is a folder/);
    await expect(openOvaSource("/dev/null")).rejects.toThrow(/not a regular file/);
  });

  it("for every length that cuts it short", async () => {
    const small = buildOva({ files: [{ href: "a.iso", content: Buffer.alloc(700, 1) }] });
    const full = buildTar(entriesOf(small), { end: "short" });
    for (let length = 1; length < full.length - 512; length += 199) {
      await expect(
        openBytes(full.subarray(0, length), `cut-${length}.ova`),
        `${length} bytes`,
      ).rejects.toThrow(OvaSourceError);
    }
  });
});

describe("a damaged file of an OVA", () => {
  const flip = (name: string) => (entries: Map<string, Buffer>) => {
    const bytes = Buffer.from(entries.get(name) ?? Buffer.alloc(0));
    bytes[bytes.length - 600] = (bytes[bytes.length - 600] ?? 0) ^ 1;
    entries.set(name, bytes);
  };

  it.each(["sha1", "sha256", "sha512"] as const)(
    "fails its stream at the end by a %s manifest",
    async (manifest) => {
      const source = await openBuilt(buildOva({ manifest, tamper: flip("tiny-disk1.vmdk") }));
      const file = source.files[0];
      if (file === undefined) throw new Error("the OVA has no file");
      const { stream, contentLength } = await openFile(source, file);
      let got = 0;
      const reading = (async () => {
        for await (const chunk of stream) got += chunk.byteLength;
      })();
      await expect(reading).rejects.toThrow(
        new RegExp(`tiny-disk1.vmdk is damaged: its ${manifest.toUpperCase()} is`),
      );
      expect(got).toBe(contentLength);
    },
  );

  it("fails in the chunk that is damaged, by name", async () => {
    const files = [diskFile("a.vmdk", { chunkSizeBytes: 100_000 })];
    const source = await openBuilt(buildOva({ files, tamper: flip("a.vmdk.000000001") }));
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    await expect(collect((await openFile(source, file)).stream)).rejects.toThrow(
      /a\.vmdk\.000000001 is damaged/,
    );
  });

  it("is found before the upload if it is compressed, since its length is counted first", async () => {
    const files = [diskFile("a.vmdk.gz", { compression: "gzip" })];
    const source = await openBuilt(buildOva({ files, tamper: flip("a.vmdk.gz") }));
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    await expect(openFile(source, file)).rejects.toThrow(OvaSourceError);
  });

  it.each([
    ["truncated gzip", (bytes: Buffer) => bytes.subarray(0, bytes.length - 20), /not the gzip file/],
    ["no gzip", () => Buffer.alloc(9000, 1), /not the gzip file/],
  ] as const)("fails if it is %s", async (_, change, message) => {
    const files = [diskFile("a.vmdk.gz", { compression: "gzip" })];
    const tamper = (entries: Map<string, Buffer>) =>
      entries.set("a.vmdk.gz", change(entries.get("a.vmdk.gz") ?? Buffer.alloc(0)));
    const source = await openBuilt(buildOva({ files, manifest: null, tamper }));
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    await expect(openFile(source, file)).rejects.toThrow(message);
  });

  it("unpacks a gzip file of several members, and ends at garbage after them", async () => {
    const content = diskFile().content;
    const members = Buffer.concat([
      gzipSync(content.subarray(0, 70_000)),
      gzipSync(content.subarray(70_000)),
    ]);
    for (const tail of [Buffer.alloc(0), Buffer.alloc(2_000_000)]) {
      const built = buildOva({
        files: [{ href: "a.vmdk.gz", content, compression: "gzip", describedBytes: null }],
        manifest: null,
        tamper: (entries) => entries.set("a.vmdk.gz", Buffer.concat([members, tail])),
      });
      const source = await openBytes(built.ova, `members-${tail.length}.ova`);
      await expectContents(source, built);
    }
  });
});

describe("a stream", () => {
  it.each(["gzip", undefined] as const)(
    "of many chunks is exact for a consumer that holds some back: %s",
    async (compression) => {
      // Incompressible, and no two megabytes alike, so that memory used again too early would show.
      const content = randomBytes(24 * 2 ** 20);
      const files = [{ href: "big.iso", content, ...(compression === undefined ? {} : { compression }) }];
      const source = await openBuilt(buildOva({ files }));
      const file = source.files[0];
      if (file === undefined) throw new Error("the OVA has no file");
      const hash = createHash("sha256");
      const slow = new Writable({
        highWaterMark: 2 * 2 ** 20,
        write(chunk, _, done) {
          setImmediate(() => {
            hash.update(chunk);
            done();
          });
        },
      });
      await pipeline(Readable.from((await openFile(source, file)).stream), slow);
      expect(hash.digest("hex")).toBe(createHash("sha256").update(content).digest("hex"));
    },
  );

  it("stops when it is aborted", async () => {
    const source = await openBuilt(
      buildOva({ files: [{ href: "big.iso", content: Buffer.alloc(12 * 2 ** 20, 5) }] }),
    );
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const abort = new AbortController();
    const { stream } = await openFile(source, file, abort.signal);
    const reading = (async () => {
      for await (const _ of stream) abort.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
  });

  it("fails if the archive is changed while it is read", async () => {
    const built = buildOva({
      files: [{ href: "big.iso", content: Buffer.alloc(4 * 2 ** 20, 5) }],
      manifest: null,
    });
    const source = await openBuilt(built);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const { stream } = await openFile(source, file);
    await folder.write("tiny.ova", Buffer.concat([built.ova, Buffer.alloc(1024)]));
    await expect(collect(stream)).rejects.toThrow(/was changed by somebody/);
  });

  it("hands on no byte of another archive that is written into the same file", async () => {
    const built = (fill: number) =>
      buildOva({ files: [{ href: "big.iso", content: Buffer.alloc(8 * 2 ** 20, fill) }], manifest: null });
    const source = await openBuilt(built(5));
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const { stream } = await openFile(source, file);
    const handedOn = new Set<number | undefined>();
    const reading = (async () => {
      for await (const chunk of stream) {
        if (handedOn.size === 0) await folder.write("tiny.ova", built(6).ova);
        handedOn.add(chunk[0]).add(chunk.at(-1));
      }
    })();
    await expect(reading).rejects.toThrow(/was changed by somebody/);
    expect([...handedOn]).toEqual([5]);
  });
});

function damaged(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy.fill(0x41, 1, 500 + Math.ceil(copy.indexOf("</Envelope>") / 512) * 512);
  const second = Math.ceil((archive.indexOf("</Envelope>") + 12) / 512) * 512;
  archive.copy(copy, 0, 0, second);
  copy.fill(0x41, second, second + 512);
  return copy;
}
