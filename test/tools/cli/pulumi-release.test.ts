import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DownloadError, fetchRelease } from "../../../tools/cli/pulumi-release.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { type FileServer, serveFiles } from "../../support/file-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

const VERSION = "3.259.0";
const ARCHIVE = `pulumi-v${VERSION}-${process.platform}-${process.arch}.tar.gz`;
const SUMS = `pulumi-${VERSION}-checksums.txt`;
const sumOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: TemporaryFolder;
let publisher: FileServer;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await publisher.close();
  await folder.remove();
});

/** An archive as the publisher packs them, with this script as the program. */
async function archive(script: string): Promise<Buffer> {
  const from = join(folder.path, "from");
  mkdirSync(join(from, "pulumi"), { recursive: true });
  writeFileSync(join(from, "pulumi/pulumi"), script, { mode: 0o755 });
  const packed = join(folder.path, "packed.tar.gz");
  expect(await runCommand("tar", ["-czf", packed, "-C", from, "pulumi"])).toMatchObject({ code: 0 });
  return readFileSync(packed);
}

/** Offers these files and fetches the release; the folder that it goes into. */
async function fetched(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  publisher = await serveFiles(new Map(Object.entries(files).map(([name, bytes]) => [`/${name}`, bytes])));
  const into = join(folder.path, "into");
  mkdirSync(into);
  await fetchRelease(VERSION, into, publisher.url);
  return into;
}

const list = (...lines: readonly string[]) => Buffer.from(`${lines.join("\n")}\n`);

test("the publisher's archive is unpacked when its digest is what the publisher's list says", async () => {
  const bytes = await archive("#!/bin/sh\necho v3.259.0\n");
  const others = [`${"0".repeat(64)}  another.tar.gz`, `${"1".repeat(64)}  x${ARCHIVE}`];
  const into = await fetched({ [ARCHIVE]: bytes, [SUMS]: list(...others, `${sumOf(bytes)}  ${ARCHIVE}`) });
  expect((await runCommand(join(into, "pulumi/pulumi"), [])).stdout).toBe("v3.259.0\n");
  expect(readdirSync(into)).toEqual(["pulumi"]);
});

test("an archive that is not what the list says is neither unpacked nor run", async () => {
  const proof = join(folder.path, "proof");
  const bytes = await archive(`#!/bin/sh\ntouch ${proof}\n`);
  const fetching = fetched({ [ARCHIVE]: bytes, [SUMS]: list(`${"0".repeat(64)}  ${ARCHIVE}`) });
  await expect(fetching).rejects.toThrow(DownloadError);
  await expect(fetching).rejects.toThrow(
    `${ARCHIVE} has the SHA-256 ${sumOf(bytes)}, and its publisher says ${"0".repeat(64)}`,
  );
  expect(existsSync(join(folder.path, "into/pulumi"))).toBe(false);
  expect(existsSync(proof)).toBe(false);
});

test.each<[string, (bytes: Buffer) => Readonly<Record<string, Uint8Array>>, string]>([
  ["no list", (bytes) => ({ [ARCHIVE]: bytes }), `${SUMS}: HTTP 404`],
  [
    "a list without it",
    (bytes) => ({ [ARCHIVE]: bytes, [SUMS]: list("<html>") }),
    `has no SHA-256 of ${ARCHIVE}`,
  ],
  ["no archive", (bytes) => ({ [SUMS]: list(`${sumOf(bytes)}  ${ARCHIVE}`) }), `${ARCHIVE}: HTTP 404`],
  [
    "a list without an end",
    (bytes) => ({ [ARCHIVE]: bytes, [SUMS]: Buffer.alloc(100_000, "a") }),
    "it is longer than 65536 bytes",
  ],
])("with %s nothing is unpacked", async (_what, files, reason) => {
  const fetching = fetched(files(await archive("#!/bin/sh\n")));
  await expect(fetching).rejects.toThrow(DownloadError);
  await expect(fetching).rejects.toThrow(reason);
  expect(existsSync(join(folder.path, "into/pulumi"))).toBe(false);
});

test("something else under the archive's name is no program", async () => {
  const bytes = Buffer.from("#!/bin/sh\necho not an archive\n");
  const fetching = fetched({ [ARCHIVE]: bytes, [SUMS]: list(`${sumOf(bytes)}  ${ARCHIVE}`) });
  await expect(fetching).rejects.toThrow(`${ARCHIVE} could not be unpacked`);
});
