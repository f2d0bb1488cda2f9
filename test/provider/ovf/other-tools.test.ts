/** Packages as other tools write them: odd, and whole. What cannot be taken is refused with the line, or the name, that it is about. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { validateOvaChoices } from "../../../provider/ovf/descriptor/choices.ts";
import { relaxations } from "../../../provider/ovf/descriptor/obstacles.ts";
import { openFile } from "../../../provider/ovf/package/open-file.ts";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import type { OvaSource } from "../../../provider/ovf/source/source.ts";
import { collect } from "../../support/collect.ts";
import { buildOva, diskFile, type OvaOptions } from "../../support/ova-builder.ts";
import { ovaFolder } from "../../support/ova-folder.ts";
import { buildTar, type TarFile } from "../../support/tar-builder.ts";

const folder = ovaFolder();
const { open, openArchive } = folder;

const DISK = diskFile();
const PLAIN = buildOva({ manifest: null }).descriptor;

/** An archive without a manifest whose descriptor these bytes are. */
const withDescriptor = (bytes: Buffer | string, options: OvaOptions = {}): Buffer =>
  buildOva({
    ...options,
    manifest: null,
    tamper: (entries) => void entries.set("tiny.ovf", Buffer.from(bytes as Buffer)),
  }).ova;

/** An archive with a manifest of these bytes. */
const withManifest = (write: (files: ReadonlyMap<string, Buffer>) => Buffer): Buffer =>
  buildOva({
    tamper: (entries) => {
      entries.delete("tiny.mf");
      entries.set("tiny.mf", write(entries));
    },
  }).ova;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const utf16 = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);

/** What a preview without a host refuses; nothing for an OVA that is fine. */
async function problemsOf(source: OvaSource, relax = false): Promise<string[]> {
  const { problems } = await checkOvaSource(source);
  return [...problems, ...validateOvaChoices(source.ovf, { relax })].map(({ reason }) => reason);
}

/** The bytes that a host gets of each file. */
const contents = async (source: OvaSource): Promise<Buffer[]> =>
  Promise.all(source.files.map(async (file) => collect((await openFile(source, file)).stream)));

describe("a descriptor in another encoding is what it says", () => {
  const text = PLAIN.replace("A virtual machine", "Maschine für Übungen");
  const saying = (encoding: string) => text.replace("UTF-8", encoding);
  test.each<readonly [string, Buffer]>([
    ["UTF-16 with its mark, as PowerShell saves", utf16(saying("utf-16"))],
    ["UTF-16 the other way round", utf16(saying("UTF-16")).swap16()],
    ["UTF-16 without its mark", Buffer.from(saying("UTF-16"), "utf16le")],
    ["ISO-8859-1, as old exporters write", Buffer.from(saying("ISO-8859-1"), "latin1")],
    ["windows-1252", Buffer.from(saying("windows-1252"), "latin1")],
    ["UTF-8 with its mark and CRLF", Buffer.from(`\ufeff${text.replaceAll("\n", "\r\n")}`)],
    ["UTF-8 without a declaration", Buffer.from(text.replace(/^<\?xml.*?\?>\n/, ""))],
  ])("%s", async (_, bytes) => {
    const source = await openArchive(withDescriptor(bytes));
    expect(await problemsOf(source)).toEqual([]);
    expect(source.descriptor).toContain("Maschine für Übungen");
    // The host gets UTF-8.
    expect(source.descriptor).not.toMatch(/encoding="(?!UTF-8")/i);
  });

  test.each([
    [Buffer.from(saying("UTF-8"), "latin1"), "tiny.ovf is not UTF-8 text"],
    [
      Buffer.from(saying("klingon"), "latin1"),
      "tiny.ovf is text in the encoding KLINGON, which is not known. Save it as UTF-8",
    ],
    [utf16(text).subarray(0, 1001), "tiny.ovf is not UTF-16LE text"],
  ])("and is refused where it is not", async (bytes, says) => {
    await expect(openArchive(withDescriptor(bytes))).rejects.toThrow(says);
  });

  test("beside its files, too", async () => {
    await folder.write("tiny-disk1.vmdk", DISK.content);
    const source = await open(await folder.write("tiny.ovf", utf16(saying("utf-16"))));
    expect(await contents(source)).toEqual([Buffer.from(DISK.content)]);
  });
});

describe("a name with an accent is one name, however it is composed", () => {
  const [composed, apart] = ["disque-é.vmdk", "disque-e\u0301.vmdk"];
  const files = (inDescriptor: string, stored: string, inManifest: string): TarFile[] => {
    const descriptor = Buffer.from(PLAIN.replaceAll("tiny-disk1.vmdk", inDescriptor));
    const manifest = `SHA256(tiny.ovf)= ${sha256(descriptor)}\nSHA256(${inManifest})= ${sha256(DISK.content)}\n`;
    return [
      { name: "tiny.ovf", content: descriptor },
      { name: "tiny.mf", content: Buffer.from(manifest) },
      { name: stored, content: DISK.content },
    ];
  };

  test.each([
    [composed, apart, composed],
    [composed, apart, apart],
    [apart, composed, apart],
    [apart, apart, composed],
  ])("%j in the descriptor, %j in the archive of macOS's tar, %j in the manifest", async (...names) => {
    const source = await openArchive(buildTar(files(...names)));
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(await contents(source)).toEqual([Buffer.from(DISK.content)]);
  });

  test("and beside a descriptor", async () => {
    for (const { name, content } of files(composed, apart, composed)) await folder.write(name, content ?? "");
    const source = await open(join(folder.path, "tiny.ovf"));
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(await contents(source)).toEqual([Buffer.from(DISK.content)]);
  });
});

describe("a manifest", () => {
  const lines = (files: ReadonlyMap<string, Buffer>) =>
    [...files].map(([name, bytes]) => `SHA256(${name})= ${sha256(bytes)}\r\n`).join("");

  test("in UTF-16, as PowerShell writes what it redirects, is verified", async () => {
    const source = await openArchive(withManifest((files) => utf16(lines(files))));
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    expect(source.manifest?.entries.size).toBe(2);
    const damaged = withManifest((files) =>
      utf16(lines(files).replace(/[\da-f]{64}\r\n$/, `${"0".repeat(64)}\r\n`)),
    );
    await expect(contents(await openArchive(damaged))).rejects.toThrow(/tiny-disk1\.vmdk is damaged/);
  });

  test.each([
    [
      "as sha256sum writes it",
      (name: string, digest: string) => `${digest}  ${name}\n`,
      "tiny.mf, line 1: expected a line such as",
    ],
    [
      "with MD5",
      (name: string, digest: string) => `MD5(${name})= ${digest.slice(32)}\n`,
      "the digest MD5 is not known",
    ],
    [
      "of a folder of the build",
      (name: string, digest: string) => `SHA256(output-vm/${name})= ${digest}\n`,
      'names the file "output-vm/tiny.ovf", which is not there',
    ],
  ])("%s is refused, not passed over", async (_, line, says) => {
    const ova = withManifest((files) =>
      Buffer.from([...files].map(([name, bytes]) => line(name, sha256(bytes))).join("")),
    );
    await expect(openArchive(ova)).rejects.toThrow(says);
  });
});

describe("a manifest beside a descriptor of another name", () => {
  const lay = async (...names: string[]) => {
    await folder.write("tiny-disk1.vmdk", DISK.content);
    for (const name of names) await folder.write(name, "");
    return checkOvaSource(await open(await folder.write("renamed.ovf", PLAIN)));
  };

  test("is not passed over in silence", async () => {
    expect(await lay("tiny.mf", "._renamed.mf")).toEqual({
      problems: [],
      warnings: [
        "tiny.mf beside renamed.ovf is not used, so nothing is verified. A manifest must have the name of its descriptor: renamed.mf",
      ],
    });
  });

  test("is that other descriptor's if there is one", async () => {
    expect(await lay("tiny.mf", "Tiny.OVF")).toEqual({ problems: [], warnings: [] });
  });
});

test("a name in other letters, as Windows takes for the same, is told", async () => {
  const files = [
    { name: "tiny.ovf", content: Buffer.from(PLAIN) },
    { name: "Tiny-Disk1.VMDK", content: DISK.content },
  ];
  await expect(openArchive(buildTar(files))).rejects.toThrow(
    'name the file "tiny-disk1.vmdk", which is not there; is it "Tiny-Disk1.VMDK"? Then rename one of the two',
  );
});

test("a disk that is packed and in parts, as ovftool makes of --compress and --chunkSize, is put together", async () => {
  const files = [diskFile("disk.vmdk", { compression: "gzip", chunkSizeBytes: 10_000 })];
  const source = await openArchive(buildOva({ files }).ova);
  expect(await problemsOf(source)).toEqual([]);
  expect(await contents(source)).toEqual([Buffer.from(DISK.content)]);
});

test("texts in a file of their own, as VMware Studio writes them, are left to the host", async () => {
  const descriptor = PLAIN.replace("</References>", '<File ovf:id="de" ovf:href="de.msg"/></References>')
    .replace("<Name>", '<EulaSection><Info/><License ovf:msgid="eula">Licence</License></EulaSection><Name>')
    .replace("</Envelope>", '<Strings xml:lang="de" ovf:fileRef="de"/></Envelope>');
  const files = [DISK, { href: "de.msg", content: Buffer.from("<Strings/>") }];
  const source = await openArchive(withDescriptor(descriptor, { files }));
  expect(await problemsOf(source)).toEqual([]);
  expect(source.ovf.eulas).toEqual(["Licence"]);
});

describe("a disk's description", () => {
  const described = (change: (text: string) => string) => openArchive(withDescriptor(change(PLAIN)));
  const ATTRIBUTE = /ovf:capacity="\d+"/;

  test.each([
    [
      "that builds on another disk",
      'ovf:parentRef="vmdisk0" ovf:capacity="1048576"',
      "holds only what differs from another disk (ovf:parentRef)",
    ],
    ["without a capacity", "", "has no ovf:capacity"],
    [
      "with half a unit",
      'ovf:capacity="1.5" ovf:capacityAllocationUnits="byte * 2^30"',
      "has the capacity 1.5 in units of byte * 2^30, which is no whole number of bytes",
    ],
    [
      "in a unit of nobody's",
      'ovf:capacity="1" ovf:capacityAllocationUnits="floppies"',
      "has the capacity 1 in units of floppies, which is no whole number of bytes",
    ],
  ])("%s is refused with its line, and relax does not help", async (_, attributes, says) => {
    const source = await described((text) => text.replace(ATTRIBUTE, attributes));
    for (const relax of [false, true]) {
      expect(await problemsOf(source, relax)).toEqual([
        expect.stringContaining(`disk vmdisk1 (line 10) ${says}`),
      ]);
    }
  });

  test.each([
    [
      "an empty parent, as oVirt's descendants write",
      'ovf:parentRef="" ovf:capacity="1048576"',
      "has a parent without a name (ovf:parentRef)",
    ],
    [
      "a format of KVM's",
      'ovf:format="http://www.gnome.org/~markmc/qcow-image-format.html" ovf:capacity="1048576"',
      "is of the format http://www.gnome.org/~markmc/qcow-image-format.html, which hosts do not take",
    ],
  ])("with %s is refused with its line, and relax puts it right", async (_, attributes, says) => {
    const source = await described((text) =>
      text
        .replace(/ovf:format="[^"]*"/, attributes.includes("format") ? "" : "$&")
        .replace(ATTRIBUTE, attributes),
    );
    expect(await problemsOf(source)).toEqual([
      expect.stringMatching(/^the OVF is not made for ESXi: .*With relax: true/),
    ]);
    expect((await problemsOf(source))[0]).toContain(`disk vmdisk1 ${says} (line 10)`);
    expect(await problemsOf(source, true)).toEqual([]);
    expect(relaxations(source.ovf, undefined)).toEqual([
      expect.stringContaining(`line 10: disk vmdisk1 ${says}: it `),
    ]);
  });

  test("of two disks that are made of one file", async () => {
    const second =
      '<Disk ovf:diskId="vmdisk2" ovf:fileRef="file1" ovf:capacity="1048576" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>';
    expect(
      await problemsOf(await described((text) => text.replace("</DiskSection>", `${second}</DiskSection>`))),
    ).toEqual([]);
  });
});

test.each([
  ["a VHD of XenServer", Buffer.from("conectix"), "a VHD image"],
  ["a qcow2 image of Nutanix", Buffer.from("QFI\u00fb", "latin1"), "a qcow2 image"],
  ["a VDI of VirtualBox", Buffer.from("<<< Oracle VM VirtualBox Disk Image >>>\n"), "a VirtualBox VDI image"],
])("%s is called what it is, with what makes a disk for hosts of it", async (_, start, called) => {
  const content = Buffer.concat([start, Buffer.alloc(4096)]);
  const source = await openArchive(buildOva({ files: [diskFile("disk.img", { content })] }).ova);
  expect(await problemsOf(source)).toEqual([
    expect.stringMatching(
      new RegExp(`disk\\.img is not a streamOptimized VMDK but ${called}; convert it with .qemu-img`),
    ),
  ]);
});

test("what oVirt writes is called by its name, with its line", async () => {
  const descriptor = PLAIN.replaceAll('ovf/envelope/1"', 'ovf/envelope/1/"');
  await expect(openArchive(withDescriptor(descriptor))).rejects.toThrow(
    /envelope\/1\/" and not an OVF 1\.x or 2\.x <Envelope> \(line 2\)\. oVirt and its descendants write this .* virt-v2v/,
  );
});
