import { TextDecoder } from "node:util";
import { VmxError } from "./vmx-error.ts";

export const UTF8 = "UTF-8";
/** The encoding of a file that names none and is not UTF-8. Old Windows products wrote such files. */
export const WITHOUT_NAME = "windows-1252";

/** Decodes text in the encoding of that name, as `.encoding` spells it. */
export function decoderOf(encoding: string): (bytes: Uint8Array) => string {
  if (!isKnown(encoding))
    throw new VmxError(`The encoding "${encoding}" that .encoding names is not known here.`);
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

export function isKnown(encoding: string): boolean {
  try {
    new TextDecoder(encoding);
    return true;
  } catch {
    return false;
  }
}

/** The encoding of a file that does not name one. */
export function guessEncoding(bytes: Uint8Array): string {
  try {
    new TextDecoder(UTF8, { fatal: true }).decode(bytes);
    return UTF8;
  } catch {
    return WITHOUT_NAME;
  }
}

export const isUtf8 = (encoding: string): boolean => /^utf-?8$/i.test(encoding);

/** True if the text has the same bytes in every encoding that a .vmx file may have. */
export const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);
