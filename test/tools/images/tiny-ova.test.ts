import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTinyDisk } from "../../../tools/images/tiny-disk.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";
import { tinyOva } from "../../support/tiny-ova.ts";

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tiny-ova-test-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function unpack(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of createReadStream(tinyOva.path).pipe(extract())) {
    names.push(entry.header.name);
    writeFileSync(join(folder, entry.header.name), await buffer(entry));
  }
  return names;
}

test("the committed digest is that of the disk that the script makes", () => {
  const disk = makeTinyDisk();
  expect({ sha256: sha256(disk), size: disk.length }).toEqual({
    sha256: tinyOva.rawSha256,
    size: tinyOva.rawSize,
  });
});

test("the committed OVA holds descriptor, manifest and disk in this order, and the manifest is right", async () => {
  expect(await unpack()).toEqual(["tinyVM.ovf", "tinyVM.mf", "tinyVM-disk1.vmdk"]);
  const manifest = readFileSync(join(folder, "tinyVM.mf"), "utf8");
  const digest = (name: string) => `SHA256(${name})= ${sha256(readFileSync(join(folder, name)))}\n`;
  expect(manifest).toBe(digest("tinyVM.ovf") + digest("tinyVM-disk1.vmdk"));
});

test("qemu-img reads the disk of the committed OVA as the raw disk", async (context) => {
  const qemuImg = await need(context, "TEST_QEMU_IMG");
  await unpack();
  const raw = join(folder, "disk.raw");
  const args = ["convert", "-f", "vmdk", "-O", "raw", join(folder, "tinyVM-disk1.vmdk"), raw];
  expect(await runCommand(qemuImg, args)).toMatchObject({ code: 0 });
  expect(sha256(readFileSync(raw))).toBe(tinyOva.rawSha256);
});
