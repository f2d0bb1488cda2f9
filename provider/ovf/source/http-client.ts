import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { clock } from "../../clock.ts";
import { OvaReadError } from "./ova-read-error.ts";
import { OvaSourceError } from "./ova-source-error.ts";
import { webProxies } from "./web-proxy.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** A server must send this much within {@link SLOWEST_TIMEOUTS} times the request time-out. */
const SLOWEST_BYTES = 64 * 1024;
const SLOWEST_TIMEOUTS = 3;

/** The URL in a form that may be shown. A password before the host, or a signature in the query, is a secret. */
export function displayUrl(location: string): string {
  if (!URL.canParse(location)) {
    const [shown = ""] = location.split(/[?#]/);
    const at = shown.lastIndexOf("@");
    return at < 0 ? shown : `${shown.slice(0, shown.indexOf("//") + 2)}${shown.slice(at + 1)}`;
  }
  const url = new URL(location);
  return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

/** A part of a URL without its escapes. People also write a percent sign as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A URL without its user and password, and the header with them. No header if it has no user. */
export function splitCredentials(location: string): {
  readonly url: string;
  readonly authorization: string | undefined;
} {
  const url = new URL(location);
  if (url.username === "") return { url: url.href, authorization: undefined };
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = "";
  url.password = "";
  return { url: url.href, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** One answer of a web server. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the request without reading the rest. */
  abandon(): void;
}

/** Requests to one file of one web server, with limits. The errors say what the server said. */
export class HttpClient {
  readonly label: string;
  readonly #url: string;
  readonly #authorization: string | undefined;
  readonly #timeoutMs: number;
  readonly #dispatcher: Dispatcher;
  readonly #way: string;

  constructor(location: string, requestTimeoutSeconds: number) {
    if (!URL.canParse(location)) throw new OvaSourceError(displayUrl(location), "is not a valid URL");
    this.label = displayUrl(location);
    const { url, authorization } = splitCredentials(location);
    this.#authorization = authorization;
    this.#url = url;
    this.#timeoutMs = requestTimeoutSeconds * 1000;
    const limits = {
      connect: { timeout: this.#timeoutMs },
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
    };
    const proxies = this.#proxies();
    this.#way = proxies === undefined ? "" : " (through the proxy that the environment names)";
    this.#dispatcher =
      proxies === undefined
        ? new Agent(limits)
        : new EnvHttpProxyAgent({
            ...limits,
            httpProxy: proxies.http ?? "",
            httpsProxy: proxies.https ?? "",
            // A proxy need not allow tunnels to plain web servers.
            proxyTunnel: false,
          });
  }

  #proxies() {
    try {
      return webProxies();
    } catch (error) {
      throw new OvaSourceError(this.label, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param limited whether the whole answer must arrive within the request time-out, and not only its beginning */
  async get(
    range: string | undefined,
    signal: AbortSignal | undefined,
    limited: boolean,
  ): Promise<HttpAnswer> {
    const own = new AbortController();
    const signals = [own.signal];
    if (signal !== undefined) signals.push(signal);
    if (limited) signals.push(AbortSignal.timeout(this.#timeoutMs));
    try {
      const answer = await this.#followed(range, AbortSignal.any(signals));
      // A body that is abandoned reports an error, and nobody would handle it.
      answer.body.on("error", () => undefined);
      const encoding = answer.headers["content-encoding"];
      if (encoding !== undefined && encoding !== "identity") {
        own.abort();
        throw new OvaSourceError(
          this.label,
          `the web server encodes the file as ${String(encoding)} though asked not to; download it and use the local file`,
        );
      }
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: this.#explained(answer.body, signal),
        abandon: () => own.abort(),
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof OvaSourceError ? error : this.#unreachable(error);
    }
  }

  /** Follows redirects of the server, but never from TLS to a plain connection. */
  async #followed(range: string | undefined, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const first = new URL(this.#url);
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const isSameServer = url.origin === first.origin;
      const answer = await request(url, {
        dispatcher: this.#dispatcher,
        signal,
        headers: {
          // An encoding that the server chooses would change the bytes, so offsets and digests would not fit.
          "accept-encoding": "identity",
          ...(range === undefined ? {} : { range }),
          ...(this.#authorization !== undefined && isSameServer
            ? { authorization: this.#authorization }
            : {}),
        },
      });
      const target = answer.headers.location;
      if (!REDIRECTS.includes(answer.statusCode) || typeof target !== "string") return answer;
      // A body that is ended reports an error, and nobody would handle it.
      answer.body.on("error", () => undefined).destroy();
      if (redirects === MAX_REDIRECTS) {
        throw new OvaSourceError(this.label, `the web server redirects more than ${MAX_REDIRECTS} times`);
      }
      url = this.#redirected(url, target);
    }
  }

  #redirected(from: URL, target: string): URL {
    const url = URL.canParse(target, from.href) ? new URL(target, from) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
      throw new OvaSourceError(this.label, "the web server redirects to what is no http or https URL");
    }
    if (from.protocol === "https:" && url.protocol === "http:") {
      throw new OvaSourceError(
        this.label,
        `the web server redirects from https to ${displayUrl(url.href)}, where anybody on the way could change the ` +
          "file; use a server that stays with https, or download the file",
      );
    }
    return url;
  }

  expectSuccess(status: number): void {
    if (status === 200 || status === 206) return;
    if (status >= 500 || status === 408 || status === 429) {
      throw new OvaReadError(this.label, `the web server answered ${status}; try again later`);
    }
    const hint =
      status === 404 || status === 410
        ? "there is no such file"
        : status === 401 || status === 403
          ? "it wants a login, or refuses this one"
          : "check the URL";
    throw new OvaSourceError(this.label, `the web server answered ${status}: ${hint}`);
  }

  /** Reads `lengthBytes` bytes of an answer after skipping `skipBytes`, then abandons the rest. */
  async collect(answer: HttpAnswer, skipBytes: number, lengthBytes: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let got = 0;
    for await (const part of slice(answer.body, skipBytes, lengthBytes)) {
      parts.push(part);
      got += part.byteLength;
    }
    answer.abandon();
    if (got < lengthBytes) throw this.short();
    return Buffer.concat(parts);
  }

  short(): OvaReadError {
    return new OvaReadError(this.label, "the web server ended the transfer early");
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async *#explained(
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    let waited = 0;
    let brought = 0;
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const asked = clock.now();
        const { value: chunk, done } = await chunks.next();
        if (done === true) return;
        // Only the server's time counts, not that of the reader.
        waited += clock.now() - asked;
        brought += chunk.byteLength;
        if (brought >= SLOWEST_BYTES) [waited, brought] = [0, 0];
        else if (waited > this.#timeoutMs * SLOWEST_TIMEOUTS) {
          throw new Error(`it brought ${brought} bytes in ${Math.round(waited / 1000)} s`);
        }
        yield chunk;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unreachable(error);
    } finally {
      await chunks.return?.();
    }
  }

  #unreachable(error: unknown): OvaReadError {
    const timedOut = error instanceof Error && /timeout/i.test(`${error.name} ${error.message}`);
    const reason = timedOut
      ? `no answer within ${this.#timeoutMs / 1000} s`
      : error instanceof Error
        ? error.message || error.name
        : String(error);
    return new OvaReadError(this.label, `the web server cannot be read${this.#way}: ${reason}`, {
      cause: error,
    });
  }
}

/** The part of a body that follows the first `skipBytes`, with `lengthBytes` bytes. Fewer if the body ends before. */
export async function* slice(
  body: AsyncIterable<Uint8Array>,
  skipBytes: number,
  lengthBytes: number,
): AsyncGenerator<Uint8Array> {
  let skip = skipBytes;
  let left = lengthBytes;
  if (left === 0) return;
  for await (const chunk of body) {
    const start = Math.min(skip, chunk.byteLength);
    skip -= start;
    const part = chunk.subarray(start, start + left);
    left -= part.byteLength;
    if (part.byteLength > 0) yield part;
    if (left === 0) return;
  }
}
