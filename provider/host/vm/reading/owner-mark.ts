/** Key of the owner mark among a VM's advanced settings. */
export const OWNER_MARK_KEY = "pulumi-esxi-direct.owner";

/**
 * Says on the VM itself who made it, written in the call that makes the VM. A create that was interrupted finds its
 * own VM by it and goes on; a VM without it, or with another one, is never touched.
 */
export interface OwnerMark {
  /** Version of this structure. */
  readonly schema: 1;
  readonly urn: string;
  /** Digest of those inputs that only a new VM can change. */
  readonly digest: string;
  /** `creating` until the create has done everything; from `created` on the VM belongs to Pulumi's state alone. */
  readonly phase: "creating" | "created";
  /** Digest of the session that works on it, to tell a dead process from one that is still at work. */
  readonly session: string;
  /** How many disks are copied into its folder before they are attached to it; true, from earlier releases: some. */
  readonly copies?: number | true | undefined;
  /**
   * A file in its folder: `creating` counts for as long as that is there. A machine that was made over SSH has it,
   * because nothing but files can be changed there while it runs.
   */
  readonly flag?: string;
}

export function formatOwnerMark(mark: OwnerMark): string {
  return JSON.stringify(mark);
}

/** The mark in that text; undefined if it is none that this release understands. */
export function parseOwnerMark(text: string | undefined): OwnerMark | undefined {
  if (text === undefined) return undefined;
  try {
    const mark: unknown = JSON.parse(text);
    return isOwnerMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isOwnerMark(mark: unknown): mark is OwnerMark {
  if (typeof mark !== "object" || mark === null) return false;
  const { schema, urn, digest, phase, session, flag } = mark as Record<string, unknown>;
  return (
    schema === 1 &&
    [urn, digest, session].every((value) => typeof value === "string") &&
    (phase === "creating" || phase === "created") &&
    (flag === undefined || isFileName(flag))
  );
}

/** A name in the machine's own folder, and no way out of it. */
const isFileName = (name: unknown): boolean =>
  typeof name === "string" && /^[^/\\]+$/.test(name) && name !== "." && name !== "..";

/** The same resource, inputs and process; how a machine was made adds to its mark. */
export const isOfSameCreate = (there: OwnerMark | undefined, mark: OwnerMark): boolean =>
  (["urn", "digest", "phase", "session"] as const).every((key) => there?.[key] === mark[key]);
