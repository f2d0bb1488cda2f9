import { pauseFor } from "../../pause.ts";
import type { SshExec } from "../exec.ts";
import { CommandError } from "./command-error.ts";
import { VimCmdError } from "./vim-cmd-error.ts";
import { isCutOff, isNotLoggedIn, printedFault } from "./vim-cmd-fault.ts";

/** A row of `vmsvc/getallvms`. */
export interface ListedVm {
  readonly vmid: string;
  readonly name: string;
  /** `[datastore1] vm/vm.vmx` */
  readonly vmxPath: string;
}

/** What a virtual machine wants to know before it goes on. */
export interface VmQuestion {
  /** What the answer must name. */
  readonly id: string;
  /** `msg.uuid.altered`; undefined if the host gave none. */
  readonly messageId: string | undefined;
  readonly text: string;
  readonly choices: readonly { readonly number: string; readonly label: string }[];
}

/**
 * Runs `vim-cmd`, whose exit status says little: a fault in its output counts as well. Where it did not come as far as the
 * host's agent, it is run again, some times. A command that only reads is also run again where the busy host has killed
 * it.
 * @param options.prints `data` for a command whose output may hold what people have written. Default `outcome`.
 * @throws VimCmdError with the fault's type and message.
 */
export async function vimCmd(
  ssh: SshExec,
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly prints?: "data" | "outcome" },
): Promise<string> {
  const { signal, prints = "outcome" } = options;
  const command = `vim-cmd ${args.join(" ")}`;
  for (let pause = FIRST_PAUSE_MS, tries = 1; ; pause *= 2, tries++) {
    const { exitCode, stdout, stderr } = await run(ssh, ["vim-cmd", ...args], signal);
    const isUnread = prints === "data" && exitCode !== 0 && isCutOff(stderr);
    const isBusy = isNotLoggedIn(stdout, stderr) || isUnread;
    if (isBusy && pause <= LAST_PAUSE_MS) {
      await pauseFor(pause, signal);
      continue;
    }
    const fault = printedFault(stdout, stderr, exitCode === 0 ? prints : "outcome");
    if (!fault && exitCode === 0) return stdout;
    const said = fault?.message ?? `${stderr}\n${stdout}`.trim().replaceAll(/[\r\n]+/g, " ");
    const status = `it ended with status ${exitCode ?? "unknown"}`;
    const often = isBusy ? ` (tried ${tries} times)` : "";
    throw new VimCmdError(`${ssh.host}: ${command}: ${said || status}${often}`, fault?.type);
  }
}

/** Pauses while the host's agent takes no login, in milliseconds, each twice as long as the one before. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 4000;

async function run(
  ssh: SshExec,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  try {
    return { exitCode: 0, ...(await ssh.exec(command, { signal })) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { exitCode: error.exitCode, stdout: error.stdout, stderr: error.stderr };
  }
}

const VMID = /^(\d+)\s+/;
/** What follows the path of the .vmx file: the guest's type and the version of the hardware. */
const BEHIND_PATH = /\.vmx\s+\S+\s+vmx-\d+/;

/** The rows of `vmsvc/getallvms`; annotations that go over several lines and machines that are skipped are no rows. */
export function parseVmList(output: string): ListedVm[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [before, vmid] = VMID.exec(line) ?? [];
    const end = line.search(BEHIND_PATH);
    if (before === undefined || vmid === undefined || end < 0) return [];
    const [name, vmxPath] = nameAndPath(line.slice(before.length, end));
    return vmxPath === undefined ? [] : [{ vmid, name, vmxPath: `${vmxPath}.vmx` }];
  });
}

/**
 * At least three spaces part the columns, of which names and paths may have brackets, or one where a name of other
 * characters than ASCII takes the room of the spaces.
 */
function nameAndPath(text: string): [name: string, path: string | undefined] {
  const column = text.indexOf("   [");
  const space = column < 0 ? text.indexOf(" [") : column;
  return space < 0 ? [text, undefined] : [text.slice(0, space).trimEnd(), text.slice(space).trimStart()];
}

/** The id that `solo/registervm` prints, alone. Undefined if it printed something else. */
export const parseVmid = (output: string): string | undefined => /^\s*(\d+)\s*$/.exec(output)?.[1];

/** The question in what `vmsvc/message` prints; undefined for `No message.`. */
export function parseQuestion(output: string): VmQuestion | undefined {
  const [, id] = /^Virtual machine message (\S+?):\s*$/m.exec(output) ?? [];
  if (id === undefined) return undefined;
  const [, messageId] = /^(msg(?:\.\w+)+):/m.exec(output) ?? [];
  const body = output.slice(output.indexOf(":") + 1).trim();
  const choices = [...body.matchAll(/^[ \t]*(\d+)\. (.*)$/gm)].map(([, number, label]) => ({
    number: number ?? "",
    label: (label ?? "").trimEnd().replace(/ \[default\]$/, ""),
  }));
  const text =
    body
      .split(/^[ \t]*\d+\. /m)[0]
      ?.trim()
      .replace(/\s+/g, " ") ?? "";
  return { id, messageId, text: messageId ? text.replace(`${messageId}:`, "").trim() : text, choices };
}

/** The snapshots in what `vmsvc/snapshot.get` prints, in its order. */
export function parseSnapshots(output: string): { readonly id: string; readonly name: string }[] {
  const rows = [...output.matchAll(/-Snapshot (Name|Id)[ \t]*: (.*)$/gm)];
  return rows.flatMap(([, what, id], index) => {
    const [, before, name] = rows[index - 1] ?? [];
    return what === "Id" && before === "Name" && id !== undefined && name !== undefined
      ? [{ id: id.trimEnd(), name: name.trimEnd() }]
      : [];
  });
}
