/** A disk that builds on another one, by its descriptor. */
export interface ChildDisk {
  /** The descriptor of the parent: a name beside this one, or an absolute path. */
  readonly parent: string;
  /** The file beside it with the differences from the parent. */
  readonly extent: string;
  /** True if nobody has written to it. The first write gives a disk its own content id. */
  readonly isUntouched: boolean;
}

const PARENT = /^(parentFileNameHint\s{0,8}=\s{0,8}")([^"\n]{1,4096})(")/m;
const CID = /^CID\s{0,8}=\s{0,8}([0-9a-f]{8})\s{0,8}$/im;
const PARENT_CID = /^parentCID\s{0,8}=\s{0,8}([0-9a-f]{8})\s{0,8}$/im;
const EXTENT = /^((?:RW|RDONLY)\s+\d{1,20}\s+\w{1,32}\s+")([^"\n]{1,1024})(")/gm;
/** A file beside the disk lists blocks for backups. A copy does not have that file. */
const CHANGE_TRACKING = /^(?:# Change Tracking File|changeTrackPath\s{0,8}=.*)\r?\n/gm;

/** Undefined if it is no such disk, or one in several files. */
export function parseChild(text: string): ChildDisk | undefined {
  const parent = PARENT.exec(text)?.[2];
  const [extent, ...others] = [...text.matchAll(EXTENT)].map((found) => found[2]);
  if (parent === undefined || extent === undefined || others.length > 0) return undefined;
  const [cid, parentCid] = [CID, PARENT_CID].map((pattern) => idBy(pattern, text));
  return { parent, extent, isUntouched: cid !== undefined && cid === parentCid };
}

/** The descriptor of a copy: with another file for its bytes, and an absolute path to the parent. */
export function copyOfChild(text: string, { parent, extent }: Pick<ChildDisk, "parent" | "extent">): string {
  return text
    .replace(PARENT, (_, before: string, _name, after: string) => `${before}${parent}${after}`)
    .replace(EXTENT, (_, before: string, _name, after: string) => `${before}${extent}${after}`)
    .replace(CHANGE_TRACKING, "");
}

const idBy = (pattern: RegExp, text: string): string | undefined => pattern.exec(text)?.[1]?.toLowerCase();
