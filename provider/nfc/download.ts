import type { Dispatcher } from "undici";
import { beginningOf } from "../vim/soap/answer-text.ts";
import { NfcError } from "./nfc-error.ts";
import { refusal, textOfAnswer } from "./refusal.ts";

export interface DownloadOptions {
  /** What is being read, for messages, as `iso/a.iso on esxi1`. */
  readonly what: string;
  /** The file's length in bytes. If the host sends more, the rest is refused. */
  readonly size: number;
  readonly url: URL;
  /** Value of the Cookie header: the session. */
  readonly cookie: string | undefined;
  readonly agent: Dispatcher;
  readonly signal: AbortSignal;
}

/** The bytes of a host's file, as they arrive. Throws NfcError, or the signal's reason. */
export async function* downloadFile(options: DownloadOptions): AsyncGenerator<Uint8Array, void, void> {
  const { what, size, url, cookie, agent, signal } = options;
  try {
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: "GET",
      headers: cookie === undefined ? {} : { cookie },
      signal,
    });
    if (response.statusCode !== 200) {
      throw refusal(what, response.statusCode, textOfAnswer(await beginningOf(response.body)));
    }
    let taken = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      taken += chunk.byteLength;
      if (taken > size)
        throw new NfcError(`The host sends more of ${what} than the ${size} bytes that it says it has.`);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NfcError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NfcError(`Reading ${what} failed: ${why}.`, { cause: error });
  }
}

/** Whether the host offers a file, without reading it. Undefined if the answer does not tell. */
export async function isOffered(
  url: URL,
  { cookie, agent, signal }: Pick<DownloadOptions, "cookie" | "agent" | "signal">,
): Promise<boolean | undefined> {
  try {
    const { statusCode, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: "HEAD",
      headers: cookie === undefined ? {} : { cookie },
      signal,
    });
    await body.dump();
    return statusCode === 200 || (statusCode === 404 ? false : undefined);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
