import { afterEach, describe, expect, it } from "vitest";
import { openFile } from "../../../provider/ovf/package/open-file.ts";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import { OvaReadError } from "../../../provider/ovf/source/ova-read-error.ts";
import { OvaSourceError } from "../../../provider/ovf/source/ova-source-error.ts";
import { type OvaSource, openOvaSource } from "../../../provider/ovf/source/source.ts";
import { openContent } from "../../../provider/resources/datastore/file-content.ts";
import { digestOf } from "../../support/collect.ts";
import { type FileServer, type FileServerOptions, serveFiles } from "../../support/file-server.ts";
import { buildOva, diskFile, type PackedFile } from "../../support/ova-builder.ts";
import { expectContents } from "../../support/ova-folder.ts";

const cleanup: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function serve(
  files: ReadonlyMap<string, Uint8Array>,
  options?: FileServerOptions,
): Promise<FileServer> {
  const server = await serveFiles(files, options);
  cleanup.push(() => server.close());
  return server;
}

async function open(url: string): Promise<OvaSource> {
  const source = await openOvaSource(url, { requestTimeoutSeconds: 5 });
  cleanup.push(() => source.close());
  return source;
}

const MIB = 2 ** 20;

/** A disk with so much behind it that reading all of it would show. */
const largeDisk = (mib = 40): PackedFile => {
  const disk = diskFile("large.vmdk");
  const end = disk.content.subarray(-1536);
  return { ...disk, content: Buffer.concat([disk.content, Buffer.alloc(mib * MIB, 1), end]) };
};

describe.each([true, false])("a URL of an OVA, with range requests: %s", (ranges) => {
  it.each([
    ["in the standard's order", {}],
    ["with the descriptor last", { order: (names: readonly string[]) => names.toReversed() }],
    ["with a compressed disk", { files: [diskFile("a.vmdk.gz", { compression: "gzip" })] }],
    [
      "with a disk in chunks and an ISO",
      {
        files: [
          diskFile("a.vmdk", { chunkSizeBytes: 90_000 }),
          { href: "a.iso", content: Buffer.alloc(70_000, 4) },
        ],
      },
    ],
    ["without manifest", { manifest: null }],
  ] as const)("yields the exact bytes of each file: %s", async (_, options) => {
    const built = buildOva(options);
    const server = await serve(new Map([["/images/tiny.ova", built.ova]]), { ranges });
    const source = await open(`${server.url}/images/tiny.ova`);
    expect(await checkOvaSource(source)).toEqual({ problems: [], warnings: [] });
    await expectContents(source, built);
  });

  it("reads some kilobytes at preview, whatever the size", async () => {
    const built = buildOva({ files: [largeDisk()] });
    const server = await serve(new Map([["/tiny.ova", built.ova]]), { ranges });
    const source = await open(`${server.url}/tiny.ova`);
    expect((await checkOvaSource(source)).problems).toEqual([]);
    // Without range requests the kernel has taken some megabytes before the connection is closed.
    expect(server.sentBytes()).toBeLessThan(ranges ? MIB : 16 * MIB);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    expect((await digestOf((await openFile(source, file)).stream)).bytes).toBe(
      built.files[0]?.content.length,
    );
    expect(server.sentBytes()).toBeLessThan(built.ova.length + (ranges ? MIB : 32 * MIB));
  });

  it("of an OVF finds the files beside it", async () => {
    const built = buildOva({
      files: [diskFile("disks/a b.vmdk"), { href: "x.nvram", content: Buffer.alloc(10, 1) }],
    });
    const files = new Map([...built.entries].map(([name, content]) => [`/images/${name}`, content]));
    const server = await serve(files, { ranges });
    const source = await open(`${server.url}/images/tiny.ovf`);
    expect(source.manifest?.entries.size).toBe(3);
    await expectContents(source, built);
  });

  it("of an OVF works without manifest, and says which file is missing", async () => {
    const built = buildOva({ manifest: null });
    const files = new Map<string, Uint8Array>([["/tiny.ovf", Buffer.from(built.descriptor)]]);
    const server = await serve(files, { ranges });
    await expect(open(`${server.url}/tiny.ovf`)).rejects.toThrow(/"tiny-disk1\.vmdk", which is not there/);
    files.set("/tiny-disk1.vmdk", built.entries.get("tiny-disk1.vmdk") ?? Buffer.alloc(0));
    await expectContents(await open(`${server.url}/tiny.ovf`), built);
  });

  it("of a truncated OVA is refused", async () => {
    const server = await serve(new Map([["/tiny.ova", buildOva().ova.subarray(0, 50_000)]]), { ranges });
    await expect(open(`${server.url}/tiny.ova`)).rejects.toThrow(/truncated/);
  });

  it("has the same digest as the local file, if there is a manifest", async () => {
    const built = buildOva();
    const server = await serve(
      new Map([
        ["/a.ova", built.ova],
        ["/b", built.ova],
      ]),
      { ranges },
    );
    expect((await open(`${server.url}/a.ova`)).digest).toBe((await open(`${server.url}/b?version=2`)).digest);
  });

  it("fails a damaged disk at the end of its stream", async () => {
    const built = buildOva({
      files: [largeDisk()],
      tamper: (entries) => entries.get("large.vmdk")?.fill(9, 30 * MIB, 30 * MIB + 1),
    });
    const server = await serve(new Map([["/tiny.ova", built.ova]]), { ranges });
    const source = await open(`${server.url}/tiny.ova`);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    await expect(digestOf((await openFile(source, file)).stream)).rejects.toThrow(/large\.vmdk is damaged/);
  });
});

describe("a web server without range requests", () => {
  it("is enough for small files before and one large file", async () => {
    const built = buildOva({
      files: [{ href: "a.iso", content: Buffer.alloc(9000, 1) }, largeDisk()],
      manifest: null,
    });
    const server = await serve(new Map([["/tiny.ova", built.ova]]), { ranges: false });
    await expectContents(await open(`${server.url}/tiny.ova`), built);
  });

  it("is not enough for a file behind a large one, and that is said", async () => {
    const built = buildOva({ files: [largeDisk(), diskFile("second.vmdk")] });
    const server = await serve(new Map([["/tiny.ova", built.ova]]), { ranges: false });
    await expect(open(`${server.url}/tiny.ova`)).rejects.toThrow(
      /does not support range requests, and second\.vmdk was not found/,
    );
  });

  it("never lets a manifest behind a large file go unnoticed", async () => {
    const built = buildOva({
      files: [largeDisk()],
      order: (names) => [names[0], names[2], names[1]].map(String),
    });
    const server = await serve(new Map([["/tiny.ova", built.ova]]), { ranges: false });
    const source = await open(`${server.url}/tiny.ova`);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    await expect(digestOf((await openFile(source, file)).stream)).rejects.toThrow(/files after large\.vmdk/);
  });
});

describe("a web server that", () => {
  const built = buildOva();
  const withServer = async (intercept: FileServerOptions["intercept"]) => {
    const server = await serve(
      new Map([["/tiny.ova", built.ova]]),
      intercept === undefined ? {} : { intercept },
    );
    return `${server.url}/tiny.ova`;
  };

  it("answers 404, 401 or 302 without end is refused with what it said", async () => {
    const server = await serve(new Map());
    await expect(open(`${server.url}/none.ova`)).rejects.toThrow(/answered 404: there is no such file/);
    const login = await withServer((_, response) => !!response.writeHead(401).end());
    await expect(open(login)).rejects.toThrow(/answered 401: it wants a login/);
    const loop = await withServer(
      (_, response) => !!response.writeHead(302, { location: "/tiny.ova" }).end(),
    );
    await expect(open(loop)).rejects.toThrow(/302|redirect/i);
  });

  it("answers 503 may be asked again", async () => {
    const url = await withServer((_, response) => !!response.writeHead(503).end());
    const error = await open(url).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaReadError);
    expect(String(error)).toMatch(/answered 503/);
  });

  it("does not answer is given up after the request time-out", async () => {
    const url = await withServer(() => true);
    const error = await openOvaSource(url, { requestTimeoutSeconds: 0.3 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaReadError);
    expect(String(error)).toMatch(/no answer within 0\.3 s/);
  });

  it("is not there is an error that may pass", async () => {
    const server = await serve(new Map());
    await server.close();
    cleanup.pop();
    await expect(open(`${server.url}/tiny.ova`)).rejects.toThrow(/cannot be read: .*ECONNREFUSED/);
  });

  it("redirects is followed", async () => {
    const server = await serve(new Map([["/real.ova", built.ova]]), {
      intercept: (request, response) =>
        request.url === "/tiny.ova" && !!response.writeHead(302, { location: "/real.ova" }).end(),
    });
    await expectContents(await open(`${server.url}/tiny.ova`), built);
  });

  it("drops the connection within the disk is an error that may pass, and the next try is complete", async () => {
    let drops = 1;
    const large = buildOva({ files: [largeDisk()] });
    const server = await serve(new Map([["/tiny.ova", large.ova]]), {
      intercept: (request, response) => {
        const [start = 0, end = 0] = (request.headers.range ?? "").match(/\d+/g)?.map(Number) ?? [];
        if (end - start < 10 * MIB || drops-- <= 0) return false;
        response.writeHead(206, {
          "content-length": end - start + 1,
          "content-range": `${request.headers.range?.replace("=", " ")}/${large.ova.length}`,
          etag: `"${large.ova.length}"`,
        });
        response.write(Buffer.alloc(MIB), () => response.destroy());
        return true;
      },
    });
    const source = await open(`${server.url}/tiny.ova`);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const error = await digestOf((await openFile(source, file)).stream).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaReadError);
    await expectContents(source, large);
  });

  it("has another file by now is noticed", async () => {
    const files = new Map<string, Uint8Array>([["/tiny.ova", buildOva({ files: [largeDisk()] }).ova]]);
    const server = await serve(files);
    const source = await open(`${server.url}/tiny.ova`);
    files.set("/tiny.ova", buildOva({ files: [largeDisk(41)] }).ova);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const error = await digestOf((await openFile(source, file)).stream).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OvaSourceError);
    expect(String(error)).toMatch(/changed on the web server/);
  });

  it("encodes the file against our wish is refused", async () => {
    const url = await withServer(
      (_, response) =>
        !!response.writeHead(200, { "content-encoding": "gzip", "content-length": 3 }).end("abc"),
    );
    await expect(open(url)).rejects.toThrow(/encodes the file as gzip/);
  });

  it("does not tell the size is refused", async () => {
    const url = await withServer((_, response) => !!response.writeHead(200).end("abc"));
    await expect(open(url)).rejects.toThrow(/does not tell the size/);
  });

  it("has an empty file is told so", async () => {
    const server = await serve(new Map([["/e.ova", new Uint8Array()]]));
    await expect(open(`${server.url}/e.ova`)).rejects.toThrow(/is empty/);
  });
});

describe("credentials in a URL", () => {
  it("are sent to the server and appear in no error and no output", async () => {
    const seen: (string | undefined)[] = [];
    const server = await serve(new Map([["/tiny.ova", buildOva().ova]]), {
      intercept: (request) => {
        seen.push(request.headers.authorization);
        return false;
      },
    });
    const host = new URL(server.url).host;
    const source = await open(`http://joe:hunter2@${host}/tiny.ova?signature=s3cret`);
    expect(seen[0]).toBe(`Basic ${Buffer.from("joe:hunter2").toString("base64")}`);
    expect(source.location).toBe(`http://${host}/tiny.ova?…`);
    const error = await open(`http://joe:hunter2@${host}/none.ova?signature=s3cret`).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).toMatch(/answered 404/);
    expect(String(error)).not.toMatch(/hunter2|s3cret/);
  });
});

describe("an abort", () => {
  it("ends opening and streaming", async () => {
    const server = await serve(new Map([["/tiny.ova", buildOva({ files: [largeDisk()] }).ova]]));
    const gone = AbortSignal.abort(new Error("enough"));
    await expect(openOvaSource(`${server.url}/tiny.ova`, { signal: gone })).rejects.toThrow("enough");
    const source = await open(`${server.url}/tiny.ova`);
    const file = source.files[0];
    if (file === undefined) throw new Error("the OVA has no file");
    const abort = new AbortController();
    const { stream } = await openFile(source, file, abort.signal);
    const reading = (async () => {
      for await (const _ of stream) abort.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("a URL that cannot be read", () => {
  it.each([
    ["https://user:pw@[bad/a.ova?sig=pw", "https://[bad/a.ova"],
    ["http://user:pw@host:99999999/a.ova", "http://host:99999999/a.ova"],
    ["http://host:x/a.ova#pw", "http://host:x/a.ova"],
  ])("%s is refused by name, without what may be a secret", async (location, shown) => {
    const signal = new AbortController().signal;
    for (const opening of [
      openOvaSource(location),
      openContent({ source: location, projectFolder: "/", signal }),
    ]) {
      const error: unknown = await opening.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OvaSourceError);
      expect(String(error)).toContain(`${shown}: is not a valid URL`);
      expect(String(error)).not.toContain("pw");
    }
  });

  it("is none that has a percent sign in its password", async () => {
    const seen: (string | undefined)[] = [];
    const server = await serve(new Map([["/a.iso", Buffer.from("a")]]), {
      intercept(request) {
        seen.push(request.headers.authorization);
        return false;
      },
    });
    const source = server.url.replace("//", "//joe:50%off@");
    const bytes = await openContent({
      source: `${source}/a.iso`,
      projectFolder: "/",
      signal: new AbortController().signal,
    });
    await bytes.close();
    expect(seen[0]).toBe(`Basic ${btoa("joe:50%off")}`);
  });
});
