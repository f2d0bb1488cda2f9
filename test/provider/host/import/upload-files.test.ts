/** What a lease asks for, on its way: which bytes go where and how, who gets the session, and what ends them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { uploadFiles } from "../../../../provider/host/import/upload-files.ts";
import { HttpNfcLease } from "../../../../provider/nfc/index.ts";
import type { LeaseProgressOptions } from "../../../../provider/nfc/lease-progress.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { connectTo } from "../../../support/esxi-host.ts";
import { type FileServer, serveFiles } from "../../../support/file-server.ts";
import { buildOva, diskFile } from "../../../support/ova-builder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { failure } from "../../resources/lab.ts";

const MIB = 2 ** 20;
const FILES = [
  { href: "a.iso", content: Buffer.alloc(2 * MIB, 1) },
  diskFile("b.vmdk", { content: Buffer.alloc(2 * MIB, 2), compression: "gzip" }),
];
const STOP = new Error("^C");

let folder: TemporaryFolder;
let source: OvaSource;
let own: FileServer;
let elsewhere: FileServer;
let host: EsxiHost;
/** What came, as `POST /nfc/1/b.vmdk …`, and its bytes. */
const came: { readonly line: string; readonly bytes: Buffer }[] = [];
let receive: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  folder = await temporaryFolder();
  source = await openOvaSource(await folder.write("it.ova", buildOva({ files: FILES }).ova));
  const intercept = (request: IncomingMessage, response: ServerResponse) => {
    receive(request, response);
    return true;
  };
  [own, elsewhere] = await Promise.all([
    serveFiles(new Map(), { intercept }),
    serveFiles(new Map(), { intercept }),
  ]);
  const access = { url: own.url, username: "root", password: "s3cret", thumbprint: "" };
  host = connectTo(access, "esxi1", { thumbprint: undefined, insecure: true });
  vi.spyOn(host.client, "sessionCookie").mockReturnValue("session=1");
});

afterAll(async () => {
  vi.restoreAllMocks();
  await Promise.all([host.close(), own.close(), elsewhere.close(), source.close()]);
  await folder.remove();
});

afterEach(() => {
  came.length = 0;
});

const takes = async (request: IncomingMessage, response: ServerResponse) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { cookie, overwrite } = request.headers;
  const words = [request.method, request.url, request.headers["content-type"], cookie, overwrite];
  came.push({ line: words.filter((word) => word !== undefined).join(" "), bytes: Buffer.concat(parts) });
  response.writeHead(200).end();
};

const item = (path: string, isCreated: boolean) =>
  create("OvfFileItem", { deviceId: `/vm/${path}`, path, cimType: 1, create: isCreated });
const DISK = item("b.vmdk", false);
const ISO = item("a.iso", true);

/** Sends the files that are asked for, the disk to the host itself and all others elsewhere. */
function upload(fileItems: readonly ReturnType<typeof item>[], signal = new AbortController().signal) {
  const lease = new HttpNfcLease(host.client, { type: "HttpNfcLease", value: "1" });
  let progress: LeaseProgressOptions | undefined;
  let began: number | undefined;
  vi.spyOn(lease, "startProgress").mockImplementation((options) => {
    progress = options;
    began = options.percent();
  });
  const url = (path: string) => `${path === "b.vmdk" ? "http://*" : elsewhere.url}/nfc/1/${path}`;
  const addresses = ["b.vmdk", "a.iso", "c.iso"].map((path) =>
    create("HttpNfcLeaseDeviceUrl", {
      key: path,
      importKey: `/vm/${path}`,
      url: url(path),
      sslThumbprint: "",
    }),
  );
  const info = create("HttpNfcLeaseInfo", {
    lease: lease.ref,
    entity: lease.ref,
    deviceUrl: addresses,
    totalDiskCapacityInKB: 1,
    leaseTimeout: 300,
  });
  const onStatus = vi.fn<(text: string) => void>();
  const done = uploadFiles(host, { lease, info, fileItems, source }, { signal, onStatus });
  const percents = () => onStatus.mock.calls.map(([text]) => Number(/^uploading (\d+)% of/.exec(text)?.[1]));
  return { done, percents, progress: () => progress, began: () => began };
}

test("each file goes to its address in the host's order, a disk and a new file in their own ways", async () => {
  receive = takes;
  await upload([DISK, ISO]).done;
  expect(came.map(({ line }) => line)).toEqual([
    "POST /nfc/1/b.vmdk application/x-vnd.vmware-streamVmdk session=1",
    // The session is the host's, and another server must not get it.
    "PUT /nfc/1/a.iso application/octet-stream t",
  ]);
  expect(came.map(({ bytes }) => bytes.equals(Buffer.alloc(2 * MIB, bytes[0])))).toEqual([true, true]);
  expect(came.map(({ bytes }) => bytes[0])).toEqual([2, 1]);
});

test("the lease hears from the beginning to the end how much is done, of what is stored", async () => {
  receive = takes;
  const { done, percents, progress, began } = upload([ISO, DISK]);
  await done;
  expect(began()).toBe(0);
  // Packed, the disk is next to nothing, and the first mebibyte of two is half of it all.
  expect(percents()[0]).toBe(49);
  expect(percents().at(-1)).toBe(99);
  expect(progress()?.percent()).toBe(99);
  const packed = upload([DISK]);
  await packed.done;
  expect(packed.percents()[3]).toBe(50);
});

test("a lease that the host has ended takes no more bytes, and is told why", async () => {
  const over = new Error("the lease is over");
  const { done, progress } = upload([DISK, ISO]);
  receive = () => progress()?.onFailure?.(over);
  expect(await failure(done)).toBe(over);
});

test("a run that is stopped sends no more", async () => {
  const run = new AbortController();
  receive = () => run.abort(STOP);
  expect(await failure(upload([DISK, ISO], run.signal).done)).toBe(STOP);
});

test("a file that the package does not have is refused before anything is sent", async () => {
  receive = takes;
  expect((await failure(upload([DISK, item("c.iso", true)]).done)).message).toMatch(
    /^esxi1 asks for the file c\.iso of .*it\.ova, which is not in the archive\.$/,
  );
  expect(came).toEqual([]);
});

test("a file for which the host gives no address is refused before anything is sent", async () => {
  receive = takes;
  const nowhere = create("OvfFileItem", { ...ISO, deviceId: "/vm/nowhere" });
  expect((await failure(upload([DISK, nowhere]).done)).message).toMatch(
    /^esxi1 asks for the file a\.iso of .*it\.ova, but gives no address to send it to\.$/,
  );
  expect(came).toEqual([]);
});
