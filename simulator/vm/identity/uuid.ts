/** UUIDs of VMs. */
import { randomBytes } from "node:crypto";

/** A UUID that begins like VMware's: 564d for a BIOS, 52 for an instance. */
export function generateUuid(prefix: string): string {
  const hex = prefix + randomBytes(16).toString("hex").slice(prefix.length);
  return formatUuid(hex) ?? "";
}

/** Lower case with hyphens. Undefined if the text is no UUID. */
export function formatUuid(text: string): string | undefined {
  const hex = text.replace(/[\s{}-]/g, "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** In the form of a `.vmx`: `56 4d 1a … -…`. */
export function vmxUuid(uuid: string): string {
  const bytes = uuid.replaceAll("-", "").match(/../g) ?? [];
  return `${bytes.slice(0, 8).join(" ")}-${bytes.slice(8).join(" ")}`;
}
