/** Writes each SOAP request to a file, one JSON object a line, so that real clients' requests can become tests. */
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** Elements whose text may be a secret: passwords, and the values of OVF properties and guest variables. */
const SECRET = /<((?:\w+:)?(?:password|sessionID|token))(\s[^>]*)?>[\s\S]*?<\/\1>/g;
const PROPERTY_VALUE =
  /(<(?:\w+:)?propertyMapping\b[\s\S]*?<(?:\w+:)?value\b[^>]*>)[\s\S]*?(<\/(?:\w+:)?value>)/g;
/** Advanced settings of a machine or the host. The guest's data is among them, and nobody knows which are secrets. */
const ADVANCED = /<((?:\w+:)?(?:extraConfig|changedValue))\b[\s\S]*?<\/\1>/g;
const VALUE = /(<(?:\w+:)?value\b[^>]*>)[\s\S]*?(<\/(?:\w+:)?value>)/g;

function redact(text: string): string {
  return text
    .replace(SECRET, "<$1$2>***</$1>")
    .replace(PROPERTY_VALUE, "$1***$2")
    .replace(ADVANCED, (settings) => settings.replace(VALUE, "$1***$2"));
}

export class Recorder {
  readonly #file: string | undefined;
  /** Stays open until the end: to open the file for each request takes longer than to write. */
  #stream: WriteStream | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  record(request: {
    method: string;
    soapAction: string | undefined;
    userAgent: string;
    text: string;
    status: number;
  }): void {
    const file = this.#file;
    if (file === undefined) return;
    const line = JSON.stringify({ ...request, text: redact(request.text) });
    this.#stream ??= createWriteStream(file, { flags: "a" });
    this.#stream.write(`${line}\n`);
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    await finished(stream.end());
  }
}
