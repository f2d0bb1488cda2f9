import { OvfDescriptorError } from "./ovf-descriptor-error.ts";
import { XMLParser, XMLValidator } from "./xml-library.ts";

/** One element, with its namespace resolved: prefixes mean nothing, URIs do. */
export interface XmlElement {
  /** URI of the namespace; "" for none. */
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The element's own text and CDATA, as written. */
  readonly text: string;
}

interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

const TEXT = "#text";
const CDATA = "#cdata";
const ATTRIBUTES = ":@";
const MAX_DEPTH = 100;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // References are resolved below: the five of XML and character numbers, and nothing that a document defines itself.
  processEntities: false,
  cdataPropName: CDATA,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

/**
 * Parses a whole document.
 * @throws OvfDescriptorError if it is not well-formed, has a DOCTYPE, or refers to an entity that XML itself does not define
 */
export function parseXml(xml: string): XmlElement {
  if (hasMarkupDeclaration(xml)) {
    throw new OvfDescriptorError(
      "the descriptor has a DOCTYPE, which can define entities that expand without end; " +
        "an OVF descriptor needs none: remove it",
    );
  }
  const validity = XMLValidator.validate(xml);
  if (validity !== true) {
    const { msg, line, col } = validity.err;
    throw new OvfDescriptorError(
      `the descriptor is not well-formed XML: line ${line}, column ${col ?? 1}: ${msg}`,
    );
  }
  let nodes: unknown;
  try {
    nodes = parser.parse(xml);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OvfDescriptorError(`the descriptor cannot be parsed as XML: ${reason}`, { cause: error });
  }
  const roots = childNodes(nodes).flatMap((node) => toElement(node, new Map()) ?? []);
  const root = roots[0];
  if (root === undefined) throw new OvfDescriptorError("the descriptor is empty");
  if (roots.length > 1) throw new OvfDescriptorError("the descriptor has more than one root element");
  return root;
}

/** Whether there is a `<!DOCTYPE` or `<!ENTITY` outside comments and CDATA. */
function hasMarkupDeclaration(xml: string): boolean {
  let at = xml.indexOf("<!");
  while (at >= 0) {
    const end = xml.startsWith("<!--", at) ? "-->" : xml.startsWith("<![CDATA[", at) ? "]]>" : undefined;
    if (end === undefined) return true;
    const closed = xml.indexOf(end, at + 4);
    if (closed < 0) return false;
    at = xml.indexOf("<!", closed);
  }
  return false;
}

/** The children of that name in that namespace. */
export function childrenNamed(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return parent.children.filter((child) => child.namespace === namespace && child.name === name);
}

/** The first child of that name in that namespace. */
export function childNamed(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  return parent.children.find((child) => child.namespace === namespace && child.name === name);
}

/**
 * An attribute by namespace and name. The schema qualifies OVF's attributes; documents written by hand often do not,
 * and an unqualified attribute can mean nothing else.
 */
export function attribute(element: XmlElement, namespace: string, name: string): string | undefined {
  const found =
    element.attributes.find((candidate) => candidate.name === name && candidate.namespace === namespace) ??
    element.attributes.find((candidate) => candidate.name === name && candidate.namespace === "");
  return found?.value;
}

/** Escapes text for an attribute in double quotes or for content; line breaks and tabs survive both. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\t\n\r]/g, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      case "'":
        return "&apos;";
      default:
        return `&#${character.charCodeAt(0)};`;
    }
  });
}

function toElement(
  node: Record<string, unknown>,
  scope: ReadonlyMap<string, string>,
): XmlElement | undefined {
  const tag = Object.keys(node).find((key) => key !== ATTRIBUTES);
  if (tag === undefined || tag === TEXT || tag === CDATA) return undefined;
  const raw = Object.entries(isRecord(node[ATTRIBUTES]) ? node[ATTRIBUTES] : {});
  const inner = new Map(scope);
  for (const [key, value] of raw) {
    if (key === "xmlns") inner.set("", resolveReferences(String(value)));
    else if (key.startsWith("xmlns:"))
      inner.set(key.slice("xmlns:".length), resolveReferences(String(value)));
  }
  const content = childNodes(node[tag]);
  const attributes = raw
    .filter(([key]) => key !== "xmlns" && !key.startsWith("xmlns:"))
    .map(([key, value]) => ({
      ...qualify(key, inner, true),
      // XML turns line breaks and tabs of an attribute into spaces unless they are written as references.
      value: resolveReferences(String(value).replace(/\r\n|[\t\n\r]/g, " ")),
    }));
  return {
    ...qualify(tag, inner, false),
    attributes,
    children: content.flatMap((child) => toElement(child, inner) ?? []),
    text: content.map(ownText).join(""),
  };
}

function ownText(node: Record<string, unknown>): string {
  if (TEXT in node) return resolveReferences(String(node[TEXT]));
  if (CDATA in node) {
    return childNodes(node[CDATA])
      .map((child) => String(child[TEXT] ?? ""))
      .join("");
  }
  return "";
}

function qualify(
  qname: string,
  scope: ReadonlyMap<string, string>,
  isAttribute: boolean,
): { namespace: string; name: string } {
  const colon = qname.indexOf(":");
  if (colon < 0) return { namespace: isAttribute ? "" : (scope.get("") ?? ""), name: qname };
  const prefix = qname.slice(0, colon);
  const namespace = prefix === "xml" ? "http://www.w3.org/XML/1998/namespace" : scope.get(prefix);
  if (namespace === undefined) {
    throw new OvfDescriptorError(
      `the descriptor uses the XML prefix ${prefix} (${qname}) without declaring it`,
    );
  }
  return { namespace, name: qname.slice(colon + 1) };
}

const PREDEFINED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function resolveReferences(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&\s]*);?/g, (whole, reference: string) => {
    const predefined = PREDEFINED[reference];
    if (whole.endsWith(";") && predefined !== undefined) return predefined;
    const number = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))$/.exec(reference);
    const code =
      number === null ? Number.NaN : Number.parseInt(number[1] ?? number[2] ?? "", number[1] ? 16 : 10);
    if (whole.endsWith(";") && code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    throw new OvfDescriptorError(
      `the descriptor refers to ${whole.slice(0, 40)}, which XML itself does not define; own entities are refused`,
    );
  });
}

function childNodes(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
