/** Names of VMs: `%`, `/` and `\` are stored as escapes. The limit of 80 characters counts the escapes. */
import { VimFault } from "../../soap/fault.ts";

const MAX_LENGTH = 80;

/**
 * The name as the host keeps it: `/` as `%2f`, `\` as `%5c`, and `%` as `%25` unless it starts such an escape.
 *
 * @throws VimFault InvalidName for an empty or too long name
 */
export function storedName(name: string): string {
  const escaped = escapedName(name);
  if (name.trim() === "" || [...escaped].length > MAX_LENGTH) {
    throw new VimFault("InvalidName", `The name '${name}' is invalid.`, { name });
  }
  return escaped;
}

/** `/` as `%2f`, `\` as `%5c`, and `%` as `%25` unless it starts such an escape. */
export function escapedName(name: string): string {
  return name
    .replace(/%(?!25|2f|5c)/gi, "%25")
    .replaceAll("/", "%2f")
    .replaceAll("\\", "%5c");
}

/** The name for people. */
function plainName(stored: string): string {
  return stored.replace(/%(25|2f|5c)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The folder and base name for the files of a VM of that name. */
export function fileBaseName(stored: string): string {
  return plainName(stored)
    .replace(/[%/\\:*?"<>|\x00-\x1f]/g, "_")
    .replace(/^\.+/, "_");
}

export function duplicateName(name: string, object: { type: string; value: string }): VimFault {
  return new VimFault("DuplicateName", `The name '${name}' already exists.`, { name, object });
}
