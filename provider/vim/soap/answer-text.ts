import { clock } from "../../clock.ts";

/** Limits for an answer, so that a broken or hostile host cannot block or fill the process. */
export interface AnswerLimits {
  /** The most bytes of its body. */
  readonly bytes: number;
  /** The longest time from the first byte of its body to the last, in milliseconds. */
  readonly milliseconds: number;
}

/** An answer exceeded its limits. The message names the limit. */
export class AnswerLimitError extends Error {
  override readonly name = "AnswerLimitError";
}

/** The text of an answer's body. Throws AnswerLimitError, and the connection's own error. */
export async function answerText(
  body: AsyncIterable<Uint8Array>,
  { bytes, milliseconds }: AnswerLimits,
): Promise<string> {
  const deadline = clock.now() + milliseconds;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > bytes) throw new AnswerLimitError(`it is longer than ${Math.round(bytes / 2 ** 20)} MiB`);
    if (clock.now() > deadline) throw new AnswerLimitError(`it took longer than ${milliseconds / 1_000} s`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The beginning of an answer's body, for a message. The rest is dropped. */
export async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= WORDS_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, WORDS_BYTES));
}

const WORDS_BYTES = 16 * 1024;
