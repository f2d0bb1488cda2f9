import { parseEnvelope } from "../descriptor/ovf-envelope.ts";
import { type AttributePlace, attributesIn, tags } from "../xml/start-tags.ts";
import { escapeXml, type XmlElement } from "../xml/xml.ts";
import type { Edit } from "./edits.ts";

/** Where an element is: its start tag from `start` to `inner`, its end tag from `innerEnd` to `end`. */
interface Place {
  readonly start: number;
  readonly inner: number;
  readonly innerEnd: number;
  readonly end: number;
  readonly isEmpty: boolean;
}

/** A descriptor's text with the places of its elements, so that parts can be changed and the rest stays the same. */
export class OvfDocument {
  readonly xml: string;
  readonly root: XmlElement;
  readonly #places: ReadonlyMap<XmlElement, Place>;
  readonly #lineStarts: readonly number[];

  /** @throws OvfDescriptorError if it is not well-formed XML */
  constructor(xml: string) {
    this.xml = xml;
    this.root = parseEnvelope(xml);
    this.#lineStarts = [0, ...[...xml.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const elements = [...this.elements()];
    this.#places = new Map(
      placesIn(xml).flatMap((place, index): [XmlElement, Place][] => {
        const element = elements[index];
        return element === undefined ? [] : [[element, place]];
      }),
    );
  }

  /** All elements, each before its children. */
  *elements(from: XmlElement = this.root): Generator<XmlElement, void, void> {
    const waiting = [from];
    for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
      yield element;
      waiting.push(...element.children.toReversed());
    }
  }

  /** Counted from 1. */
  line(element: XmlElement): number {
    const { start } = this.#place(element);
    let [first, last] = [0, this.#lineStarts.length];
    while (first < last) {
      const middle = (first + last) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= start) first = middle + 1;
      else last = middle;
    }
    return first;
  }

  /** The element as written. */
  text(element: XmlElement): string {
    const { start, end } = this.#place(element);
    return this.xml.slice(start, end);
  }

  startTag(element: XmlElement): string {
    const { start, inner } = this.#place(element);
    return this.xml.slice(start, inner);
  }

  /** With its colon. Empty if there is no prefix. */
  prefix(element: XmlElement): string {
    const qname = /^<[^\s/>]*/.exec(this.startTag(element))?.[0].slice(1) ?? "";
    return qname.slice(0, qname.indexOf(":") + 1);
  }

  replaceStartTag(element: XmlElement, text: string): Edit[] {
    const { start, inner } = this.#place(element);
    return [{ start, end: inner, text }];
  }

  removeEndTag(element: XmlElement): Edit[] {
    const { innerEnd, end } = this.#place(element);
    return [{ start: innerEnd, end, text: "" }];
  }

  remove(element: XmlElement): Edit[] {
    const { start, end } = this.#place(element);
    return [{ start, end, text: "" }];
  }

  /**
   * Gives an element another name, or other attributes.
   * @param valueFor The new value of an attribute, as written in XML. Undefined removes the attribute.
   * @param added A further attribute, as written in XML.
   */
  retag(
    element: XmlElement,
    qname: string | undefined,
    valueFor: (attribute: AttributePlace) => string | undefined = ({ value }) => value,
    added = "",
  ): Edit[] {
    const { start, inner, innerEnd, end, isEmpty } = this.#place(element);
    const tag = this.startTag(element);
    let attributes = "";
    let taken = tag.search(/[\s/>]/);
    for (const attribute of attributesIn(tag)) {
      const value = valueFor(attribute);
      if (value === attribute.value) continue;
      attributes += tag.slice(taken, attribute.start);
      if (value !== undefined) attributes += ` ${qnameOf(attribute)}="${value}"`;
      taken = attribute.end;
    }
    const name = qname ?? /^<[^\s/>]*/.exec(tag)?.[0].slice(1) ?? "";
    const tagEnd = tag.length - (isEmpty ? 2 : 1);
    const further = added === "" ? "" : ` ${added}`;
    const text = `<${name}${attributes}${tag.slice(taken, tagEnd)}${further}${tag.slice(tagEnd)}`;
    if (text === tag) return [];
    const opening = { start, end: inner, text };
    return isEmpty || qname === undefined
      ? [opening]
      : [opening, { start: innerEnd, end, text: `</${qname}>` }];
  }

  setText(element: XmlElement, text: string): Edit[] {
    const { inner, innerEnd, isEmpty } = this.#place(element);
    if (!isEmpty) return [{ start: inner, end: innerEnd, text: escapeXml(text) }];
    const tag = this.startTag(element);
    const qname = /^<[^\s/>]*/.exec(tag)?.[0].slice(1) ?? "";
    return this.replaceStartTag(element, `${tag.slice(0, -2)}>${escapeXml(text)}</${qname}>`);
  }

  /**
   * Sets an attribute, with whatever prefix it has now. @param written The name with its prefix, and its declaration if
   * needed.
   */
  setAttribute(element: XmlElement, name: string, value: string, written: string): Edit[] {
    const isThere = [...attributesIn(this.startTag(element))].some((attribute) => attribute.name === name);
    const escaped = escapeXml(value);
    return isThere
      ? this.retag(element, undefined, (found) => (found.name === name ? escaped : found.value))
      : this.addAttribute(element, `${written}="${escaped}"`);
  }

  /** @param text The attribute as it must be written. */
  addAttribute(element: XmlElement, text: string): Edit[] {
    return this.retag(element, undefined, undefined, text);
  }

  insertBefore(element: XmlElement, text: string): Edit[] {
    const { start } = this.#place(element);
    return [{ start, end: start, text }];
  }

  insertAfter(element: XmlElement, text: string): Edit[] {
    const { end } = this.#place(element);
    return [{ start: end, end, text }];
  }

  /** At the end of an element's content. */
  append(element: XmlElement, text: string): Edit[] {
    const { innerEnd } = this.#place(element);
    return [{ start: innerEnd, end: innerEnd, text }];
  }

  #place(element: XmlElement): Place {
    const place = this.#places.get(element);
    if (place === undefined) throw new Error(`<${element.name}> is not of this document`);
    return place;
  }
}

/** The places of all elements, in the order of their start tags. */
function placesIn(xml: string): Place[] {
  const places: Place[] = [];
  const open: { readonly index: number; readonly start: number; readonly inner: number }[] = [];
  let count = 0;
  for (const { kind, start, end } of tags(xml)) {
    if (kind === "empty") {
      places[count++] = { start, inner: end, innerEnd: end, end, isEmpty: true };
    } else if (kind === "start") open.push({ index: count++, start, inner: end });
    else {
      const begun = open.pop();
      if (begun !== undefined) {
        const { index, ...rest } = begun;
        places[index] = { ...rest, innerEnd: start, end, isEmpty: false };
      }
    }
  }
  return places;
}

const qnameOf = ({ prefix, name }: AttributePlace): string => (prefix === "" ? name : `${prefix}:${name}`);
