/** Files that a host fetches itself: what it is asked for, in which order, and what of its answers is believed. */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { pullFiles } from "../../../../provider/host/import/pull-files.ts";
import { HttpNfcLease } from "../../../../provider/nfc/index.ts";
import type { LeaseProgressOptions } from "../../../../provider/nfc/lease-progress.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { VimFault } from "../../../../provider/vim/faults.ts";
import type { HttpNfcLeaseManifestEntry } from "../../../../schema/index.ts";
import { connectTo } from "../../../support/esxi-host.ts";
import { type FileServer, serveFiles } from "../../../support/file-server.ts";
import { buildOva, diskFile, type OvaOptions } from "../../../support/ova-builder.ts";
import { failure } from "../../resources/lab.ts";

const DISKS = ["a.vmdk", "b.vmdk"].map((href, seed) => diskFile(href, { seed: seed + 1 }));
const digestOf = (algorithm: string, index: number) =>
  createHash(algorithm)
    .update(DISKS[index]?.content ?? "")
    .digest("hex");

let host: EsxiHost;
const servers: FileServer[] = [];
const sources: OvaSource[] = [];
/** What the lease and the host were asked, in order. */
const asked: string[] = [];

beforeAll(() => {
  const access = { url: "https://esxi1.invalid", username: "root", password: "s3cret", thumbprint: "" };
  host = connectTo(access, "esxi1", { thumbprint: undefined });
});

afterAll(() => host.close());

beforeEach(() => {
  asked.length = 0;
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const each of [...sources.splice(0), ...servers.splice(0)]) await each.close();
});

interface Answers {
  readonly pulls?: boolean;
  readonly task?: (signal: AbortSignal) => Promise<unknown>;
  readonly manifest?: readonly Partial<HttpNfcLeaseManifestEntry>[];
}

/** Lets a host with those answers fetch the disks of an OVA, or of the folder of an OVF. */
async function pull(
  name: "it.ova" | "it.ovf",
  ova: Partial<OvaOptions>,
  answers: Answers,
  by = new AbortController().signal,
) {
  const built = buildOva({ name: "it", files: DISKS, ...ova });
  const server = await serveFiles(
    new Map([
      ...[...built.entries].map(([key, bytes]) => [`/${key}`, bytes] as const),
      ["/it.ova", built.ova],
    ]),
  );
  servers.push(server);
  const location = `${server.url.replace("//", "//alice:s3cret@")}/${name}?signature=hidden`;
  const source = await openOvaSource(location);
  sources.push(source);
  const lease = new HttpNfcLease(host.client, { type: "HttpNfcLease", value: "1" });
  const options: LeaseProgressOptions[] = [];
  const note = <T>(what: string, answer: T): T => {
    asked.push(what);
    return answer;
  };
  vi.spyOn(lease, "pulls").mockImplementation(async () => note("pulls", answers.pulls ?? true));
  vi.spyOn(lease, "startProgress").mockImplementation((each) => note("progress", void options.push(each)));
  const types = vi.spyOn(lease, "setChecksumTypes").mockImplementation(async () => note("types", undefined));
  vi.spyOn(lease, "manifest").mockImplementation(async () =>
    note(
      "manifest",
      (answers.manifest ?? []).map((entry) =>
        create("HttpNfcLeaseManifestEntry", { key: "", sha1: "", size: 1, disk: true, ...entry }),
      ),
    ),
  );
  const call = vi
    .spyOn(host.client, "call")
    .mockImplementation(async () => note("fetch", undefined) as never);
  const percents: (number | undefined)[] = [];
  vi.spyOn(host, "task").mockImplementation(async (start, { signal, onProgress }) => {
    await start();
    percents.push(options[0]?.percent());
    onProgress?.(40);
    percents.push(options[0]?.percent());
    return (await answers.task?.(signal)) as never;
  });
  const item = (path: string) =>
    create("OvfFileItem", { deviceId: `/vm/${path}`, path, cimType: 1, create: path === "b.vmdk" });
  const address = (path: string) =>
    create("HttpNfcLeaseDeviceUrl", {
      key: `key ${path}`,
      importKey: `/vm/${path}`,
      url: `https://*/nfc/${path}`,
      sslThumbprint: "",
    });
  const paths = DISKS.map(({ href }) => href);
  const info = create("HttpNfcLeaseInfo", {
    lease: lease.ref,
    entity: lease.ref,
    deviceUrl: paths.map(address),
    totalDiskCapacityInKB: 1,
    leaseTimeout: 300,
  });
  const onStatus = vi.fn<(text: string) => void>();
  const job = { name: "vm", location, lease, info, fileItems: paths.map(item), source };
  const done = pullFiles(host, job, { signal: by, onStatus });
  done.catch(() => {});
  const texts = () => onStatus.mock.calls.map(([text]) => text);
  return { done, call, types, texts, percents, server, progress: () => options[0] };
}

/** The digests of both disks, as such a host tells them. */
const told = (entry: (index: number) => Partial<HttpNfcLeaseManifestEntry>) =>
  DISKS.map(({ href }, index) => ({ key: `key ${href}`, ...entry(index) }));
const RIGHT = told((index) => ({
  checksum: digestOf("sha256", index).toUpperCase(),
  checksumType: "sha256",
}));

describe("a host that fetches files", () => {
  test("is told where each is, what it gets there as, and by whose login; digests are asked for before", async () => {
    const { done, call, types, texts, percents, server } = await pull("it.ova", {}, { manifest: RIGHT });
    await done;
    expect(asked).toEqual(["pulls", "progress", "types", "fetch", "manifest"]);
    expect(types.mock.calls[0]?.[0]).toEqual([
      ["key a.vmdk", "sha256"],
      ["key b.vmdk", "sha256"],
    ]);
    const header = { key: "Authorization", value: `Basic ${Buffer.from("alice:s3cret").toString("base64")}` };
    const file = (path: string) => ({
      targetDeviceId: `/vm/${path}`,
      url: `${server.url}/it.ova?signature=hidden`,
      memberName: path,
      create: path === "b.vmdk",
      httpHeaders: [expect.objectContaining(header)],
    });
    expect(call.mock.calls[0]?.[2]).toMatchObject({ files: [file("a.vmdk"), file("b.vmdk")] });
    expect(JSON.stringify(call.mock.calls[0]?.[2])).not.toContain('"size"');
    expect(percents).toEqual([0, 40]);
    expect(texts().at(-1)).toMatch(/^esxi1 fetches http:\/\/[^@]*\/it\.ova\?…: 40%$/);
  });

  test("is told the size of a file that has an address of its own", async () => {
    const { done, call, server } = await pull("it.ovf", {}, { manifest: RIGHT });
    await done;
    const [, , params] = call.mock.calls[0] ?? [];
    expect(params).toMatchObject({
      files: [
        { size: DISKS[0]?.content.byteLength, url: expect.stringContaining(`${server.url}/a.vmdk`) },
        {},
      ],
    });
    expect(JSON.stringify(params)).not.toContain("memberName");
  });

  test("is asked for no digest where the package has none", async () => {
    const { done } = await pull("it.ova", { manifest: null }, {});
    await done;
    expect(asked).toEqual(["pulls", "progress", "fetch", "manifest"]);
  });

  test("is not asked to fetch if it says that it cannot", async () => {
    const { done } = await pull("it.ova", {}, { pulls: false });
    expect((await failure(done)).message).toContain("it says so of its lease");
    expect(asked).toEqual(["pulls"]);
  });
});

describe("what a host has fetched", () => {
  test.each([
    ["sha1", told((index) => ({ sha1: digestOf("sha1", index) })), undefined],
    ["sha1", told((index) => ({ checksum: digestOf("sha1", index), checksumType: "sha1" })), undefined],
    ["sha256", told((index) => ({ sha1: digestOf("sha1", index) })), /does not tell the SHA256 of a\.vmdk/],
    ["sha256", RIGHT.slice(0, 1), /does not tell the SHA256 of b\.vmdk/],
    [
      "sha256",
      told((index) => ({ ...RIGHT[1 - index], key: `key ${DISKS[index]?.href}` })),
      /has fetched another file .*the SHA256 of a\.vmdk is/,
    ],
    [
      "sha256",
      told((index) => ({ checksum: digestOf("sha256", index), checksumType: "sha512" })),
      /does not tell/,
    ],
  ] as const)("is held to the %s of the manifest: case %#", async (algorithm, manifest, refused) => {
    const { done } = await pull("it.ova", { manifest: algorithm }, { manifest });
    if (refused === undefined) await done;
    else expect((await failure(done)).message).toMatch(refused);
  });
});

describe("a fetch that fails", () => {
  const fault = ($type: string, hostMessage = "") =>
    new VimFault({ host: "esxi1", method: "HttpNfcLeasePullFromUrls_Task", fault: { $type }, hostMessage });
  const fails = (error: Error) => ({ task: () => Promise.reject(error) });

  test.each(["NotSupported", "MethodNotFound", "NotImplemented", "RestrictedVersion"])(
    "with %s means that the host does not do that",
    async (type) => {
      const { done } = await pull("it.ova", {}, fails(fault(type)));
      expect((await failure(done)).message).toContain(`it answers ${type}`);
    },
  );

  test.each([
    ["HttpFault", "", /: HttpFault\. The machine was not made/],
    ["HttpFault", "403 for it.ova?signature=hidden", /: 403 for it\.ova\?…\. The machine was not made/],
  ])("with %s is told in the host's words %j, without secrets", async (type, words, said) => {
    const { done } = await pull("it.ova", {}, fails(fault(type, words)));
    const { message } = await failure(done);
    expect(message).toMatch(said);
    expect(message).not.toMatch(/hidden|s3cret/);
  });

  test("by no fault of the host is told as it is", async () => {
    const error = new Error("no answer");
    expect(await failure((await pull("it.ova", {}, fails(error))).done)).toBe(error);
  });

  const untilStopped = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  test("because the lease is over is told why", async () => {
    const { done, progress } = await pull("it.ova", {}, { task: untilStopped });
    await expect.poll(progress).toBeDefined();
    const over = new Error("the lease is over");
    await expect.poll(() => asked).toContain("fetch");
    progress()?.onFailure?.(over);
    expect(await failure(done)).toBe(over);
  });

  test("because the run is stopped is told why", async () => {
    const run = new AbortController();
    const { done } = await pull("it.ova", {}, { task: untilStopped }, run.signal);
    await expect.poll(() => asked).toContain("fetch");
    const stop = new Error("^C");
    run.abort(stop);
    expect(await failure(done)).toBe(stop);
  });
});
