/** One line of a .vmx file. Bytes that nobody changes are written back as they were read. */
export interface VmxLine {
  /** The line with its end. Undefined if it was changed or added. */
  readonly bytes: Uint8Array | undefined;
  /** The same as text, without its end. */
  readonly text: string;
  /** `\n`, `\r\n`, or nothing at the end of the file. */
  readonly end: string;
  /** For an assignment. */
  readonly assignment: Assignment | undefined;
}

interface Assignment {
  readonly key: string;
  readonly value: string;
}

/** The text before the value. */
const KEY = /^\s*([^\s=#"]+)\s*=\s*/;

/**
 * The key and the still escaped value of a line: `key = "value"`, with or without spaces and quotes, and with or
 * without a comment behind it. Undefined for comments, blank lines and other lines.
 */
export function readAssignment(text: string): { key: string; escaped: string } | undefined {
  const [before = "", key] = KEY.exec(text) ?? [];
  if (key === undefined) return undefined;
  return { key, escaped: unquoted(text.slice(before.length)) };
}

function unquoted(rest: string): string {
  if (!rest.startsWith('"')) return upTo(rest, rest.indexOf("#")).trimEnd();
  const close = rest.indexOf('"', 1);
  // Without a second quote, the value is the whole text, which begins with a quote.
  if (/^\s*(#|$)/.test(rest.slice(close + 1))) return rest.slice(1, close);
  // Quotes within quotes, or a quote without an end: the value ends at the line's last quote.
  const odd = rest.slice(1).trimEnd();
  return odd.endsWith('"') ? odd.slice(0, -1) : odd;
}

const upTo = (text: string, end: number): string => (end < 0 ? text : text.slice(0, end));
