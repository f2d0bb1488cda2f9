import { XMLParser } from "../../xml-library.ts";
import { referenceIn, type WithoutRepeats, withoutRepeats } from "./repeats.ts";

/** One element, as the parser has it: what is in it under its local name, its attributes as `@name` under `:@`. */
export interface XmlNode {
  readonly [key: string]: Content | Attributes | string | undefined;
}
type Content = readonly XmlNode[];
type Attributes = Readonly<Record<string, string>>;

const TEXT = "#text";
const ATTRIBUTES = ":@";
const NO_ATTRIBUTES: Attributes = {};

/** The text is not what this side can read. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

const parser = new XMLParser({
  // Its other form is made from this one, in half as much time again.
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Brings the numeric character references; the named ones of HTML come with it and hosts do not send them.
  htmlEntities: true,
  // No callback here wants to know where in the document it is; spelling that out would double the time.
  jPath: false,
  transformTagName: (name) => name.slice(name.indexOf(":") + 1),
});

/** Parses a document and returns a node that has the root element as its child. Throws XmlError. */
export function parseXml(text: string): XmlNode {
  // SOAP forbids document types, and without them there is no entity to expand.
  if (/<!DOCTYPE/i.test(text.slice(0, 1_000)))
    throw new XmlError("the answer has a document type declaration");
  try {
    const short = withoutRepeats(text);
    return { "": short ? parseShort(short) : parser.parse(text) };
  } catch (error) {
    throw new XmlError(error instanceof Error ? error.message : String(error));
  }
}

/** As if the document had been parsed as it was, but what it says again and again is there once. */
function parseShort({ text, elements }: WithoutRepeats): Content {
  const [root]: XmlNode[] = parser.parse(`<elements>${elements.join("")}</elements>`);
  const parsed = (root?.elements ?? []) as XmlNode[];
  const content: XmlNode[] = parser.parse(text);
  for (const nodes of [parsed, content]) putBack(nodes, parsed);
  return content;
}

/** Puts the elements in the places of the references to them. */
function putBack(nodes: XmlNode[], elements: readonly XmlNode[]): void {
  for (const [index, node] of nodes.entries()) {
    const name = nameOf(node);
    const number = referenceIn(name);
    const element = number === undefined ? undefined : elements[number];
    if (element) nodes[index] = element;
    else if (name !== TEXT) putBack(node[name] as XmlNode[], elements);
  }
}

/** The child elements of that name, in document order. */
export function childNodes(node: XmlNode, name: string): readonly XmlNode[] {
  return contentOf(node).filter((child) => child[name] !== undefined);
}

/** The first child element of that name. */
export function childNode(node: XmlNode, name: string): XmlNode | undefined {
  return contentOf(node).find((child) => child[name] !== undefined);
}

/** The child elements, in document order. */
export function children(node: XmlNode): readonly XmlNode[] {
  return contentOf(node).filter((child) => child[TEXT] === undefined);
}

/** The element's local name. */
export function nameOf(node: XmlNode): string {
  for (const key in node) return key;
  return "";
}

export function textOf(node: XmlNode): string {
  let text = "";
  for (const { [TEXT]: part } of contentOf(node)) if (typeof part === "string") text += part;
  return text;
}

/** The value of the unqualified attribute. */
export function attribute(node: XmlNode, name: string): string | undefined {
  return attributesOf(node)[`@${name}`];
}

/** `xsi:type` without its prefix, whatever prefix the host uses for the schema instance namespace. */
export function schemaType(node: XmlNode): string | undefined {
  const attributes = attributesOf(node);
  for (const key in attributes) {
    if (!key.endsWith(":type")) continue;
    const value = attributes[key] ?? "";
    return value.slice(value.indexOf(":") + 1);
  }
  return undefined;
}

/** True for `xsi:nil="true"`. */
export function isNil(node: XmlNode): boolean {
  const attributes = attributesOf(node);
  for (const key in attributes) if (key.endsWith(":nil") && attributes[key] === "true") return true;
  return false;
}

function contentOf(node: XmlNode): Content {
  const content = node[nameOf(node)];
  return Array.isArray(content) ? content : [];
}

function attributesOf(node: XmlNode): Attributes {
  return (node[ATTRIBUTES] as Attributes | undefined) ?? NO_ATTRIBUTES;
}

// XML 1.0 has no way to write these, not even as a character reference.
const UNWRITABLE =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** The first character that no XML document can carry, as `U+0007`, or undefined. */
export function unwritableCharacter(text: string): string | undefined {
  const found = UNWRITABLE.exec(text);
  if (!found) return undefined;
  return `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser turns a literal carriage return into a line feed.
  "\r": "&#13;",
};

/** Escapes text for an element or a double-quoted attribute. */
export function escapeXml(text: string): string {
  return /[&<>"\r]/.test(text)
    ? text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character)
    : text;
}
