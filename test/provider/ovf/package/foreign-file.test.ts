/** What people give for an OVA by mistake is called what it is. */
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OvaSourceError } from "../../../../provider/ovf/source/ova-source-error.ts";
import { openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { buildOva } from "../../../support/ova-builder.ts";
import { rawDisk, streamVmdk } from "../../../support/stream-vmdk.ts";
import { buildTar } from "../../../support/tar-builder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

const MEBIBYTE = 1024 * 1024;
const built = buildOva();

/** Bytes with others in one place. */
function withBytes(size: number, at: number, bytes: string): Buffer {
  const whole = Buffer.alloc(size);
  whole.write(bytes, at, "latin1");
  return whole;
}

const given: readonly (readonly [what: string, bytes: Uint8Array, says: RegExp])[] = [
  ["nothing", new Uint8Array(), /is empty/],
  [
    "a page of a download portal",
    Buffer.from("\n<!DOCTYPE html><html><title>Sign in"),
    /an HTML page: a download portal/,
  ],
  ["a page without DOCTYPE", Buffer.from("<!-- x --><html lang='en'>404 Not Found</html>"), /an HTML page/],
  [
    "a pointer of Git LFS",
    Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
    /git lfs pull/,
  ],
  ["a zip archive", withBytes(4096, 0, "PK\u0003\u0004"), /a zip archive: unpack it/],
  ["an OVA that is gzipped", gzipSync(built.ova), /compressed with gzip: run gunzip/],
  ["what bzip2 made", withBytes(4096, 0, "BZh91AY&SY"), /compressed with bzip2/],
  ["what xz made", withBytes(4096, 0, "\u00fd7zXZ\0"), /compressed with xz/],
  ["what zstd made", withBytes(4096, 0, "(\u00b5/\u00fd"), /compressed with zstd/],
  ["a 7z archive", withBytes(4096, 0, "7z\u00bc\u00af'\u001c"), /a 7z archive/],
  ["a rar archive", withBytes(4096, 0, "Rar!\u001a\u0007"), /a rar archive/],
  ["a disk of QEMU", withBytes(MEBIBYTE, 0, "QFI\u00fb"), /a disk of QEMU \(qcow2\)/],
  ["a VMDK alone", streamVmdk(rawDisk(MEBIBYTE)), /a VMDK, the disk of a machine, without its OVF/],
  ["a VMDK's descriptor", Buffer.from("# Disk DescriptorFile\nversion=1\n"), /a VMDK/],
  ["a disk of Hyper-V", withBytes(MEBIBYTE, 0, "vhdxfile"), /a disk of Hyper-V/],
  ["a disk of VirtualBox", withBytes(MEBIBYTE, 0, "<<< Oracle VM VirtualBox Disk Image >>>"), /\(VDI\)/],
  ["a CD", withBytes(MEBIBYTE, 32_769, "CD001"), /the image of a CD \(ISO\).*cdroms/],
  ["a program", withBytes(4096, 0, "MZ\u0090\0"), /a program/],
  ["a document", Buffer.from("%PDF-1.7\n%\u00e2\u00e3"), /a PDF document/],
  ["a text", Buffer.from("Not Found: tinyVM.ova\n"), /is a text file, no OVA/],
  ["an answer of a server", Buffer.from('{ "error": "login required" }'), /is a text file, no OVA/],
  ["other bytes", withBytes(4096, 0, "\u0001\u0002\u0003"), /neither a tar archive \(\.ova\) nor an OVF/],
  [
    "a tar archive of other things",
    buildTar([{ name: "notes.txt", content: Buffer.from("x") }]),
    /no OVF descriptor \(\.ovf\)\. It has "notes\.txt"; an OVA has the \.ovf/,
  ],
  ["half an OVA", built.ova.subarray(0, 40_000), /truncated/],
  ["an OVF without its disks", Buffer.from(built.descriptor), /"tiny-disk1\.vmdk", which is not there/],
  ["XML that is no OVF", Buffer.from('<?xml version="1.0"?><domain/>'), /root element is <domain>/],
];

test.for(given)("%s is no OVA, and is called what it is", async ([, bytes, says]) => {
  const error = await openOvaSource(await folder.write("given.ova", bytes)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(OvaSourceError);
  expect(String(error)).toMatch(says);
  expect(String(error)).toContain("given.ova");
});

test("an OVA and an OVF are none of these", async () => {
  for (const [name, bytes] of [["tiny.ova", built.ova], ...built.entries] as const)
    await folder.write(name, bytes);
  for (const name of ["tiny.ova", "tiny.ovf"]) {
    const source = await openOvaSource(`${folder.path}/${name}`);
    await source.close();
  }
});

test("a file that is not there is missed by what is called nearly so, and by what ~ means", async () => {
  await folder.write("images/tinyVM.ova", built.ova);
  const errorOf = (path: string) =>
    openOvaSource(`${folder.path}/${path}`).catch((caught: unknown) => String(caught));
  expect(await errorOf("images/tinyvm.ova")).toMatch(
    /images\/tinyvm\.ova: there is no such file; did you mean tinyVM\.ova\?$/,
  );
  expect(await errorOf("images/other.iso")).toMatch(/images\/other\.iso: there is no such file$/);
  expect(await errorOf("~/tinyVM.ova")).toMatch(/no such file\. The ~ means a home folder in a shell only/);
  expect(await errorOf("isos/tinyVM.ova")).toMatch(/no such file, and no folder .*\/isos either$/);
});
