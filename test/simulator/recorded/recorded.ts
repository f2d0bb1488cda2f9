import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A request that a client sent, and the HTTP status of its answer. */
export interface Recorded {
  readonly method: string;
  /** `urn:vim25/VERSION` */
  readonly soapAction: string;
  readonly status: number;
  /** The envelope; passwords are `***`, ids that are another each time are in double braces. */
  readonly text: string;
}

/** The committed requests of a client, in the order in which it sent them. */
export function recordedRequests(client: "govc" | "pyvmomi"): Recorded[] {
  const lines = readFileSync(join(import.meta.dirname, `${client}.jsonl`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line): Recorded => JSON.parse(line));
}

/** Ids that no two hosts share: sessions and what belongs to one, UUIDs, datastores, tasks and leases. */
const IDS: readonly (readonly [id: RegExp, stands: string])[] = [
  [/session\[[^\]]*\][\w-]+/g, "{{of a session}}"],
  [/haTask-[^<"]+/g, "{{task}}"],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "{{uuid}}"],
  [/\b[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "{{datastore}}"],
];

/** Without what differs each time, and each kind of request once: the same elements with the same property paths. */
export function recordingOf(requests: readonly Recorded[]): Recorded[] {
  const kinds = new Map<string, Recorded>();
  for (const { method, soapAction, status, text } of requests) {
    let stable = text;
    for (const [id, stands] of IDS) stable = stable.replace(id, stands);
    const kind = stable.replace(
      /<(?!(?:pathSet|prop|type|path)\b)(\w+)((?: [^>]*)?)>[^<]*<\/\1>/g,
      "<$1$2/>",
    );
    if (!kinds.has(kind)) kinds.set(kind, { method, soapAction, status, text: stable });
  }
  return [...kinds.values()];
}
