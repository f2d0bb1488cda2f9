import { SaxesParser } from "saxes";

export type Attributes = Readonly<Record<string, string>>;

/** Receives one element of a document while it is parsed. */
export interface ElementReader {
  /** Receives a child element of that local name. Without a reader, the child is skipped with its content. */
  child?(name: string, attributes: Attributes): ElementReader | undefined;
  /** A piece of the element's own text. There may be several. */
  text?(piece: string): void;
  /** The element has ended. */
  end?(): void;
}

/** This side cannot read the text. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

/** This is no valid XML, but its meaning is clear. A guest may have written it into its own machine's settings. */
const FORGIVABLE = /^(disallowed character|malformed character entity)\.$/;

/**
 * Reads a document in one pass, without a tree in memory, because an answer may be megabytes long.
 * @param document Receives the root element as its child.
 * @throws XmlError if it is not well-formed, or declares a document type, which SOAP forbids.
 */
export function readXml(text: string, document: ElementReader): void {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const around: (ElementReader | undefined)[] = [];
  let reader: ElementReader | undefined = document;
  const takeText = (piece: string) => reader?.text?.(piece);
  parser.on("opentag", ({ name, attributes }) => {
    around.push(reader);
    reader = reader?.child?.(name.slice(name.indexOf(":") + 1), attributes);
  });
  parser.on("closetag", () => {
    reader?.end?.();
    reader = around.pop();
  });
  parser.on("text", takeText);
  parser.on("cdata", takeText);
  // Without document types there is no entity to expand.
  parser.on("doctype", () => {
    throw new XmlError("the answer has a document type declaration");
  });
  parser.on("error", ({ message }) => {
    if (!FORGIVABLE.test(message)) throw new XmlError(`the answer is not well-formed XML (${message})`);
  });
  parser.write(text).close();
}

/** `xsi:type` without its prefix, whatever prefix the host uses for that namespace. */
export function schemaType(attributes: Attributes): string | undefined {
  const value = instanceAttribute(attributes, ":type");
  return value?.slice(value.indexOf(":") + 1);
}

/** True for `xsi:nil="true"`. */
export function isNil(attributes: Attributes): boolean {
  return instanceAttribute(attributes, ":nil") === "true";
}

function instanceAttribute(attributes: Attributes, ending: string): string | undefined {
  for (const name in attributes) if (name.endsWith(ending)) return attributes[name];
  return undefined;
}
