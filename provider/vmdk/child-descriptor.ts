/** A disk that builds on another, as its descriptor tells it. */
export interface ChildDisk {
  /** The descriptor of the disk that it builds on: beside it, or an absolute path. */
  readonly parent: string;
  /** The file beside it that holds what differs from the parent. */
  readonly extent: string;
  /** True if nobody has written to it: the first write gives a disk a content id of its own. */
  readonly isUntouched: boolean;
}

const PARENT = /^(parentFileNameHint\s{0,8}=\s{0,8}")([^"\n]{1,4096})(")/m;
const CID = /^CID\s{0,8}=\s{0,8}([0-9a-f]{8})\s{0,8}$/im;
const PARENT_CID = /^parentCID\s{0,8}=\s{0,8}([0-9a-f]{8})\s{0,8}$/im;
const EXTENT = /^((?:RW|RDONLY)\s+\d{1,20}\s+\w{1,32}\s+")([^"\n]{1,1024})(")/gm;
/** Blocks that a backup has to look at are noted in a file beside the disk, which a copy does not have. */
const CHANGE_TRACKING = /^(?:# Change Tracking File|changeTrackPath\s{0,8}=.*)\r?\n/gm;

/** Undefined for what is no such disk, or one of several files. */
export function parseChild(text: string): ChildDisk | undefined {
  const parent = PARENT.exec(text)?.[2];
  const [extent, ...others] = [...text.matchAll(EXTENT)].map((found) => found[2]);
  if (parent === undefined || extent === undefined || others.length > 0) return undefined;
  const [cid, parentCid] = [CID, PARENT_CID].map((pattern) => idBy(pattern, text));
  return { parent, extent, isUntouched: cid !== undefined && cid === parentCid };
}

/** The descriptor of a copy: with another file for its bytes, and the same parent wherever the copy lies. */
export function copyOfChild(text: string, { parent, extent }: Pick<ChildDisk, "parent" | "extent">): string {
  return text
    .replace(PARENT, (_, before: string, _name, after: string) => `${before}${parent}${after}`)
    .replace(EXTENT, (_, before: string, _name, after: string) => `${before}${extent}${after}`)
    .replace(CHANGE_TRACKING, "");
}

const idBy = (pattern: RegExp, text: string): string | undefined => pattern.exec(text)?.[1]?.toLowerCase();
