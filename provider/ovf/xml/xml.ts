import { OvfDescriptorError } from "../descriptor/ovf-descriptor-error.ts";
import { readXmlEvents } from "./xml-events.ts";

/** One element, with its namespace resolved. Only URIs count, not prefixes. */
export interface XmlElement {
  /** URI of the namespace. Empty for none. */
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The element's own text and CDATA. */
  readonly text: string;
}

interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

type Scope = ReadonlyMap<string, string>;

/** Limits far above every real descriptor. Each keeps a small text from taking much memory or time. */
const MAX_DEPTH = 100;
const MAX_ELEMENTS = 100_000;
const MAX_ATTRIBUTES = 1000;
const MAX_DECLARATIONS = 1000;
const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const NONE: readonly never[] = Object.freeze([]);

/** An element that has not ended yet. */
interface Open {
  readonly qname: string;
  readonly attributes: readonly XmlAttribute[];
  readonly scope: Scope;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Parses a whole document once, from its beginning to its end.
 * @param defaultNamespace Namespace of elements without a prefix, if the document declares none. Default: none
 * @throws OvfDescriptorError if it is not well-formed, has a DOCTYPE, refers to an entity that XML itself does not
 * define, or is larger than any descriptor in depth, elements, attributes or namespaces
 */
export function parseXml(xml: string, defaultNamespace = ""): XmlElement {
  return new TreeBuilder(defaultNamespace).read(xml);
}

class TreeBuilder {
  readonly #outermost: Scope;
  readonly #open: Open[] = [];
  #elements = 0;
  #declarations = 0;
  #root: XmlElement | undefined;

  constructor(defaultNamespace: string) {
    this.#outermost = new Map([["", defaultNamespace]]);
  }

  read(xml: string): XmlElement {
    readXmlEvents(xml, MAX_ATTRIBUTES, {
      open: (qname, attributes) => this.#begin(qname, attributes),
      text: (piece) => {
        const element = this.#open.at(-1);
        if (element !== undefined) element.text += piece;
      },
      close: () => this.#end(),
    });
    if (this.#root === undefined) throw new OvfDescriptorError("the descriptor is empty");
    return this.#root;
  }

  #begin(qname: string, written: Readonly<Record<string, string>>): void {
    if (this.#open.length >= MAX_DEPTH) throw tooMuch("nests elements more than", MAX_DEPTH, "deep");
    this.#elements += 1;
    if (this.#elements > MAX_ELEMENTS) throw tooMuch("has more than", MAX_ELEMENTS, "elements");
    const names = Object.keys(written);
    const scope = this.#scopeOf(names, written);
    const own = names.filter((name) => !isDeclaration(name));
    const attributes = own.map((name) => ({ ...qualify(name, scope, true), value: written[name] ?? "" }));
    this.#open.push({
      qname,
      attributes: own.length === 0 ? NONE : attributes,
      scope,
      children: [],
      text: "",
    });
  }

  #scopeOf(names: readonly string[], written: Readonly<Record<string, string>>): Scope {
    const outer = this.#open.at(-1)?.scope ?? this.#outermost;
    const declared = names.filter(isDeclaration);
    if (declared.length === 0) return outer;
    this.#declarations += declared.length;
    if (this.#declarations > MAX_DECLARATIONS) {
      throw tooMuch("declares namespaces more than", MAX_DECLARATIONS, "times");
    }
    const scope = new Map(outer);
    for (const name of declared) scope.set(name.slice("xmlns:".length), written[name] ?? "");
    return scope;
  }

  #end(): void {
    const ended = this.#open.pop();
    if (ended === undefined) return;
    const { qname, attributes, scope, children, text } = ended;
    const element: XmlElement = {
      ...qualify(qname, scope, false),
      attributes,
      children: children.length === 0 ? NONE : children,
      text,
    };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
  }
}

const isDeclaration = (name: string): boolean => name === "xmlns" || name.startsWith("xmlns:");

const tooMuch = (does: string, limit: number, what: string): OvfDescriptorError =>
  new OvfDescriptorError(`the descriptor ${does} ${limit} ${what}: no OVF needs that, so it is refused`);

/** A prefix without a declaration is ignored, as VMware's own tool does. The name is then not one of OVF's. */
function qualify(qname: string, scope: Scope, isAttribute: boolean): { namespace: string; name: string } {
  const colon = qname.indexOf(":");
  if (colon < 0) return { namespace: isAttribute ? "" : (scope.get("") ?? ""), name: qname };
  const prefix = qname.slice(0, colon);
  const declared = prefix === "xml" ? XML_NAMESPACE : scope.get(prefix);
  return { namespace: declared ?? `undeclared prefix ${prefix}`, name: qname.slice(colon + 1) };
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
 * An attribute by namespace and name. The schema qualifies OVF's attributes. Documents written by hand often do not,
 * and an unqualified attribute can mean nothing else.
 */
export function attribute(element: XmlElement, namespace: string, name: string): string | undefined {
  const found =
    element.attributes.find((candidate) => candidate.name === name && candidate.namespace === namespace) ??
    element.attributes.find((candidate) => candidate.name === name && candidate.namespace === "");
  return found?.value;
}

/** Escapes text for an attribute in double quotes, or for content. Line breaks and tabs are kept in both. */
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
