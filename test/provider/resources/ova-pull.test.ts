/** The host may fetch the files of an OVA for itself. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { loadCertificate } from "../../../simulator/server/certificate.ts";
import { type FileServer, type FileServerOptions, serveFiles } from "../../support/file-server.ts";
import { buildOva, diskFile, type OvaOptions } from "../../support/ova-builder.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ behaviour: { pullFromUrls: "taken" } });
});

afterEach(() => lab.close());

/** A web server with an OVA, and with the same as a folder. */
async function serve(ova: OvaOptions = {}, options: FileServerOptions = {}): Promise<FileServer> {
  const built = buildOva(ova);
  const beside = [...built.entries].map(([name, bytes]) => [`/folder/${name}`, bytes] as const);
  const server = await serveFiles(new Map([["/tiny.ova", built.ova], ...beside]), options);
  onTestFinished(() => server.close());
  return server;
}

/** What the host asks for: this machine asks for ranges only. */
const isHosts = (request: IncomingMessage): boolean => request.headers.range === undefined;

const pulled = (ovaPath: string, further = {}) => ({ ovaPath, transfer: "pull", ...further });
const nothing = { vms: [], files: [], leases: 0 };

test.each(["/tiny.ova", "/folder/tiny.ovf"])(
  "the host fetches the disk of %s, and no byte is sent",
  async (path) => {
    const { url, requests } = await serve();
    const pushed = await lab.create({ ovaPath: `${url}${path}`, name: "pushed", powerOn: false });
    const before = lab.raw.count("nfc");
    const vm = await lab.create(pulled(`${url}${path}`));
    expect(lab.raw.count("nfc")).toBe(before);
    expect(await lab.raw.rawDisk("vm")).toBe(await lab.raw.rawDisk("pushed"));
    const disk = path === "/tiny.ova" ? path : "/folder/tiny-disk1.vmdk";
    expect(requests.filter(({ range }) => range === undefined).at(-1)?.path).toBe(disk);
    expect(lab.texts("status").some((text) => /esxi1 fetches http:\/\/127\.0\.0\.1:\d+\//.test(text))).toBe(
      true,
    );
    expect(await lab.diff(vm, pulled(`${url}${path}`))).toMatchObject({ changes: false });
    await lab.delete(vm);
    await lab.delete(pushed);
    expect(await lab.raw.contents()).toMatchObject(nothing);
  },
);

test.each(["sha1", "sha256", null] as const)(
  "several files are fetched, with a manifest of %s",
  async (manifest) => {
    const files = [diskFile("a.vmdk", { seed: 1 }), diskFile("b.vmdk", { seed: 2 })];
    const { url } = await serve({ files, manifest });
    await lab.create(pulled(`${url}/tiny.ova`, { powerOn: false }));
    expect(lab.raw.diskPaths("vm")).toHaveLength(2);
    expect(lab.raw.count("HttpNfcLeaseSetManifestChecksumType")).toBe(manifest === null ? 0 : 1);
  },
);

test("a server with a certificate is known to the host by its thumbprint", async () => {
  const folder = await temporaryFolder();
  const trusted = getCACertificates("default");
  onTestFinished(async () => {
    setDefaultCACertificates(trusted);
    await folder.remove();
  });
  const tls = await loadCertificate(folder.path);
  setDefaultCACertificates([...trusted, tls.cert]);
  const { url } = await serve({}, { tls });
  await lab.create(pulled(`${url}/tiny.ova`, { powerOn: false }));
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

test("a user and password in the URL reach the server as a header, and a query as it is; neither is told", async () => {
  const seen: string[] = [];
  const look = (request: IncomingMessage) => {
    if (isHosts(request)) seen.push(`${request.url} ${request.headers.authorization}`);
    return false;
  };
  const { url } = await serve({}, { intercept: look });
  const ovaPath = `${url.replace("//", "//alice:s3cret-Word@")}/tiny.ova?signature=s3cret-Sign`;
  await lab.create(pulled(ovaPath, { powerOn: false }));
  expect(seen).toEqual([
    `/tiny.ova?signature=s3cret-Sign Basic ${Buffer.from("alice:s3cret-Word").toString("base64")}`,
  ]);
  expect(JSON.stringify(lab.said)).not.toContain("s3cret");
});

test("what the server refuses to the host is said without what is secret in the URL, and nothing is left", async () => {
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    if (isHosts(request)) response.writeHead(403).end();
    return isHosts(request);
  };
  const { url } = await serve({}, { intercept: refuse });
  const { message } = await failure(lab.create(pulled(`${url}/tiny.ova?signature=s3cret-Sign`)));
  expect(message).toMatch(
    /^esxi1 could not fetch http:\/\/127\.0\.0\.1:\d+\/tiny\.ova\?… for "vm": The server answered 403/,
  );
  expect(message).toContain('transfer: "push"');
  expect(`${message}${JSON.stringify(lab.said)}`).not.toContain("s3cret");
  expect(await lab.raw.contents()).toMatchObject(nothing);
  expect(lab.raw.count("ImportVApp")).toBe(1);
});

test.each(["sha1", "sha256"] as const)(
  "a file that is another one than the manifest's %s says is not kept",
  async (manifest) => {
    const other = buildOva({ files: [diskFile("tiny-disk1.vmdk", { seed: 7 })] }).ova;
    const exchange = (request: IncomingMessage, response: ServerResponse) => {
      if (isHosts(request)) response.end(other);
      return isHosts(request);
    };
    const { url } = await serve({ manifest }, { intercept: exchange });
    const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`)));
    expect(message).toMatch(
      new RegExp(
        `^esxi1 has fetched another file than http.*tiny\\.ova names, for "vm": the ${manifest} of tiny-disk1\\.vmdk is [0-9a-f]+, tiny\\.mf says `,
        "i",
      ),
    );
    expect(await lab.raw.contents()).toMatchObject(nothing);
  },
);

test("a host that tells no digest gets no machine", async () => {
  lab.raw.simulator.faults.add({ method: "HttpNfcLeaseGetManifest", action: { fault: "NotSupported" } });
  const { url } = await serve();
  const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`)));
  expect(message).toContain("esxi1 does not tell the SHA256 of tiny-disk1.vmdk");
  expect(await lab.raw.contents()).toMatchObject(nothing);
});

test("a host that cannot fetch says so, and nothing is left", async () => {
  await lab.raw.restart({ behaviour: { pullFromUrls: "refused" } });
  await lab.restart();
  const { url } = await serve();
  const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`)));
  expect(message).toMatch(
    /^esxi1 does not fetch files by itself .*Nothing is left of what was begun.*transfer: "push"/,
  );
  expect(await lab.raw.contents()).toMatchObject(nothing);
});

test.each(["NotSupported", "RestrictedVersion"])(
  "so does one that promises it and answers %s",
  async (fault) => {
    lab.raw.simulator.faults.add({ method: "HttpNfcLeasePullFromUrls_Task", action: { fault } });
    const { url } = await serve();
    const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`)));
    expect(message).toContain(`does not fetch files by itself (it answers ${fault})`);
    expect(await lab.raw.contents()).toMatchObject(nothing);
  },
);

test("a host that is too old is refused before anything is made", async () => {
  await lab.raw.restart({ apiVersion: "6.5" });
  await lab.restart();
  const { url } = await serve();
  const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`)));
  expect(message).toContain("its API is 6.5");
  expect(lab.raw.count("ImportVApp")).toBe(0);
});

test("a run that is stopped while the host fetches leaves nothing", async () => {
  const stop = new AbortController();
  const hang = (request: IncomingMessage) => {
    if (isHosts(request)) stop.abort(new Error("stopped by ^C"));
    return isHosts(request);
  };
  const { url } = await serve({}, { intercept: hang });
  const { message } = await failure(lab.create(pulled(`${url}/tiny.ova`), lab.context(stop.signal)));
  expect(message).toContain("stopped by ^C");
  await expect.poll(() => lab.raw.contents()).toMatchObject(nothing);
});

test.each([
  [
    "a file of this machine",
    undefined,
    {},
    "for a file of this machine: ovaPath must be an http or https URL",
  ],
  [
    "a file that is packed",
    "/tiny.ova",
    { files: [diskFile("a.vmdk.gz", { compression: "gzip" })] },
    "because a.vmdk.gz is packed with gzip",
  ],
  [
    "a file in parts",
    "/tiny.ova",
    { files: [diskFile("a.vmdk", { chunkSizeBytes: 4096 })] },
    "because a.vmdk is stored in parts",
  ],
  [
    "a digest that hosts do not tell",
    "/tiny.ova",
    { manifest: "sha512" },
    "because hosts report only SHA1 and SHA256, and the manifest has a SHA512 of",
  ],
] as const)("%s is refused at preview", async (_, path, ova, reason) => {
  const { url } = await serve(ova);
  const { failures } = await lab.check({ transfer: "pull", ...(path && { ovaPath: `${url}${path}` }) });
  expect(failures).toEqual([
    { property: "transfer", reason: expect.stringContaining(`cannot be "pull" ${reason}`) },
  ]);
  expect(lab.raw.count()).toBe(0);
});
