/** As much of a file as says what kind of a disk it is. */
export const HEAD_BYTES = 4096;

/** What the kind of a disk, as its descriptor says it, means for copies. */
type DiskKind = "ofHosts" | "hosted" | "rawPhysical";

/** Of Workstation, Fusion and ovftool: a host attaches them, and does not run them. */
const HOSTED = /^(monolithic|twoGbMaxExtent|streamOptimized$|custom$)/i;
/** `vmfsRawDeviceMap` is copied as any disk is. */
const RAW = /^(vmfsPassthrough|vmfsRaw$|fullDevice$|partitionedDevice$)/i;

/** A descriptor, or the first bytes of a disk that holds its descriptor. */
export interface DiskHead {
  readonly kind: DiskKind;
  readonly createType: string;
  /** The disk that it builds on: beside it, or an absolute path. */
  readonly parent: string | undefined;
}

/** Reads the first bytes of a `.vmdk` file. Undefined if they say nothing. */
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
