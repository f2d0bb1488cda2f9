import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { beginningOf } from "../vim/soap/answer-text.ts";
import { CertificateError } from "../vim/tls/certificate-error.ts";
import { NfcError } from "./nfc-error.ts";
import { refusal, textOfAnswer } from "./refusal.ts";
import { UploadSource } from "./upload-source.ts";

export interface UploadOptions {
  /** What is being sent, for messages, as `disk-0.vmdk to esxi1`. */
  readonly what: string;
  /** The target. resolveDeviceUrl makes it of a lease's URL. */
  readonly url: URL;
  /** `POST` for a disk, `PUT` for a file that the host must create (`fileItem.create`). */
  readonly method: "POST" | "PUT";
  readonly body: AsyncIterable<Uint8Array>;
  /** Exact length of the body, in bytes. */
  readonly contentLength: number;
  /** `application/x-vnd.vmware-streamVmdk` for a disk. */
  readonly contentType: string;
  /** Sends `Overwrite: t`, for PUT. Default false. */
  readonly overwrite?: boolean | undefined;
  /** Value of the Cookie header, if the target needs the session. */
  readonly cookie?: string | undefined;
  readonly agent: Dispatcher;
  readonly signal?: AbortSignal | undefined;
  /** Gets the number of bytes of each chunk once the connection has taken it. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** The longest time in which the host may take no byte, or not answer after the last one, in ms. Default 300,000. */
  readonly inactivityTimeoutMs?: number | undefined;
}

/**
 * Sends one file in one request, as fast as the connection takes it, with a few chunks in memory at most. Throws
 * NfcError, the body's own error, CertificateError, or the signal's reason.
 */
export async function uploadFile(options: UploadOptions): Promise<void> {
  const { signal, what, url } = options;
  signal?.throwIfAborted();
  const source = new UploadSource(options);
  try {
    const response = await options.agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: options.method,
      headers: {
        "content-type": options.contentType,
        "content-length": String(options.contentLength),
        ...(options.overwrite ? { overwrite: "t" } : {}),
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      },
      body: Readable.from(source.chunks, { highWaterMark: 1 }),
      // A slow disk of the host is no reason to give up. The source notices a connection that stands still.
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: signal ? AbortSignal.any([signal, source.stalled]) : source.stalled,
    });
    const text = textOfAnswer(await beginningOf(response.body));
    if (response.statusCode !== 200 && response.statusCode !== 201)
      throw refusal(what, response.statusCode, text);
    await source.requireSent();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NfcError || error instanceof CertificateError) throw error;
    throw source.failure ?? broken(what, source.progress, error);
  } finally {
    source.close();
  }
}

function broken(what: string, progress: string, error: unknown): NfcError {
  const why = error instanceof Error ? error.message : String(error);
  return new NfcError(
    `Sending ${what} failed after ${progress}: ${why}. A host also closes the connection when it refuses a file or ` +
      "its datastore is full.",
    { cause: error },
  );
}
