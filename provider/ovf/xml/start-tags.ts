/** Where a tag is in a document. */
interface Tag {
  readonly kind: "start" | "end" | "empty";
  /** Without its prefix. */
  readonly name: string;
  readonly start: number;
  /** The place behind the `>`. */
  readonly end: number;
}

/** Where an attribute is in a start tag, with the space before it. */
export interface AttributePlace {
  /** Without its prefix. */
  readonly name: string;
  readonly prefix: string;
  /** As written, between the quotes. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Pieces with angle brackets that are no tags, by their beginning and end. */
const OPAQUE: readonly (readonly [begins: string, ends: string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
  ["<!", ">"],
];

/** The tags of a well-formed document, in order. Each character is read once. */
export function* tags(xml: string): Generator<Tag, void, void> {
  for (let start = xml.indexOf("<"); start >= 0; ) {
    const opaque = OPAQUE.find(([begins]) => xml.startsWith(begins, start));
    const end = opaque === undefined ? endOfTag(xml, start) : endOf(xml, opaque[1], start + opaque[0].length);
    if (end === undefined) return;
    if (opaque === undefined) {
      const isEnd = xml.startsWith("</", start);
      const kind = isEnd ? "end" : xml.startsWith("/>", end - 2) ? "empty" : "start";
      yield { kind, name: nameOf(xml, start + (isEnd ? 2 : 1)), start, end };
    }
    start = xml.indexOf("<", end);
  }
}

/** The start tags of a well-formed document, and the tags of its empty elements. */
export function* startTags(xml: string): Generator<Tag, void, void> {
  for (const tag of tags(xml)) if (tag.kind !== "end") yield tag;
}

/** The attributes of one start tag, from `<` to `>`. */
export function* attributesIn(tag: string): Generator<AttributePlace, void, void> {
  const attribute = /\s+(?:([^\s=/>"':]+):)?([^\s=/>"':]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  for (attribute.lastIndex = tag.search(/[\s/>]/); ; ) {
    const start = attribute.lastIndex;
    const found = attribute.exec(tag);
    if (found === null) return;
    const [, prefix = "", name = "", quoted, single = ""] = found;
    yield { name, prefix, value: quoted ?? single, start, end: attribute.lastIndex };
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
