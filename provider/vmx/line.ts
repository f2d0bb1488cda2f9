/** One line of a .vmx file. Bytes that nobody changes are written back as they were read. */
export interface VmxLine {
  /** The line with its end; undefined for one that was changed or added. */
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

/** `key = "value"`, with or without spaces and quotes, and a comment behind it. */
const QUOTED = /^\s*([^\s=#"]+)\s*=\s*"([^"]*)"\s*(?:#.*)?$/;
/** Quotes within quotes, or a quote that nobody closes: the value ends where the line's last quote does. */
const ODD = /^\s*([^\s=#"]+)\s*=\s*"(.*?)"?\s*$/s;
const BARE = /^\s*([^\s=#"]+)\s*=\s*([^\s"#][^#]*?|)\s*(?:#.*)?$/;

/** The key and the still escaped value of a line; undefined for comments, blank lines and what is neither. */
export function readAssignment(text: string): { key: string; escaped: string } | undefined {
  const match = QUOTED.exec(text) ?? BARE.exec(text) ?? ODD.exec(text);
  const [, key, escaped] = match ?? [];
  return key === undefined || escaped === undefined ? undefined : { key, escaped };
}
