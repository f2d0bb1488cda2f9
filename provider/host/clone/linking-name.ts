import { type CopyingRun, tokenOf } from "./clone-files.ts";

const LINKING = "pulumi-linking-";

/**
 * Name of a folder inside that of a new linked clone. For a moment it has a machine whose disks are the source's own,
 * and the host makes their first children there.
 */
export const linkingName = (mark: CopyingRun["mark"]): string => `${LINKING}${tokenOf(mark)}`;

/** Whether a file is in such a folder. */
export const isLinking = (path: string): boolean => path.includes(`/${LINKING}`);
