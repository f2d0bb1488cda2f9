/**
 * XML as hostd reads it: a tree of elements with resolved namespaces. Only the five standard entities and numbers are
 * known.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";

export interface XmlElement {
  /** Local name. */
  readonly name: string;
  readonly namespace: string | undefined;
  /** Attributes by local name, without those that declare namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The value of xsi:type, if any, without its prefix. */
  readonly xsiType: string | undefined;
  readonly children: readonly XmlElement[];
  /** Character data directly inside, with decoded entities. */
  readonly text: string;
}

/** Thrown when the text is not well-formed XML. The message says what is wrong and in which line. */
export class XmlError extends Error {
  override name = "XmlError";
}

const XSI = "http://www.w3.org/2001/XMLSchema-instance";
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: "#cdata",
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/**
 * The root element of a document.
 *
 * @throws XmlError if the text is not well-formed or has a document type.
 */
export function parseXml(text: string): XmlElement {
  if (text.trim() === "") throw new XmlError("no element found");
  if (/<!DOCTYPE/i.test(text)) throw new XmlError("document type declarations are not accepted");
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new XmlError(`not well-formed (${valid.err.msg}) at line ${valid.err.line}`);
  const nodes: unknown = parser.parse(text);
  const roots = childElements(nodes, new Map());
  const root = roots[0];
  if (root === undefined || roots.length !== 1) throw new XmlError("no element found");
  return root;
}

/** Character data or an attribute value, escaped. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xd;",
};
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    const known = ENTITIES[name];
    if (known === undefined) throw new XmlError(`undefined entity ${whole}`);
    return known;
  });
}

type Scope = ReadonlyMap<string, string>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function childElements(nodes: unknown, scope: Scope): XmlElement[] {
  const found: XmlElement[] = [];
  for (const node of Array.isArray(nodes) ? nodes : []) {
    if (!isRecord(node)) continue;
    const tag = Object.keys(node).find((key) => key !== ":@" && key !== "#text" && key !== "#cdata");
    if (tag !== undefined && !tag.startsWith("?")) found.push(element(tag, node, scope));
  }
  return found;
}

function element(tag: string, node: Record<string, unknown>, outer: Scope): XmlElement {
  const raw = isRecord(node[":@"]) ? node[":@"] : {};
  const scope = new Map(outer);
  for (const [key, value] of Object.entries(raw)) {
    if (key === "xmlns") scope.set("", decodeEntities(String(value)));
    else if (key.startsWith("xmlns:")) scope.set(key.slice(6), decodeEntities(String(value)));
  }
  const attributes = new Map<string, string>();
  let xsiType: string | undefined;
  for (const [key, value] of Object.entries(raw)) {
    if (key === "xmlns" || key.startsWith("xmlns:")) continue;
    const [prefix, local] = split(key);
    const text = decodeEntities(String(value));
    if (local === "type" && prefix !== "" && scope.get(prefix) === XSI) xsiType = split(text)[1];
    else attributes.set(local, text);
  }
  const [prefix, name] = split(tag);
  if (prefix !== "" && !scope.has(prefix)) throw new XmlError(`unbound prefix ${prefix}`);
  const content = node[tag];
  return {
    name,
    namespace: scope.get(prefix),
    attributes,
    xsiType,
    children: childElements(content, scope),
    text: textOf(content),
  };
}

function textOf(content: unknown): string {
  let text = "";
  for (const node of Array.isArray(content) ? content : []) {
    if (!isRecord(node)) continue;
    if (typeof node["#text"] === "string") text += decodeEntities(node["#text"]);
    else if (Array.isArray(node["#cdata"])) for (const part of node["#cdata"]) text += rawText(part);
  }
  return text;
}

function rawText(node: unknown): string {
  return isRecord(node) && typeof node["#text"] === "string" ? node["#text"] : "";
}

function split(name: string): [prefix: string, local: string] {
  const colon = name.indexOf(":");
  return colon < 0 ? ["", name] : [name.slice(0, colon), name.slice(colon + 1)];
}
