import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { type UploadOptions, uploadFile } from "../../../provider/nfc/http-upload.ts";
import { NfcError } from "../../../provider/nfc/nfc-error.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

async function startServer(handler: Handler): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer(handler).listen(0, "127.0.0.1");
  server.on("connection", (socket) => sockets.add(socket));
  await once(server, "listening");
  const address = server.address();
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

async function upload(
  origin: string,
  options: Partial<UploadOptions> & Pick<UploadOptions, "body" | "contentLength">,
) {
  const agent = createHostAgent({ origin });
  closing.push(() => agent.destroy());
  await uploadFile({
    what: "disk-0.vmdk to lab1",
    url: new URL(`${origin}/nfc/52ticket/disk-0.vmdk`),
    method: "POST",
    contentType: "application/x-vnd.vmware-streamVmdk",
    agent,
    ...options,
  });
}

async function failure(work: Promise<unknown>): Promise<NfcError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NfcError)) throw new Error(`not an NfcError: ${String(error)}`);
  return error;
}

/** So many chunks; tells whether it was released. */
function source(chunks: number, size = MIB) {
  const state = { given: 0, released: false };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for (; state.given < chunks; state.given++) yield new Uint8Array(size).fill(state.given);
    } finally {
      state.released = true;
    }
  }
  return { state, body: bytes(), contentLength: chunks * size };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

describe("an upload", () => {
  test.each([200, 201])(
    "sends exactly the source's bytes with their length, and %i is success",
    async (status) => {
      let seen: { request: IncomingMessage; bytes: Buffer } | undefined;
      const origin = await startServer(async (request, response) => {
        seen = { request, bytes: await readAll(request) };
        response.writeHead(status).end();
      });
      const counts: number[] = [];
      await upload(origin, {
        ...source(3, 100 * KIB),
        onBytes: (bytes) => counts.push(bytes),
        cookie: "a=b",
      });
      expect(seen?.request.method).toBe("POST");
      expect(seen?.request.url).toBe("/nfc/52ticket/disk-0.vmdk");
      expect(seen?.request.headers).toMatchObject({
        "content-length": String(300 * KIB),
        "content-type": "application/x-vnd.vmware-streamVmdk",
        cookie: "a=b",
      });
      expect(seen?.request.headers).not.toHaveProperty("overwrite");
      expect(seen?.request.headers).not.toHaveProperty("transfer-encoding");
      expect(seen?.bytes).toEqual(Buffer.concat([0, 1, 2].map((fill) => Buffer.alloc(100 * KIB, fill))));
      expect(counts).toEqual([100 * KIB, 100 * KIB, 100 * KIB]);
    },
  );

  test("of a file that the host creates is a PUT that may overwrite", async () => {
    let seen: IncomingMessage | undefined;
    const origin = await startServer(async (request, response) => {
      seen = request;
      await readAll(request);
      response.writeHead(201).end();
    });
    await upload(origin, { ...source(1, 10), method: "PUT", overwrite: true });
    expect([seen?.method, seen?.headers.overwrite]).toEqual(["PUT", "t"]);
  });

  test("of an empty file has length 0", async () => {
    let length: string | undefined;
    const origin = await startServer((request, response) => {
      length = request.headers["content-length"];
      response.writeHead(201).end();
    });
    await upload(origin, { ...source(0) });
    expect(length).toBe("0");
  });

  test("holds a few chunks at most while the host takes none", async () => {
    let resume = () => {};
    const origin = await startServer((request, response) => {
      resume = () => request.resume().on("end", () => response.writeHead(201).end());
    });
    const file = source(64);
    const done = upload(origin, file);
    // What the sockets buffer is a few MiB; the source must come to rest far from its end.
    let before = -1;
    await expect
      .poll(
        () => {
          const still = file.state.given > 0 && file.state.given === before;
          before = file.state.given;
          return still;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(file.state.given).toBeLessThan(20);
    resume();
    await done;
    expect(file.state.given).toBe(64);
  });
});

describe("a refusal", () => {
  const cases: [number, string, RegExp][] = [
    [404, "", /HTTP 404\. The transfer is over at the host/],
    [405, "Method not allowed", /HTTP 405: "Method not allowed"\. The host wants the other method/],
    [
      500,
      "<html><style>x{}</style><b>Not a supported disk format</b> (invalid)",
      /500: "Not a supported disk format \(invalid\)"/,
    ],
    [503, "", /busy/],
    [302, "", /HTTP 302\.$/],
  ];
  test.each(cases)(
    "with %i is an NfcError with the host's words %j and advice",
    async (status, text, message) => {
      const origin = await startServer(async (request, response) => {
        await readAll(request);
        response.writeHead(status).end(text);
      });
      const error = await failure(upload(origin, source(2)));
      expect(error.status).toBe(status);
      expect(error.message).toMatch(/^The host refused disk-0.vmdk to lab1 with HTTP/);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain("52ticket");
    },
  );

  test("before the last byte ends the upload, and the source is released", async () => {
    const origin = await startServer((_request, response) => {
      response.writeHead(500).end("No space left on device");
    });
    const file = source(1_000);
    const error = await failure(upload(origin, file));
    expect(error.message).toMatch(/No space left on device|failed after .* of 1048.6 MB/);
    expect(file.state.given).toBeLessThan(1_000);
    await expect.poll(() => file.state.released).toBe(true);
  });

  test("that says success before the last byte is not believed", async () => {
    const origin = await startServer((_request, response) => {
      response.writeHead(201).end();
    });
    await failure(upload(origin, source(1_000)));
  });
});

describe("a broken connection", () => {
  test("says how far the upload had come", async () => {
    const origin = await startServer((request) => {
      let received = 0;
      request.on("data", (part: Buffer) => {
        received += part.length;
        if (received > 5 * MIB) request.destroy();
      });
      request.on("error", () => {});
    });
    const file = source(100);
    const error = await failure(upload(origin, file));
    expect(error.message).toMatch(/Sending disk-0.vmdk to lab1 failed after [\d.]+ of 104.9 MB: /);
    await expect.poll(() => file.state.released).toBe(true);
  });

  test("that never came about says so", async () => {
    const origin = await startServer(() => {});
    await closing.pop()?.();
    const error = await failure(upload(origin, source(1)));
    expect(error.message).toContain("ECONNREFUSED");
  });
});

describe("a source", () => {
  test.each([
    ["shorter", 1, "only 3145728"],
    ["longer", -1, "more"],
  ])(
    "that is %s than announced is an error, and the host gets no complete file",
    async (_what, off, words) => {
      let complete = false;
      const origin = await startServer((request, response) => {
        request.resume();
        request.on("end", () => {
          complete = request.complete;
          response.writeHead(201).end();
        });
        request.on("error", () => {});
      });
      const file = source(3);
      const error = await failure(upload(origin, { ...file, contentLength: file.contentLength + off }));
      expect(error.message).toContain(
        `${file.contentLength + off} bytes were announced, but the source holds ${words}`,
      );
      expect(complete).toBe(false);
    },
  );

  test("that fails ends the request, and its error is the one thrown", async () => {
    let closed = false;
    const origin = await startServer((request) => {
      request.resume().on("error", () => {});
      request.on("close", () => (closed = !request.complete));
    });
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(MIB);
      throw new Error("the digest does not match");
    }
    const work = upload(origin, { body: bytes(), contentLength: 2 * MIB });
    await expect(work).rejects.toThrow("the digest does not match");
    await expect.poll(() => closed).toBe(true);
  });

  test.each([
    ["whose last bytes came with some before", [MIB, 10]],
    ["of one chunk", [10]],
  ])("%s and that fails when the host has answered already is not taken as sent", async (_what, sizes) => {
    let answered = () => {};
    const answer = new Promise<void>((resolve) => (answered = resolve));
    const origin = await startServer(async (request, response) => {
      await readAll(request);
      response.writeHead(201).end(answered);
    });
    async function* bytes(): AsyncGenerator<Uint8Array> {
      for (const size of sizes) yield new Uint8Array(size);
      await answer;
      await sleep(100);
      throw new Error("the digest does not match");
    }
    const contentLength = sizes.reduce((sum, size) => sum + size, 0);
    await expect(upload(origin, { body: bytes(), contentLength })).rejects.toThrow(
      "the digest does not match",
    );
  });

  test("that pauses longer than the host may is waited for", async () => {
    const origin = await startServer(async (request, response) => {
      await readAll(request);
      response.writeHead(201).end();
    });
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      await sleep(400);
      yield new Uint8Array(10);
    }
    await upload(origin, { body: bytes(), contentLength: 20, inactivityTimeoutMs: 100 });
  });

  test("while this machine sleeps is waited for", async () => {
    const origin = await startServer(async (request, response) => {
      await readAll(request);
      // Nothing in this process goes on meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      await sleep(20);
      response.writeHead(200).end();
    });
    await upload(origin, { ...source(1), inactivityTimeoutMs: 200 });
  });
});

describe("a host that stands still", () => {
  test("while it should take data is given up", async () => {
    const origin = await startServer(() => {});
    const file = source(1_000);
    const error = await failure(upload(origin, { ...file, inactivityTimeoutMs: 200 }));
    expect(error.message).toMatch(/the host stopped taking data after .* of 1048.6 MB for 0.2 s/);
    await expect.poll(() => file.state.released).toBe(true);
  });

  test("while it should answer is given up", async () => {
    const origin = await startServer((request) => request.resume());
    const error = await failure(upload(origin, { ...source(1), inactivityTimeoutMs: 200 }));
    expect(error.message).toContain("the host has not answered for 0.2 s");
  });
});

describe("an abort", () => {
  test("in mid-upload ends the request with the signal's reason and releases the source", async () => {
    const stop = new AbortController();
    let closed = false;
    const origin = await startServer((request) => {
      request.once("data", () => stop.abort(new Error("cancelled by the test")));
      request.on("error", () => {}).on("close", () => (closed = true));
    });
    const file = source(1_000);
    await expect(upload(origin, { ...file, signal: stop.signal })).rejects.toThrow("cancelled by the test");
    await expect.poll(() => closed && file.state.released).toBe(true);
  });

  test("before the upload sends nothing", async () => {
    let requests = 0;
    const origin = await startServer(() => requests++);
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(upload(origin, { ...source(1), signal })).rejects.toThrow("too late");
    expect(requests).toBe(0);
  });
});
