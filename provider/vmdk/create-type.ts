/** The number of bytes at the beginning of a file that show the kind of a disk. */
export const HEAD_BYTES = 4096;

/** What the kind of a disk in its descriptor means for copies. */
type DiskKind = "ofHosts" | "hosted" | "rawPhysical";

/** Kinds of Workstation, Fusion and ovftool. A host attaches them, but does not run them. */
const HOSTED = /^(monolithic|twoGbMaxExtent|streamOptimized$|custom$)/i;
/** `vmfsRawDeviceMap` is copied like any other disk. */
const RAW = /^(vmfsPassthrough|vmfsRaw$|fullDevice$|partitionedDevice$)/i;

/** A descriptor, or the first bytes of a disk with its descriptor inside. */
export interface DiskHead {
  readonly kind: DiskKind;
  readonly createType: string;
  /** The parent: a name beside the disk, or an absolute path. */
  readonly parent: string | undefined;
}

/** Reads the first bytes of a `.vmdk` file. Undefined if they do not show the kind. */
export function parseDiskHead(bytes: Uint8Array): DiskHead | undefined {
  const text = new TextDecoder("utf-8").decode(bytes.subarray(0, HEAD_BYTES));
  const createType = /createType\s{0,8}=\s{0,8}"([^"\n]{1,64})"/.exec(text)?.[1];
  if (createType === undefined) return undefined;
  const parent = /^parentFileNameHint\s{0,8}=\s{0,8}"([^"\n]+)"/m.exec(text)?.[1];
  return { kind: kindOf(createType), createType, parent };
}

function kindOf(createType: string): DiskKind {
  if (HOSTED.test(createType)) return "hosted";
  return RAW.test(createType) ? "rawPhysical" : "ofHosts";
}
