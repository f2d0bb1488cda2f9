/** Where a start tag, or the tag of an empty element, stands in a document. */
interface StartTag {
  /** Without its prefix. */
  readonly name: string;
  readonly start: number;
  /** Behind the `>`. */
  readonly end: number;
}

/** What is no tag although it has angle brackets, by how it begins and ends. */
const OPAQUE: readonly (readonly [begins: string, ends: string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
  ["<!", ">"],
  ["</", ">"],
];

/** The start tags of a well-formed document, in its order; each character is looked at once. */
export function* startTags(xml: string): Generator<StartTag, void, void> {
  for (let start = xml.indexOf("<"); start >= 0; ) {
    const opaque = OPAQUE.find(([begins]) => xml.startsWith(begins, start));
    const end = opaque === undefined ? endOfTag(xml, start) : endOf(xml, opaque[1], start + opaque[0].length);
    if (end === undefined) return;
    if (opaque === undefined) yield { name: nameOf(xml, start + 1), start, end };
    start = xml.indexOf("<", end);
  }
}

function endOf(xml: string, mark: string, from: number): number | undefined {
  const at = xml.indexOf(mark, from);
  return at < 0 ? undefined : at + mark.length;
}

/** Quotes may hold a `>`. */
function endOfTag(xml: string, start: number): number | undefined {
  const next = /[>"']/g;
  for (let at = start; ; ) {
    next.lastIndex = at;
    const found = next.exec(xml)?.[0];
    if (found === undefined) return undefined;
    if (found === ">") return next.lastIndex;
    const closed = endOf(xml, found, next.lastIndex);
    if (closed === undefined) return undefined;
    at = closed;
  }
}

function nameOf(xml: string, start: number): string {
  const name = /[^\s/>]*/y;
  name.lastIndex = start;
  const qname = name.exec(xml)?.[0] ?? "";
  return qname.slice(qname.indexOf(":") + 1);
}
