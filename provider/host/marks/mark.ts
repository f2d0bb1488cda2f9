import type { EsxiHost } from "../esxi-host.ts";
import { ownSession } from "../vm/unfinished/session-owner.ts";

/**
 * Says who made something that has no advanced settings of its own: a file, a folder, a network, a pool. It is a small
 * file on a datastore, because a host without vCenter stores foreign data nowhere else.
 */
export interface Mark {
  /** Version of this structure. */
  readonly schema: 1;
  readonly urn: string;
  /** Hardware UUID of the host. A datastore may be shared with another host, or come from one. */
  readonly host: string;
  /**
   * The thing that has the mark, as `[datastore1] iso/a.iso`. A mark that was copied along with a folder names another
   * thing.
   */
  readonly of: string;
  /** Digest of the session that wrote it, to tell a dead process from one that is still at work. */
  readonly session: string;
  /** Tells the thing from another one with the same name: its settings, or its identity if it has one. */
  readonly state: MarkState;
}

export type MarkState = Readonly<Record<string, unknown>>;

/** A mark of this run. */
export async function newMark(host: EsxiHost, urn: string, of: string, state: MarkState = {}): Promise<Mark> {
  const [{ hostUuid }, session] = await Promise.all([host.facts(), ownSession(host)]);
  return { schema: 1, urn, host: hostUuid, of, session, state };
}

export const formatMark = (mark: Mark): string => `${JSON.stringify(mark)}\n`;

/** The mark in that text. Undefined if this release does not understand it, or if it is of another thing or host. */
export function parseMark(text: string, { host, of }: Pick<Mark, "host" | "of">): Mark | undefined {
  try {
    const mark: unknown = JSON.parse(text);
    return isMark(mark) && mark.host === host && mark.of === of ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isMark(mark: unknown): mark is Mark {
  const { schema, urn, host, of, session, state } = Object(mark) as Record<string, unknown>;
  return (
    schema === 1 &&
    [urn, host, of, session].every((value) => typeof value === "string") &&
    typeof state === "object" &&
    state !== null
  );
}
