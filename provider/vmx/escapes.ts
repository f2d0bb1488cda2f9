/** A value in the form between the quotes: `"`, `|` and control characters become `|` and two hex digits. */
export function escapeValue(value: string): string {
  return value.replaceAll(
    /["|\u0000-\u001f\u007f]/g,
    (character) => `|${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/**
 * The value of an escaped text. Escapes are bytes, so several in a row may be one character.
 *
 * @param decode Turns bytes in the file's encoding into text.
 */
export function unescapeValue(text: string, decode: (bytes: Uint8Array) => string): string {
  return text.replaceAll(/(?:\|[0-9a-f]{2})+/gi, (run) =>
    decode(Buffer.from(run.replaceAll("|", ""), "hex")),
  );
}
