import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OvaReadError } from "../../../provider/ovf/source/ova-read-error.ts";
import { OvaSourceError } from "../../../provider/ovf/source/ova-source-error.ts";
import { type OvaSource, openOvaSource } from "../../../provider/ovf/source/source.ts";
import { type FileServerOptions, serveFiles } from "../../support/file-server.ts";
import { type BuiltOva, buildOva, diskFile } from "../../support/ova-builder.ts";
import { contentOf } from "../../support/ova-folder.ts";

const cleanup: (() => Promise<void>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const clean of cleanup.splice(0).reverse()) await clean();
});

async function serve(files: ReadonlyMap<string, Uint8Array>, options: FileServerOptions = {}) {
  const server = await serveFiles(files, options);
  cleanup.push(() => server.close());
  return server;
}

async function open(url: string, requestTimeoutSeconds = 20): Promise<OvaSource> {
  const source = await openOvaSource(url, { requestTimeoutSeconds });
  cleanup.push(() => source.close());
  return source;
}

/** Large enough that descriptor and disk are not one request. */
const large = (manifest?: null): BuiltOva =>
  buildOva({
    ...(manifest === null && { manifest }),
    files: [
      diskFile("a.vmdk", {
        content: Buffer.concat([
          diskFile().content,
          Buffer.alloc(500_000, 1),
          diskFile().content.subarray(-1536),
        ]),
      }),
    ],
  });

describe("servers behind one URL that name the same bytes differently", () => {
  const MODES: readonly (readonly [string, (turn: number) => Record<string, string>])[] = [
    ["by ETag", (turn) => ({ etag: `"node${turn % 2}-abc"` })],
    ["by weak and strong ETag", (turn) => ({ etag: turn % 2 === 0 ? '"abc"' : 'W/"abc"' })],
    ["by Last-Modified", (turn) => ({ "last-modified": new Date(turn * 1000).toUTCString() })],
    ["by ETag or not at all", (turn) => (turn % 2 === 0 ? { etag: '"abc"' } : {})],
  ];

  async function cdn(built: BuiltOva, headers: (turn: number) => Record<string, string>): Promise<string> {
    let turn = 0;
    const server = await serve(new Map(), {
      intercept: (request, response) => {
        const [start = 0, end = 0] = (request.headers.range ?? "").match(/\d+/g)?.map(Number) ?? [];
        const part = built.ova.subarray(start, end + 1);
        response.writeHead(206, {
          ...headers(turn++),
          "content-length": part.length,
          "content-range": `bytes ${start}-${start + part.length - 1}/${built.ova.length}`,
        });
        response.end(part);
        return true;
      },
    });
    return `${server.url}/tiny.ova`;
  }

  it.each(MODES)("are read if a manifest vouches: %s", async (_, headers) => {
    const built = large();
    const content = await contentOf(await open(await cdn(built, headers)));
    expect(content.equals(built.files[0]?.content ?? Buffer.alloc(0))).toBe(true);
  });

  it.each(MODES.filter(([mode]) => !mode.includes("weak")))(
    "are refused without a manifest, with the cause: %s",
    async (_, headers) => {
      const read = async () => contentOf(await open(await cdn(large(null), headers)));
      await expect(read()).rejects.toThrow(/under several versions \(ETag or Last-Modified\).*No manifest/);
    },
  );

  it("are one version if only the weakness of the tag differs, and need no manifest", async () => {
    const [, headers] = MODES[1] ?? [];
    if (headers === undefined) throw new Error("There is no such mode.");
    expect((await contentOf(await open(await cdn(large(null), headers)))).length).toBeGreaterThan(500_000);
  });
});

it("a file in chunks ends at its size, also on a server that has a page for every name", async () => {
  const built = buildOva({ files: [diskFile("a.vmdk", { chunkSizeBytes: 100_000 })], manifest: null });
  const files = new Map([...built.entries].map(([name, bytes]) => [`/${name}`, bytes]));
  const server = await serve(files, {
    intercept: (request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      if (files.has(path)) return false;
      if (/\.mf$/i.test(path)) return !!response.writeHead(404).end();
      const page = "<html>Not here</html>";
      return !!response.writeHead(200, { "content-length": page.length }).end(page);
    },
  });
  const content = await contentOf(await open(`${server.url}/tiny.ovf`));
  expect(content.equals(built.files[0]?.content ?? Buffer.alloc(0))).toBe(true);
});

it("a server that has every chunk is not asked for ever", async () => {
  const built = buildOva({
    files: [diskFile("a.vmdk", { chunkSizeBytes: 1000, describedBytes: null })],
    manifest: null,
  });
  const server = await serve(new Map([["/tiny.ovf", Buffer.from(built.descriptor)]]), {
    intercept: (request, response) => {
      if (!/\.\d{9}$/.test(request.url ?? "")) return false;
      return !!response.writeHead(200, { "content-length": 1000 }).end(Buffer.alloc(1000, 1));
    },
  });
  await expect(open(`${server.url}/tiny.ovf`)).rejects.toThrow(/more than 2000 chunks/);
  expect(server.requests.length).toBeLessThan(2100);
});

it("a server that drips is given up, though it is never silent", async () => {
  const built = large();
  const timers: NodeJS.Timeout[] = [];
  cleanup.push(async () => timers.forEach((timer) => void clearInterval(timer)));
  const server = await serve(new Map([["/tiny.ova", built.ova]]), {
    intercept: (request, response) => {
      const [start = 0, end = 0] = (request.headers.range ?? "").match(/\d+/g)?.map(Number) ?? [];
      if (end - start < 200_000) return false;
      response.writeHead(206, {
        "content-length": end - start + 1,
        "content-range": `bytes ${start}-${end}/${built.ova.length}`,
        etag: `"${built.ova.length}"`,
      });
      timers.push(setInterval(() => response.write("x"), 20));
      return true;
    },
  });
  const source = await open(`${server.url}/tiny.ova`, 0.5);
  const error = await contentOf(source).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OvaReadError);
  expect(String(error)).toMatch(/brought \d+ bytes in \d+ s|no answer/);
});

describe("a redirect", () => {
  async function secure(location: string): Promise<string> {
    const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }]);
    const server = createTlsServer({ cert, key }, (_, response) =>
      response.writeHead(302, { location }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.ova`;
  }

  it("from https to http is refused, and nothing is asked for there", async () => {
    const plain = await serve(new Map([["/tiny.ova", large().ova]]));
    const error = await open(await secure(`${plain.url}/tiny.ova?key=secret`)).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(OvaSourceError);
    expect(String(error)).toContain("redirects from https to http://127.0.0.1");
    expect(String(error)).not.toContain("secret");
    expect(plain.requests).toEqual([]);
  });

  it("to something else than a web server is refused", async () => {
    const server = await serve(new Map(), {
      intercept: (_, response) => !!response.writeHead(302, { location: "file:///etc/passwd" }).end(),
    });
    await expect(open(`${server.url}/tiny.ova`)).rejects.toThrow(/no http or https URL/);
  });

  it("to another server does not take the password along", async () => {
    const seen: (string | undefined)[] = [];
    const second = await serve(new Map([["/tiny.ova", large().ova]]), {
      intercept: (request) => {
        seen.push(request.headers.authorization);
        return false;
      },
    });
    const first = await serve(new Map(), {
      intercept: (request, response) => {
        seen.push(request.headers.authorization);
        return !!response.writeHead(307, { location: `${second.url}/tiny.ova` }).end();
      },
    });
    await open(`${first.url.replace("//", "//user:word@")}/tiny.ova`);
    expect(seen.slice(0, 2)).toEqual([`Basic ${btoa("user:word")}`, undefined]);
  });
});

describe("a proxy of the environment", () => {
  it("gets the downloads", async () => {
    const built = large();
    const proxy = await serve(new Map([["/lab/tiny.ova", built.ova]]));
    vi.stubEnv("http_proxy", proxy.url);
    vi.stubEnv("no_proxy", "");
    const content = await contentOf(await open("http://downloads.invalid/lab/tiny.ova"));
    expect(content.equals(built.files[0]?.content ?? Buffer.alloc(0))).toBe(true);
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  it("may be written in capitals and without a scheme", async () => {
    const proxy = await serve(new Map([["/tiny.ova", large().ova]]));
    vi.stubEnv("HTTP_PROXY", proxy.url.replace("http://", ""));
    vi.stubEnv("no_proxy", "");
    await open("http://downloads.invalid/tiny.ova");
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  it("is not asked for what NO_PROXY names", async () => {
    const server = await serve(new Map([["/tiny.ova", large().ova]]));
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("no_proxy", "127.0.0.1");
    await open(`${server.url}/tiny.ova`);
  });

  it("that does not answer is named as what was asked", async () => {
    vi.stubEnv("http_proxy", "http://user:word@127.0.0.1:1");
    vi.stubEnv("no_proxy", "");
    const error = await open("http://downloads.invalid/tiny.ova").catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/through the proxy that the environment names.*ECONNREFUSED/);
    expect(String(error)).not.toContain("word");
  });

  it("that is no URL is refused without its text", async () => {
    vi.stubEnv("https_proxy", "socks5://user:word@host:1");
    const error = await open("http://downloads.invalid/tiny.ova").catch((caught: unknown) => caught);
    expect(String(error)).toContain("https_proxy in the environment is no URL of an http proxy");
    expect(String(error)).not.toContain("word");
  });
});
