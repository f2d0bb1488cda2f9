import { UnsafeNameError } from "./unsafe-name-error.ts";

/**
 * Checks the name of an archive entry or an href, and returns it without a leading `./` and with composed letters:
 * macOS writes `é` as two characters, most descriptors as one.
 * @throws UnsafeNameError if the name is empty or absolute, or has `..`, a scheme, a drive letter, a backslash, a NUL
 * or another control character
 */
export function safeName(name: string): string {
  const refuse = (why: string): never => {
    throw new UnsafeNameError(`the name ${JSON.stringify(name)} ${why}`);
  };
  if (name === "") refuse("is empty");
  if (/[\u0000-\u001f\u007f]/.test(name)) refuse("has control characters");
  if (name.includes("\\")) refuse("has a backslash");
  if (name.startsWith("/")) refuse("is absolute and so leaves the archive");
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name)) refuse("is a URL and so leaves the archive");
  if (/^[A-Za-z]:/.test(name)) refuse("has a drive letter and so leaves the archive");
  const segments = name.split("/").filter((segment) => segment !== "." && segment !== "");
  if (segments.includes("..")) refuse('has ".." and so leaves the archive');
  if (segments.length === 0) refuse("is empty");
  return segments.join("/").normalize("NFC");
}

/**
 * The names that an href of the descriptor may mean, in the order to try them: as written, and then with
 * percent-encoding decoded. An href is a URI, but not every tool encodes it.
 * @throws UnsafeNameError if one of them is not safe
 */
export function namesOfHref(href: string): readonly string[] {
  const asWritten = safeName(href);
  let decoded = href;
  try {
    decoded = decodeURIComponent(href);
  } catch {
    // A lone "%" is part of the name.
  }
  const asDecoded = safeName(decoded);
  return asWritten === asDecoded ? [asWritten] : [asWritten, asDecoded];
}
