/** XML with namespaces and line numbers, from fast-xml-parser's tree in document order. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { XmlError } from "./xml-error.ts";

interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** An element with its prefix resolved. */
export interface XmlElement {
  /** Empty for none. */
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The text directly inside, without that of children. */
  readonly text: string;
  /** The line of its start tag, counted from 1. */
  readonly line: number;
}

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
/** The namespace of a prefix without a declaration. */
export const UNDECLARED = "undeclared";
const ATTRIBUTES = ":@";
const TEXT = "#text";
const CDATA = "#cdata";
const METADATA = XMLParser.getMetaDataSymbol();
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  captureMetaData: true,
  cdataPropName: CDATA,
});

type Namespaces = ReadonlyMap<string, string>;

/**
 * @param defaultNamespace namespace of elements without a prefix, if the text declares none
 * @throws XmlError if the text is not one well-formed element.
 */
export function parseXml(text: string, defaultNamespace = ""): XmlElement {
  const doctype = text.indexOf("<!DOCTYPE");
  if (doctype >= 0) throw new XmlError(lineAt(text, doctype), "Document type declarations are not allowed");
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new XmlError(valid.err.line, valid.err.msg);
  const roots = readNodes(parseTree(text)).filter(({ tag }) => !tag.startsWith("?") && tag !== TEXT);
  const [root, second] = roots;
  if (root === undefined) throw new XmlError(1, "Start tag expected");
  if (second !== undefined)
    throw new XmlError(lineOf(text, second), "Extra content at the end of the document");
  const outermost = new Map([
    ["xml", XML_NAMESPACE],
    ["", defaultNamespace],
  ]);
  return toElement(text, root, outermost);
}

function parseTree(text: string): unknown {
  try {
    return parser.parse(text);
  } catch (cause) {
    throw new XmlError(1, cause instanceof Error ? cause.message : String(cause));
  }
}

interface Node {
  readonly tag: string;
  readonly content: unknown;
  readonly attributes: ReadonlyMap<string, string>;
  readonly start: number;
}

function readNodes(tree: unknown): Node[] {
  if (!Array.isArray(tree)) return [];
  return tree.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const entries = Object.entries(item);
    const [tag, content] = entries.find(([key]) => key !== ATTRIBUTES) ?? [];
    if (tag === undefined) return [];
    const attributes = entries.find(([key]) => key === ATTRIBUTES)?.[1] ?? {};
    return [{ tag, content, attributes: new Map(Object.entries(attributes)), start: startOf(item) }];
  });
}

function startOf(item: object): number {
  const metadata: unknown = Object.getOwnPropertySymbols(item)
    .filter((symbol) => symbol === METADATA)
    .map((symbol) => Reflect.get(item, symbol))[0];
  const start =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "startIndex") : undefined;
  return typeof start === "number" ? start : 0;
}

function toElement(text: string, node: Node, outer: Namespaces): XmlElement {
  const line = lineOf(text, node);
  const scope = new Map(outer);
  for (const [name, value] of node.attributes) {
    if (name === "xmlns") scope.set("", value);
    else if (name.startsWith("xmlns:")) scope.set(name.slice("xmlns:".length), value);
  }
  const attributes = [...node.attributes]
    .filter(([name]) => name !== "xmlns" && !name.startsWith("xmlns:"))
    .map(([name, value]) => ({
      ...resolveAttribute(name, scope),
      value: decode(value, line),
    }));
  const children: XmlElement[] = [];
  let inner = "";
  for (const child of readNodes(node.content)) {
    if (child.tag === TEXT) inner += decode(String(child.content), line);
    else if (child.tag === CDATA)
      inner += readNodes(child.content)
        .map(({ content }) => String(content))
        .join("");
    else if (!child.tag.startsWith("?")) children.push(toElement(text, child, scope));
  }
  return { ...resolve(node.tag, scope), attributes, children, text: inner, line };
}

/**
 * An element with an undeclared prefix is not one of OVF's. VMware's own tool accepts such descriptors and ignores it.
 */
function resolve(qualified: string, scope: Namespaces): { namespace: string; name: string } {
  const colon = qualified.indexOf(":");
  const prefix = qualified.slice(0, Math.max(0, colon));
  const namespace = scope.get(prefix) ?? (prefix === "" ? "" : UNDECLARED);
  return { namespace, name: qualified.slice(colon + 1) };
}

function resolveAttribute(qualified: string, scope: Namespaces): { namespace: string; name: string } {
  return qualified.includes(":") ? resolve(qualified, scope) : { namespace: "", name: qualified };
}

function decode(text: string, line: number): string {
  return text.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const point = code ? Number.parseInt(code[1] ?? code[2] ?? "", code[1] ? 16 : 10) : Number.NaN;
    const decoded = point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ENTITIES[name];
    if (decoded === undefined || !whole.endsWith(";"))
      throw new XmlError(line, `Entity '${whole}' is not defined`);
    return decoded;
  });
}

function lineOf(text: string, node: Node): number {
  return lineAt(text, node.start);
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
