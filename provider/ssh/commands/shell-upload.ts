import type { SshExec } from "../exec.ts";
import { SshLostError } from "../ssh-lost-error.ts";

/** `-rw-------    1 0        0            1474560 Nov 29 10:00 /path`: the size is the fifth column. */
const SIZE = /^-\S*\s+\d+\s+\S+\s+\S+\s+(\d+)\s/m;

/**
 * Sends a stream into a file, over one that is there, as fast as the host takes it. What went wrong on the way shows in the size alone:
 * `cat` ends well when the connection has broken.
 *
 * @param bytes How many the stream has.
 * @throws What the stream fails with; CommandError with what the host said; SshLostError if some of it did not arrive.
 *   The file may be there then, with a part of it.
 */
export async function upload(
  ssh: SshExec,
  path: string,
  source: AsyncIterable<Uint8Array>,
  { bytes, signal }: { readonly bytes: number; readonly signal: AbortSignal },
): Promise<void> {
  await ssh.exec(["cat"], { stdin: source, toFile: path, signal });
  const size = await fileSize(ssh, path, signal);
  if (size === bytes) return;
  throw new SshLostError(`${ssh.host}: only ${size ?? 0} of ${bytes} bytes of ${path} arrived over SSH.`);
}

/** A file's size in bytes. Undefined if the host does not tell. @throws CommandError if there is no such file */
async function fileSize(ssh: SshExec, path: string, signal: AbortSignal): Promise<number | undefined> {
  const { stdout } = await ssh.exec(["ls", "-ln", path], { signal });
  const digits = SIZE.exec(stdout)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
