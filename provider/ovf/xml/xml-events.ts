import { SaxesParser } from "saxes";
import { OvfDescriptorError } from "../descriptor/ovf-descriptor-error.ts";

/** Receives a document piece by piece, in order. */
interface XmlEvents {
  open(qname: string, attributes: Readonly<Record<string, string>>): void;
  /** Text with resolved references, or CDATA. */
  text(piece: string): void;
  close(): void;
}

/**
 * Reads a document strictly.
 * @param maxAttributes of one element
 * @throws OvfDescriptorError if it is not well-formed, or declares a document type
 */
export function readXmlEvents(xml: string, maxAttributes: number, events: XmlEvents): void {
  const parser = new SaxesParser({ xmlns: false, position: true });
  let attributes = 0;
  parser.on("error", ({ message }) => {
    const { line, column, position } = parser;
    const problem = problemAt(xml, position, message.replace(/^\d+:\d+: /, "").replace(/\.$/, ""));
    throw new OvfDescriptorError(
      `the descriptor is not well-formed XML: line ${line}, column ${column + 1}: ${problem}`,
    );
  });
  parser.on("doctype", () => {
    throw new OvfDescriptorError(
      "the descriptor has a DOCTYPE, which can define entities that expand without end; " +
        "an OVF descriptor needs none: remove it",
    );
  });
  parser.on("opentagstart", () => {
    attributes = 0;
  });
  parser.on("attribute", () => {
    attributes += 1;
    if (attributes > maxAttributes) {
      throw new OvfDescriptorError(
        `the descriptor has an element with more than ${maxAttributes} attributes: no OVF needs that, so it is refused`,
      );
    }
  });
  parser.on("opentag", ({ name, attributes: all }) => events.open(name, all));
  parser.on("text", (piece) => events.text(piece));
  parser.on("cdata", (piece) => events.text(piece));
  parser.on("closetag", () => events.close());
  parser.write(xml).close();
}

/** The parser's message. If it is about an entity, with the entity's name, which says what to remove. */
function problemAt(xml: string, position: number, words: string): string {
  if (words.includes("entity")) {
    const start = xml.lastIndexOf("&", position - 1);
    const entity = JSON.stringify(xml.slice(start, Math.min(position, start + 40)));
    return `it refers to ${entity}, which XML itself does not define, and own entities are refused`;
  }
  if (words.startsWith("disallowed character")) {
    const code = xml.codePointAt(position - 1) ?? 0;
    return `${words} U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  return words;
}
