import { createHash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { isExecutable, runCommand } from "../setup/command.ts";

/** Where the publisher has the releases. */
const PUBLISHER = "https://get.pulumi.com/releases/sdk";
const MUST_BEGIN_WITHIN_MS = 10_000;
const MUST_END_WITHIN_MS = 5 * 60_000;
const MOST_BYTES = 500 * 2 ** 20;
const MOST_BYTES_OF_CHECKSUMS = 2 ** 16;

const SYSTEMS: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" };
const PROCESSORS: Readonly<Record<string, string>> = { x64: "x64", arm64: "arm64" };

/** Thrown when the release could not be had, or is not what the publisher says. */
export class DownloadError extends Error {
  override name = "DownloadError";
}

/**
 * Unpacks the publisher's archive of a release of the Pulumi CLI into a folder, where its programs are in `pulumi/`. The
 * archive is compared with the publisher's list of SHA-256 sums before anything of it is used; nothing of it is run.
 *
 * @param publisher Where the archives are, for tests.
 * @throws DownloadError
 */
export async function fetchRelease(version: string, folder: string, publisher = PUBLISHER): Promise<void> {
  const [system, processor] = [SYSTEMS[process.platform], PROCESSORS[process.arch]];
  if (system === undefined || processor === undefined)
    throw new DownloadError(`there is no archive for ${process.platform} on ${process.arch}`);
  const archive = `pulumi-v${version}-${system}-${processor}.tar.gz`;
  const expected = await publishedSum(`${publisher}/pulumi-${version}-checksums.txt`, archive);
  const file = join(folder, archive);
  const found = await save(`${publisher}/${archive}`, file);
  if (found !== expected) {
    throw new DownloadError(`${archive} has the SHA-256 ${found}, and its publisher says ${expected}`);
  }
  const unpacked = await runCommand("tar", ["-xzf", file, "-C", folder, "--no-same-owner"]);
  rmSync(file);
  if (unpacked.code !== 0 || !isExecutable(join(folder, "pulumi/pulumi")))
    throw new DownloadError(
      `${archive} could not be unpacked: ${unpacked.stderr.trim() || "it has no pulumi"}`,
    );
}

/** Lines of the list are `<64 hex digits>  <name>`. */
async function publishedSum(url: string, archive: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  await read(url, MOST_BYTES_OF_CHECKSUMS, (chunk) => chunks.push(chunk));
  const lines = Buffer.concat(chunks).toString("utf8").split("\n");
  const sums = lines.flatMap((line) => {
    const [, sum, name] = /^([\da-f]{64}) [ *](\S+)$/.exec(line.trim()) ?? [];
    return sum !== undefined && name === archive ? [sum] : [];
  });
  const [sum] = sums;
  if (sum === undefined) throw new DownloadError(`${url} has no SHA-256 of ${archive}`);
  return sum;
}

/** @returns the file's SHA-256 */
async function save(url: string, file: string): Promise<string> {
  const hash = createHash("sha256");
  const output = createWriteStream(file);
  await pipeline(
    Readable.from(bytesOf(url, MOST_BYTES)),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    output,
  ).catch(asDownloadError(url));
  return hash.digest("hex");
}

async function read(url: string, most: number, take: (chunk: Uint8Array) => void): Promise<void> {
  try {
    for await (const chunk of bytesOf(url, most)) take(chunk);
  } catch (error) {
    asDownloadError(url)(error);
  }
}

async function* bytesOf(url: string, most: number): AsyncGenerator<Uint8Array, void, void> {
  const late = new AbortController();
  const limit = (milliseconds: number) =>
    setTimeout(() => late.abort(new Error("it takes too long")), milliseconds);
  let timer = limit(MUST_BEGIN_WITHIN_MS);
  try {
    const response = await fetch(url, { signal: late.signal });
    clearTimeout(timer);
    timer = limit(MUST_END_WITHIN_MS);
    if (url.startsWith("https:") && !response.url.startsWith("https:"))
      throw new Error("it was led away from https");
    if (response.status !== 200 || response.body === null) throw new Error(`HTTP ${response.status}`);
    let size = 0;
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      size += chunk.byteLength;
      if (size > most) throw new Error(`it is longer than ${most} bytes`);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}

function asDownloadError(url: string): (error: unknown) => never {
  return (error) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DownloadError(`${url}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause: error,
    });
  };
}
