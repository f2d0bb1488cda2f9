import { posix } from "node:path";
import { CommandError } from "../../ssh/commands/command-error.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { type DiskHead, HEAD_BYTES, parseDiskHead } from "../../vmdk/create-type.ts";
import { hostedReason, rawReason, uncloneable } from "./clone-refusals.ts";
import type { CloneSource } from "./clone-source.ts";

/** More links than a chain may have: one that ends in itself is left for the host to refuse. */
const MAX_LINKS = 32;

/**
 * Looks what the descriptors say of a source's disks and of those that they build on: in a .vmx file a raw device and a
 * disk of another product look like any other.
 *
 * @param disks Their paths from the host's root.
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

/** Undefined for what cannot be read: the copy will say why. */
async function readHead(shell: EsxiShell, path: string, signal: AbortSignal): Promise<DiskHead | undefined> {
  try {
    return parseDiskHead(await shell.readHead(path, HEAD_BYTES, signal));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
