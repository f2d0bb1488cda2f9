/** Key of the owner mark among a VM's advanced settings. */
export const OWNER_MARK_KEY = "pulumi-esxi-direct.owner";

/**
 * Says on the VM itself who made it. It is written in the call that makes the VM. By it a create that was interrupted
 * finds its own VM and goes on. A VM without it, or with another one, is never touched.
 */
export interface OwnerMark {
  /** Version of this structure. */
  readonly schema: 1;
  readonly urn: string;
  /** Digest of those inputs that only a new VM can change. */
  readonly digest: string;
  /** `creating` until the create has done everything. From `created` on, the VM belongs to Pulumi's state alone. */
  readonly phase: "creating" | "created";
  /** Digest of the session that works on the VM. It tells a dead process from one that is still at work. */
  readonly session: string;
  /** How many disks are copied into its folder before they are attached. True, from earlier releases, means some. */
  readonly copies?: number | true | undefined;
  /**
   * A file in its folder. `creating` counts only while that file is there. A machine that was made over SSH has it,
   * because only files can be changed there while the machine runs.
   */
  readonly flag?: string;
}

export function formatOwnerMark(mark: OwnerMark): string {
  return JSON.stringify(mark);
}

/** The mark in that text. Undefined if this release does not understand it. */
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

/** True if resource, inputs and process are the same. The rest of a mark says how the machine was made. */
export const isOfSameCreate = (there: OwnerMark | undefined, mark: OwnerMark): boolean =>
  (["urn", "digest", "phase", "session"] as const).every((key) => there?.[key] === mark[key]);
