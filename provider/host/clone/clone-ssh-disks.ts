import { posix } from "node:path";
import { CommandError } from "../../ssh/commands/command-error.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { type DiskHead, HEAD_BYTES, parseDiskHead } from "../../vmdk/create-type.ts";
import { hostedReason, rawReason, uncloneable } from "./clone-refusals.ts";
import type { CloneSource } from "./clone-source.ts";

/** More links than a chain may have. A chain that leads back to itself is left for the host to refuse. */
const MAX_LINKS = 32;

/**
 * Reads the descriptors of a source's disks and of the disks below them. In a .vmx file a raw device, or a disk of
 * another product, looks like any other.
 *
 * @param disks Their paths in the host's own file system.
 * @throws HostError for a disk that no host copies or runs.
 */
export async function refuseByDescriptors(
  shell: EsxiShell,
  source: Pick<CloneSource, "name">,
  disks: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const disk of disks) {
    let path: string | undefined = disk;
    for (let links = 0; path !== undefined && links < MAX_LINKS; links++) {
      const head: DiskHead | undefined = await readHead(shell, path, signal);
      if (head?.kind === "rawPhysical") throw uncloneable(shell.host, source, rawReason(path));
      if (head?.kind === "hosted") throw uncloneable(shell.host, source, hostedReason(path, head.createType));
      path = head?.parent && posix.resolve(posix.dirname(path), head.parent);
    }
  }
}

/** Undefined if it cannot be read. The copy will fail and say why. */
async function readHead(shell: EsxiShell, path: string, signal: AbortSignal): Promise<DiskHead | undefined> {
  try {
    return parseDiskHead(await shell.readHead(path, HEAD_BYTES, signal));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
