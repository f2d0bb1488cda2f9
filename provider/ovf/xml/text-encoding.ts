/** An XML declaration with an encoding, in bytes that extend ASCII. */
const DECLARATION = /^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']/;

/**
 * The text of a descriptor, decoded by its byte order mark, or by the encoding that it declares. Tools on Windows write
 * UTF-16, and old ones the encoding of their country. The returned text declares UTF-8, because hosts get UTF-8.
 * @throws Error with the encoding's name, if it is unknown, or the bytes do not fit it
 */
export function decodeXml(bytes: Buffer): string {
  const marked = markedEncoding(bytes);
  const declared = DECLARATION.exec(bytes.toString("latin1", 0, 300))?.[1];
  const text = decode(bytes, marked ?? declared ?? "utf-8");
  return text.replace(DECLARATION, (declaration, encoding: string) =>
    isUtf8(encoding) ? declaration : declaration.replace(encoding, "UTF-8"),
  );
}

/** The text of a file that has nothing but a byte order mark to show its encoding. */
export const decodePlain = (bytes: Buffer): string =>
  new TextDecoder(markedEncoding(bytes) ?? "utf-8").decode(bytes);

/** Undefined without a mark. A `<` in UTF-16 counts as a mark, too. */
function markedEncoding(bytes: Buffer): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return "utf-16be";
  return undefined;
}

function decode(bytes: Buffer, encoding: string): string {
  const called = isUtf8(encoding) ? "UTF-8" : encoding.toUpperCase();
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    const what =
      error instanceof RangeError
        ? `is text in the encoding ${called}, which is not known. Save it as UTF-8`
        : `is not ${called} text`;
    throw new Error(what, { cause: error });
  }
}

const isUtf8 = (encoding: string): boolean => /^utf-?8$/i.test(encoding);
