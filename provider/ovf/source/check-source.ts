import { constants, gunzipSync } from "node:zlib";
import { endByTables } from "../../vmdk/last-grain.ts";
import { END_BYTES, hasFooter, isFooterWhole, streamOptimizedProblem } from "../../vmdk/stream-optimized.ts";
import type { OvfDisk } from "../descriptor/descriptor.ts";
import type { OvaProblem } from "../ova-problem.ts";
import { expectedDigest } from "../package/expected-digest.ts";
import { type OvaFile, readStored } from "../package/stored-file.ts";
import type { OvaSource } from "./source.ts";

/** Enough bytes of a gzip file to unpack its first sector, but too few to unpack into very much. */
const GZIP_START_BYTES = 4096;
const FIRST_BYTES = 512;

/** A problem of a disk's file. It does not matter under a deployment option that has no disk of this file. */
interface DiskFileProblem extends OvaProblem {
  /** As in `OvfDisk.fileRef`. */
  readonly fileRef: string;
}

/** The result of checking an OVA without a host. */
export interface OvaCheck {
  /** Problems for which the host would refuse a disk. The path is `ovaPath`. */
  readonly problems: readonly DiskFileProblem[];
  /** Things that may go wrong, or that are not verified. */
  readonly warnings: readonly string[];
}

/**
 * Reads the first sector of each disk (unpacked if needed), and the end of disks that keep their directory there. That
 * is some kilobytes, whatever the size. Names, digests of the descriptor and truncation of an archive were checked when
 * the source was opened.
 * @throws OvaReadError if the source cannot be read just now
 */
export async function checkOvaSource(
  source: OvaSource,
  options: { signal?: AbortSignal } = {},
): Promise<OvaCheck> {
  const problems: DiskFileProblem[] = [];
  const warnings: string[] = [...source.warnings];
  const disks = new Map(source.ovf.disks.map((disk) => [disk.fileRef, disk]));
  for (const file of source.files) {
    const shortBy = missingBytes(source, file);
    const words = `${file.href} has ${file.storedBytes} bytes, ${shortBy} less than the descriptor's ovf:size`;
    const disk = disks.get(file.id);
    if (disk === undefined) {
      if (shortBy > 0) warnings.push(words);
      continue;
    }
    const refuse = (reason: string) =>
      problems.push({ path: "ovaPath", reason: `${source.location}: ${reason}`, fileRef: file.id });
    const problem = await diskProblem(file, disk, options.signal);
    const end = problem === undefined ? await endOf(file, options.signal) : "unseen";
    if (problem !== undefined) refuse(`the disk ${file.href} ${problem}`);
    else if (end === "missing") {
      refuse(
        `the disk ${file.href} ends before its content does: it is truncated; copy or download it again`,
      );
    } else if (shortBy > 0) {
      // Exporters write the size of the whole machine here. The disk's own end is more reliable.
      if (end === "whole" || isVouchedFor(source, file)) warnings.push(words);
      else refuse(`${words}: it is truncated; copy or download it again`);
    }
  }
  return { problems, warnings };
}

async function diskProblem(
  file: OvaFile,
  disk: OvfDisk,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const wanted = file.compression === "gzip" ? GZIP_START_BYTES : FIRST_BYTES;
  const stored = await readStored(file, 0, wanted, signal);
  if (file.compression === undefined) return streamOptimizedProblem(stored, disk.capacityBytes);
  let unpacked: Buffer;
  try {
    unpacked = gunzipSync(stored, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return "is not the gzip file that the descriptor says it is";
  }
  return streamOptimizedProblem(unpacked, disk.capacityBytes);
}

/** Whether a disk's end is there. `unseen` if nothing tells, or if the whole file would have to be read. */
async function endOf(
  file: OvaFile,
  signal: AbortSignal | undefined,
): Promise<"whole" | "missing" | "unseen"> {
  // For a gzip file, or a file on a server that cannot skip, the whole file would have to be read.
  if (file.compression !== undefined || file.parts.some((part) => !part.bytes.seekable)) return "unseen";
  if (!hasFooter(await readStored(file, 0, FIRST_BYTES, signal))) {
    return endByTables(
      (offset, lengthBytes) => readStored(file, offset, lengthBytes, signal),
      file.storedBytes,
    );
  }
  const start = Math.max(0, file.storedBytes - END_BYTES);
  return isFooterWhole(await readStored(file, start, END_BYTES, signal)) ? "whole" : "missing";
}

/**
 * How many bytes a file has less than the descriptor says. 0 for gzip, because tools disagree about the meaning of the
 * size.
 */
function missingBytes(source: OvaSource, file: OvaFile): number {
  const described = source.ovf.files.find((candidate) => candidate.id === file.id)?.sizeBytes;
  return file.compression !== undefined || described === undefined
    ? 0
    : Math.max(0, described - file.storedBytes);
}

/**
 * Whether something more reliable than `ovf:size` says that the file is whole: its digest, or the size in the archive.
 */
function isVouchedFor(source: OvaSource, file: OvaFile): boolean {
  return file.parts.every(
    (part) =>
      part.bytes.sizeBytes !== part.sizeBytes || expectedDigest(source.manifest, file, part) !== undefined,
  );
}
