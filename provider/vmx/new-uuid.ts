import { randomBytes } from "node:crypto";

/**
 * A UUID for `vc.uuid`, in the form of these files: `52 1c …-…`. Not every host makes one when a file is registered.
 */
export const newInstanceUuid = (): string => newUuid("52");

/** A UUID for `uuid.bios`: `56 4d …-…`. */
export const newBiosUuid = (): string => newUuid("564d");

/** @param beginning The first byte or bytes of VMware's UUIDs of that kind. */
function newUuid(beginning: string): string {
  const hex = beginning + randomBytes(16).toString("hex").slice(beginning.length);
  const bytes = hex.match(/../g) ?? [];
  return `${bytes.slice(0, 8).join(" ")}-${bytes.slice(8).join(" ")}`;
}
