/** The bytes of files on a datastore: what is sent, what is read, and how much of it. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  digestOnDatastore,
  isOnDatastore,
  readHead,
  readSmallFile,
  uploadToDatastore,
  writeSmallFile,
} from "../../../../provider/host/datastore/file-access.ts";
import { NfcError } from "../../../../provider/nfc/index.ts";
import { bytesInMemory } from "../../../../provider/ovf/source/bytes-in-memory.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { ownFolder } from "../own-folder.ts";

const { signal } = new AbortController();
const STOP = new Error("^C");
const MIB = 2 ** 20;
const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

let lab: Lab;
let count = 0;
let root = "";

beforeAll(async () => {
  lab = await Lab.open();
  await lab.host.client.serviceContent();
});

afterAll(() => lab.close());

beforeEach(async () => {
  root = `[datastore1] test${count++}`;
  await mkdir(local(root));
});

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

const { local, at, text, files, known } = ownFolder(() => ({ lab, root }));
const put = (name: string, content: Uint8Array | string) => writeFile(local(`${root}/${name}`), content);
const options = () => ({ signal, onStatus: vi.fn<(text: string) => void>() });

test("what is sent is told by its digest and its share, and another than was expected is refused", async () => {
  const sent = options();
  const source = bytesInMemory("it.iso", Buffer.alloc(1000, 1));
  const right = digest(Buffer.alloc(1000, 1));
  expect(await uploadToDatastore(lab.host, source, at("a"), "it", undefined, sent)).toBe(right);
  expect(await uploadToDatastore(lab.host, source, at("a"), "it", right, sent)).toBe(right);
  expect(sent.onStatus.mock.lastCall?.[0]).toMatch(/^uploading 99% of 1000 B, .*, it$/);
  const wrong = await failure(uploadToDatastore(lab.host, source, at("a"), "it", digest("x"), sent));
  expect(wrong.message).toContain("is not the expected file");
});

test("a file is digested whole, one of several transfers, and none that is longer than the host said", async () => {
  await put("a", Buffer.alloc(3 * MIB, 7));
  const read = options();
  const place = vi.spyOn(lab.host.transfers, "run");
  expect(await digestOnDatastore(lab.host, at("a"), 3 * MIB, read)).toBe(digest(Buffer.alloc(3 * MIB, 7)));
  expect(place).toHaveBeenCalledTimes(1);
  expect(read.onStatus.mock.lastCall?.[0]).toMatch(/^comparing 99% of 3.0 MiB, .*a$/);
  expect(read.onStatus.mock.calls[0]?.[0]).toMatch(/^comparing \d?\d% of/);
  await expect(digestOnDatastore(lab.host, at("a"), 3 * MIB - 1, read)).rejects.toThrow(NfcError);
  const waiting = digestOnDatastore(lab.host, at("a"), 1, { ...read, signal: AbortSignal.abort(STOP) });
  expect(await failure(waiting)).toBe(STOP);
});

test("a small file is read whole and replaced, and a larger one is none", async () => {
  expect(await readSmallFile(lab.host, at("a"), signal)).toBeUndefined();
  await writeSmallFile(lab.host, at("a"), "one: é", signal);
  expect(await files()).toEqual(["a"]);
  await writeSmallFile(lab.host, at("a"), "two", signal);
  expect([await text("a"), await readSmallFile(lab.host, at("a"), signal)]).toEqual(["two", "two"]);
  await put("most", "x".repeat(65_536));
  expect(await readSmallFile(lab.host, at("most"), signal)).toHaveLength(65_536);
  await put("more", "x".repeat(65_537));
  await expect(readSmallFile(lab.host, at("more"), signal)).rejects.toThrow(/sends more of/);
});

test("of a large file no more than its beginning is read", async () => {
  expect(await readHead(lab.host, at("a"), 4, signal)).toBeUndefined();
  await put("a", Buffer.alloc(64 * MIB, 7));
  expect(await readHead(lab.host, at("a"), 4, signal)).toEqual(Buffer.alloc(4, 7));
  // The host says that its answer was not taken to the end.
  await expect.poll(() => lab.raw.simulator.requests.entries().at(-1)?.status).toBe(0);
  await put("short", "ab");
  expect(String(await readHead(lab.host, at("short"), 4, signal))).toBe("ab");
});

test("a file that the host does not give is not taken for one that is not there", async () => {
  await put("a", "text");
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 503 } });
  await expect(readSmallFile(lab.host, at("a"), signal)).rejects.toThrow(/HTTP 503/);
  await expect(readHead(lab.host, at("a"), 4, signal)).rejects.toThrow(/HTTP 503/);
  expect(await isOnDatastore(lab.host, at("a"), signal)).toBeUndefined();
  lab.raw.simulator.faults.clear();
  expect(await isOnDatastore(lab.host, at("a"), signal)).toBe(true);
  expect(await isOnDatastore(lab.host, at("b"), signal)).toBe(false);
  expect(await known()).toEqual(["a"]);
});
