/** The input and output of a command. */

import type { TaskRule } from "../task/tasks.ts";

/** Takes output. Throws BrokenPipe when nobody reads it any more. */
export type Sink = (data: Uint8Array | string) => void | Promise<void>;

export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** How a test changes the task that the command starts on the host. */
  readonly taskRule?: TaskRule | undefined;
}

/** The reader of the output is gone. A process that writes is ended by that. */
export class BrokenPipe extends Error {
  constructor() {
    super("Broken pipe");
    this.name = "BrokenPipe";
  }
}

export async function* noInput(): AsyncGenerator<Uint8Array> {}

export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "utf8") : data;
}
