import { isDatastorePath } from "../../datastore/datastore-path.ts";

/** Key of {@link MoveMark} among a machine's advanced settings. */
export const MOVE_KEY = "pulumi-esxi-direct.move";

/**
 * Says on a machine that it is being moved, or was moved. After a killed run it tells which of two machines with one
 * identity counts, and what is left of the other. Both have it, because the new .vmx file is a copy of the old one.
 */
export interface MoveMark {
  /** Version of this structure. */
  readonly schema: 1;
  /** The .vmx file that the machine is moved away from, as a datastore path. */
  readonly from: string;
  /** The .vmx file that it gets. */
  readonly to: string;
  /**
   * Name of a folder beside the new .vmx file. It is made before everything else. While it is there, everything else
   * belongs to this move.
   */
  readonly flag: string;
  /**
   * `copying`: the old machine counts. `leaving`: the new one counts, and the old one must go. `done`: only the new
   * one is left.
   */
  readonly phase: "copying" | "leaving" | "done";
  /** Whether the machine ran before, and was shut down to be moved. */
  readonly ran: boolean;
  /** Whether `uuid.action` was set for the move. It is taken out once the machine has been powered on. */
  readonly keepsUuid: boolean;
}

const PHASES: readonly unknown[] = ["copying", "leaving", "done"];

/**
 * What the flag's name may be. It is checked because everybody who can change a machine's settings could name any
 * folder.
 */
const FLAG = /^pulumi-esxi-direct-moves-[0-9a-f]{16}$/;

/** The name of a new move's flag. @param token 16 hexadecimal digits that no other move has. */
export const flagName = (token: string): string => `pulumi-esxi-direct-moves-${token}`;

interface Marked {
  readonly vmxPath: string;
  readonly extraConfig?: ReadonlyMap<string, string> | undefined;
}

/**
 * The machine's mark. Undefined if it has none that this release understands, or the mark of a machine that it is a
 * copy of.
 */
export function moveMarkOf({ vmxPath, extraConfig }: Marked): MoveMark | undefined {
  try {
    const mark: unknown = JSON.parse(extraConfig?.get(MOVE_KEY) ?? "");
    return isMoveMark(mark) && (mark.from === vmxPath || mark.to === vmxPath) ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** The mark of a machine whose move has not come to its end. Undefined for a machine that is where it belongs. */
export function moveUnderWay(vm: Marked): MoveMark | undefined {
  const mark = moveMarkOf(vm);
  return mark?.phase === "done" ? undefined : mark;
}

/** True for the machine that was moved here from that place. */
export function isMovedFrom(vm: Marked, vmxPath: string | undefined): boolean {
  const mark = moveMarkOf(vm);
  return mark !== undefined && mark.to === vm.vmxPath && mark.from === vmxPath;
}

function isMoveMark(mark: unknown): mark is MoveMark {
  const { schema, from, to, flag, phase, ran, keepsUuid } = Object(mark) as Record<string, unknown>;
  return (
    schema === 1 &&
    [from, to].every((path) => typeof path === "string" && isDatastorePath(path) && path.endsWith(".vmx")) &&
    from !== to &&
    typeof flag === "string" &&
    FLAG.test(flag) &&
    PHASES.includes(phase) &&
    typeof ran === "boolean" &&
    typeof keepsUuid === "boolean"
  );
}
