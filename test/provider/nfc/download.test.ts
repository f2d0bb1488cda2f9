/** Reading a host's files: no byte too many, every refusal with the host's words, and what is not told is not guessed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type DownloadOptions, downloadFile, isOffered } from "../../../provider/nfc/download.ts";
import { NfcError } from "../../../provider/nfc/nfc-error.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";
import { serveFiles } from "../../support/file-server.ts";

const BYTES = Buffer.from("the bytes of a file");
const STOP = new Error("^C");
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A host with one file, and what is asked of it. */
async function hostWith(answer?: (response: ServerResponse) => void) {
  const asked: (readonly [
    method: string | undefined,
    url: string | undefined,
    cookie: string | undefined,
  ])[] = [];
  const intercept = ({ method, url, headers }: IncomingMessage, response: ServerResponse) => {
    asked.push([method, url, headers.cookie]);
    answer?.(response);
    return answer !== undefined;
  };
  const server = await serveFiles(new Map([["/folder/a b", BYTES]]), { intercept });
  const agent = createHostAgent({ origin: server.url });
  closing.push(
    () => server.close(),
    () => agent.destroy(),
  );
  const url = new URL(`${server.url}/folder/a%20b?dsName=one`);
  const usual = { what: "a b on esxi1", size: BYTES.length, url, cookie: "a=b", agent };
  const options = (more: Partial<DownloadOptions> = {}): DownloadOptions => ({
    ...usual,
    signal: new AbortController().signal,
    ...more,
  });
  const read = async (more: Partial<DownloadOptions> = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of downloadFile(options(more))) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const refused = (more: Partial<DownloadOptions> = {}): Promise<unknown> =>
    read(more).then(
      () => undefined,
      (error: unknown) => error,
    );
  return { asked, options, read, refused, server };
}

describe("a file that is read", () => {
  test("comes as it is, asked for by its whole address in the session, or without one", async () => {
    const { asked, read } = await hostWith();
    expect(await read()).toEqual(BYTES);
    expect(await read({ cookie: undefined })).toEqual(BYTES);
    expect(asked).toEqual([
      ["GET", "/folder/a%20b?dsName=one", "a=b"],
      ["GET", "/folder/a%20b?dsName=one", undefined],
    ]);
  });

  test("may not be longer than the host has said", async () => {
    const { refused } = await hostWith();
    const error = await refused({ size: BYTES.length - 1 });
    expect(error).toBeInstanceOf(NfcError);
    expect(error).toMatchObject({
      message: "The host sends more of a b on esxi1 than the 18 bytes that it says it has.",
    });
  });

  test.each([404, 500, 206])("that is answered with %i is refused with the host's words", async (status) => {
    const { refused } = await hostWith((response) => response.writeHead(status).end("<b>not</b> now"));
    expect(await refused()).toMatchObject({ name: "NfcError", status, hostText: "not now" });
  });

  test("that breaks off is an error which says so", async () => {
    const { refused } = await hostWith((response) => {
      response.writeHead(200, { "content-length": "99" });
      response.write("some", () => response.destroy());
    });
    expect(await refused({ size: 99 })).toMatchObject({
      name: "NfcError",
      status: undefined,
      message: expect.stringMatching(/^Reading a b on esxi1 failed: ./),
    });
  });

  test("is not read on by a run that is stopped, which says why", async () => {
    const run = new AbortController();
    const { refused } = await hostWith((response) => {
      response.writeHead(200, { "content-length": "99" }).write("some", () => run.abort(STOP));
    });
    expect(await refused({ size: 99, signal: run.signal })).toBe(STOP);
    const refusing = await hostWith((response) => response.writeHead(500).end(() => run.abort(STOP)));
    expect(await refusing.refused({ signal: run.signal })).toBe(STOP);
  });
});

describe("whether a file is there", () => {
  test.each([
    [200, true],
    [404, false],
    [401, undefined],
    [500, undefined],
    [204, undefined],
  ])("answered with %i is %s", async (status, known) => {
    const { asked, options } = await hostWith((response) => response.writeHead(status).end());
    const { url, ...more } = options();
    expect(await isOffered(url, more)).toBe(known);
    expect(await isOffered(url, { ...more, cookie: undefined })).toBe(known);
    expect(asked).toEqual([
      ["HEAD", "/folder/a%20b?dsName=one", "a=b"],
      ["HEAD", "/folder/a%20b?dsName=one", undefined],
    ]);
  });

  test("is not known of a host that does not answer, and not asked by a run that is stopped", async () => {
    const { options, server } = await hostWith();
    const { url, ...more } = options();
    await expect(isOffered(url, { ...more, signal: AbortSignal.abort(STOP) })).rejects.toBe(STOP);
    await server.close();
    expect(await isOffered(url, more)).toBeUndefined();
  });
});
