import type { SshExec } from "../exec.ts";
import { CommandError } from "./command-error.ts";
import { VmkfstoolsError } from "./vmkfstools-error.ts";

/** How a new disk takes its space, in the words of vmkfstools. */
export type DiskFormat = "thin" | "zeroedthick" | "eagerzeroedthick";

export interface CloneDiskOptions {
  readonly signal: AbortSignal;
  /** Gets whole percents, 0–100, as they increase. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

const IN_USE = "The disk is in use: is a virtual machine that has it powered on?";

/** What the error numbers of vmkfstools mean for the user. */
const ADVICE: Readonly<Record<number, string>> = {
  15: "The source is no virtual disk: it must be a disk's descriptor, not its -flat file.",
  25: "There is no such file.",
  39: "There is a file of that name already, and it is left alone.",
  16392: IN_USE,
};

/** The same for system errors, which appear as `error << 16 | where`. */
const SYSTEM_ADVICE: Readonly<Record<number, string>> = {
  2: "There is no such file.",
  5: "The host could not read or write the datastore: look at its storage.",
  13: "The host may not open the file: is it on a share that does not let it?",
  16: IN_USE,
  28: "The datastore is full.",
};

/** Progress before the message in the same line, because vmkfstools prints no line end after it. */
const PROGRESS = /^(?:(?:Clone|Create|Grow|Inflate|Delete): \d{1,3}% done\.)+/;
/** Log lines of the libraries below. */
const LOGGED = /^\w+-/;

/**
 * Copies a disk. A chain of snapshots becomes one disk.
 *
 * @param source The descriptor's absolute path on the host. `target` is one too, and its folder must exist.
 * @throws VmkfstoolsError
 */
export async function cloneDisk(
  ssh: SshExec,
  source: string,
  target: string,
  format: DiskFormat,
  options: CloneDiskOptions,
): Promise<void> {
  let tail = "";
  let percent = -1;
  const onStdout = (text: string) => {
    tail = (tail + text).slice(-200);
    const found = [...tail.matchAll(/Clone: (\d{1,3})% done\./g)].at(-1)?.[1];
    if (found === undefined || Number(found) <= percent) return;
    percent = Number(found);
    options.onProgress?.(percent);
  };
  const { signal } = options;
  await vmkfstools(ssh, `copy ${source} to ${target}`, ["-i", source, target, "-d", format], {
    signal,
    onStdout,
  });
}

/** Makes an empty disk. @param sizeMb Its size in MiB. @throws VmkfstoolsError if something has that name, or no room is left */
export function createDisk(
  ssh: SshExec,
  disk: string,
  sizeMb: number,
  format: DiskFormat,
  signal: AbortSignal,
): Promise<void> {
  return vmkfstools(ssh, `make ${disk}`, ["-c", `${sizeMb}M`, "-d", format, disk], { signal });
}

/** Renames or moves a disk with its extents. @throws VmkfstoolsError */
export function renameDisk(ssh: SshExec, from: string, to: string, signal: AbortSignal): Promise<void> {
  return vmkfstools(ssh, `rename ${from} to ${to}`, ["-E", from, to], { signal });
}

/** Deletes a disk with its extents, but no parent. @throws VmkfstoolsError */
export function deleteDisk(ssh: SshExec, disk: string, signal: AbortSignal): Promise<void> {
  return vmkfstools(ssh, `delete ${disk}`, ["-U", disk], { signal });
}

/** Grows a disk. @param sizeMb Its new size in MiB. @throws VmkfstoolsError */
export function growDisk(ssh: SshExec, disk: string, sizeMb: number, signal: AbortSignal): Promise<void> {
  return vmkfstools(ssh, `grow ${disk}`, ["-X", `${sizeMb}M`, disk], { signal });
}

async function vmkfstools(
  ssh: SshExec,
  what: string,
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly onStdout?: (text: string) => void },
): Promise<void> {
  try {
    await ssh.exec(["vmkfstools", ...args], options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw vmkfstoolsError(ssh.host, what, error);
  }
}

function vmkfstoolsError(host: string, what: string, error: CommandError): VmkfstoolsError {
  const [complaint, output] = [error.stderr, error.stdout].map(messagesIn);
  // The reason is the last of the messages. Log lines before it have their own numbers.
  const said = complaint?.at(-1) ?? output?.at(-1);
  const number = said === undefined ? undefined : /\((-?\d+)\)\.?$/.exec(said)?.[1];
  const code = number === undefined ? undefined : Number(number);
  const advice = code === undefined ? undefined : (ADVICE[code] ?? SYSTEM_ADVICE[code >> 16]);
  const reason = said ?? `it ended with status ${error.exitCode ?? "unknown"}`;
  const message = `${host}: vmkfstools could not ${what}: ${reason}${advice === undefined ? "" : ` ${advice}`}`;
  return new VmkfstoolsError(message, code, advice === IN_USE, error);
}

function messagesIn(output: string): string[] {
  const lines = output.split(/[\r\n]+/).map((line) => line.trim().replace(PROGRESS, "").trim());
  const said = lines.filter((line) => line !== "");
  const messages = said.filter((line) => !LOGGED.test(line));
  return messages.length > 0 ? messages : said;
}
