import { decoderOf, guessEncoding, isAscii, isKnown, isUtf8, UTF8 } from "./encoding.ts";
import { escapeValue, unescapeValue } from "./escapes.ts";
import { readAssignment, type VmxLine } from "./line.ts";
import { VmxError } from "./vmx-error.ts";

const ENCODING = ".encoding";
/** A .vmx file has a few kilobytes. A much larger file is something else. */
const MAX_BYTES = 4 * 1024 * 1024;
const BYTE_ORDER_MARK = "\ufeff";

/**
 * The configuration file of a virtual machine. Keys ignore case, as on hosts. Lines that are not changed keep their
 * order, spelling, comments and bytes.
 */
export class Vmx {
  #lines: VmxLine[];
  readonly #encoding: string;

  constructor(lines: readonly VmxLine[], encoding: string) {
    this.#lines = [...lines];
    this.#encoding = encoding;
  }

  /** The encoding in which the file was read: the one of `.encoding`, or the one that its bytes suggest. */
  get encoding(): string {
    return this.#encoding;
  }

  get lines(): readonly VmxLine[] {
    return this.#lines;
  }

  /** All keys as they are spelled, in the file's order. */
  keys(): string[] {
    return this.#lines.flatMap(({ assignment }) => (assignment ? [assignment.key] : []));
  }

  /** The key's value. If several lines have it, that of the first. Undefined if none has it. */
  get(key: string): string | undefined {
    return this.#lines.find((line) => hasKey(line, key))?.assignment?.value;
  }

  /** True if the value of the key means yes. */
  isTrue(key: string): boolean {
    return /^(true|yes|on|1)$/i.test(this.get(key) ?? "");
  }

  /**
   * Sets the value of a key, in its line if it has one, otherwise at the end. Further lines of the same key are
   * removed.
   */
  set(key: string, value: string): void {
    if (!/^[^\s=#"]+$/.test(key) || !isAscii(key)) {
      throw new VmxError(
        `"${key}" cannot be a key of a .vmx file: it must be ASCII without spaces, =, # and ".`,
      );
    }
    if (sameKey(key, ENCODING) && !isUtf8(value))
      throw new VmxError(`${ENCODING} can only be changed to ${UTF8}.`);
    const index = this.#lines.findIndex((line) => hasKey(line, key));
    const there = this.#lines[index];
    this.#lines = this.#lines.filter(
      (line, position) => position <= index || !hasKey(line, key) || index < 0,
    );
    if (there?.assignment) {
      if (there.assignment.value === value) return;
      this.#lines[index] = assign(there.assignment.key, value, there.end || this.#lineEnd());
    } else {
      this.#endLastLine();
      this.#lines.push(assign(key, value, this.#lineEnd()));
    }
  }

  /** Removes the key. Nothing happens if it is not there. */
  delete(key: string): void {
    this.#lines = this.#lines.filter((line) => !hasKey(line, key));
  }

  /** A copy to change. */
  copy(): Vmx {
    return new Vmx(this.#lines, this.#encoding);
  }

  #lineEnd(): string {
    return this.#lines.find(({ end }) => end !== "")?.end ?? "\n";
  }

  #endLastLine(): void {
    const last = this.#lines.at(-1);
    if (last && last.end === "")
      this.#lines[this.#lines.length - 1] = { ...last, bytes: undefined, end: this.#lineEnd() };
  }
}

/**
 * Reads a .vmx file in the encoding of its own `.encoding`. Lines that are neither assignments nor comments are kept,
 * but have no meaning.
 *
 * @param otherwise Encoding of a file whose own one is not known here, for readers that only want what is in ASCII.
 * @throws VmxError for an unknown encoding, binary data, or more than 4 MiB.
 */
export function parseVmx(bytes: Uint8Array, otherwise?: string): Vmx {
  if (bytes.length > MAX_BYTES)
    throw new VmxError(`The file has ${bytes.length} bytes, too many for a .vmx file.`);
  if (bytes.includes(0)) throw new VmxError("The file has zero bytes, so it is no .vmx file.");
  const raw = splitLines(bytes);
  const named = raw
    .map((line) => readAssignment(Buffer.from(line).toString("latin1")))
    .find((found) => found !== undefined && sameKey(found.key, ENCODING))?.escaped;
  const own = named || guessEncoding(bytes);
  const encoding = otherwise === undefined || isKnown(own) ? own : otherwise;
  const decode = decoderOf(encoding);
  const lines = raw.map((line, index): VmxLine => {
    const whole = decode(line);
    const end = /\r?\n$/.exec(whole)?.[0] ?? "";
    const text = whole.slice(0, whole.length - end.length);
    const found = readAssignment(index === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    const assignment = found && { key: found.key, value: unescapeValue(found.escaped, decode) };
    return { bytes: line, text, end, assignment };
  });
  return new Vmx(lines, encoding);
}

/**
 * The file's bytes. If text that is not ASCII was added to a file in another encoding than UTF-8, the whole file
 * becomes UTF-8, and its `.encoding` says so.
 */
export function formatVmx(vmx: Vmx): Uint8Array {
  const file = vmx.copy();
  const added = vmx.lines.some(({ bytes, text }) => bytes === undefined && !isAscii(text));
  if (added && !isUtf8(vmx.get(ENCODING) ?? "")) file.set(ENCODING, UTF8);
  const recode = !isUtf8(vmx.encoding) && isUtf8(file.get(ENCODING) ?? "");
  return Buffer.concat(
    file.lines.map(({ bytes, text, end }) => (bytes && !recode ? bytes : Buffer.from(text + end, "utf8"))),
  );
}

function assign(key: string, value: string, end: string): VmxLine {
  return { bytes: undefined, text: `${key} = "${escapeValue(value)}"`, end, assignment: { key, value } };
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

const sameKey = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const hasKey = (line: VmxLine, key: string) =>
  line.assignment !== undefined && sameKey(line.assignment.key, key);
