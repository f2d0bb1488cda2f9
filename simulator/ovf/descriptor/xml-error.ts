/** Thrown for text that is not well-formed XML, or that uses what no descriptor may use: a DTD or unknown entities. */
export class XmlError extends Error {
  /** The place, counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = "XmlError";
    this.line = line;
  }
}
