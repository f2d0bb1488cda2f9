import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "./command-error.ts";
import type { SshExec } from "./connection.ts";
import { VimCmdError } from "./vim-cmd-error.ts";
import { isNotLoggedIn, printedFault } from "./vim-cmd-fault.ts";

export type ShellPowerState = "poweredOn" | "poweredOff" | "suspended";

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
 * host's agent, it is run again.
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
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const { exitCode, stdout, stderr } = await run(ssh, ["vim-cmd", ...args], signal);
    if (isNotLoggedIn(stdout, stderr) && pause <= LAST_PAUSE_MS) {
      await sleep(pause, undefined, { signal });
      continue;
    }
    const fault = printedFault(stdout, stderr, exitCode === 0 ? prints : "outcome");
    if (!fault && exitCode === 0) return stdout;
    const said = fault?.message ?? `${stderr}\n${stdout}`.trim().replaceAll(/[\r\n]+/g, " ");
    const status = `it ended with status ${exitCode ?? "unknown"}`;
    throw new VimCmdError(`${ssh.host}: ${command}: ${said || status}`, fault?.type);
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

/** At least three spaces part the columns, of which names and paths may have brackets; a path may have empty ones. */
const ROW = /^(\d+)\s+(.*?) {3,}(\[[^\]]*\] .*?\.vmx)\s+\S+\s+vmx-\d+/;
/** The same where a name of other characters than ASCII takes the room of the spaces. */
const NARROW_ROW = /^(\d+)\s+(.*?) (\[[^\]]*\] .*?\.vmx)\s+\S+\s+vmx-\d+/;
/** An annotation comes behind what counts, and may be long. */
const MOST_OF_ROW = 2000;

/** The rows of `vmsvc/getallvms`; annotations that go over several lines and machines that are skipped are no rows. */
export function parseVmList(output: string): ListedVm[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const row = line.slice(0, MOST_OF_ROW);
    const [, vmid, name, vmxPath] = ROW.exec(row) ?? NARROW_ROW.exec(row) ?? [];
    return vmid === undefined || name === undefined || vmxPath === undefined ? [] : [{ vmid, name, vmxPath }];
  });
}

/** The id that `solo/registervm` prints, alone. Undefined if it printed something else. */
export const parseVmid = (output: string): string | undefined => /^\s*(\d+)\s*$/.exec(output)?.[1];

export function parsePowerState(output: string): ShellPowerState | undefined {
  const state = /^(?:Powered (on|off)|(Suspended))\s*$/m.exec(output);
  if (!state) return undefined;
  return state[2] ? "suspended" : state[1] === "on" ? "poweredOn" : "poweredOff";
}

/** The question in what `vmsvc/message` prints; undefined for `No message.`. */
export function parseQuestion(output: string): VmQuestion | undefined {
  const [, id] = /^Virtual machine message (\S+?):\s*$/m.exec(output) ?? [];
  if (id === undefined) return undefined;
  const [, messageId] = /^(msg(?:\.\w+)+):/m.exec(output) ?? [];
  const body = output.slice(output.indexOf(":") + 1).trim();
  const choices = [...body.matchAll(/^\s*(\d+)\. (.*?)(?: \[default\])?\s*$/gm)].map(([, number, label]) => ({
    number: number ?? "",
    label: label ?? "",
  }));
  const text =
    body
      .split(/^\s*\d+\. /m)[0]
      ?.trim()
      .replace(/\s+/g, " ") ?? "";
  return { id, messageId, text: messageId ? text.replace(`${messageId}:`, "").trim() : text, choices };
}

/** The guest's first address in what `vmsvc/get.guest` prints; undefined while it has none. */
export function parseGuestAddress(output: string): string | undefined {
  return /^\s*ipAddress = "([^"]+)"/m.exec(output)?.[1];
}

/** The snapshots in what `vmsvc/snapshot.get` prints, in its order. */
export function parseSnapshots(output: string): { readonly id: string; readonly name: string }[] {
  const rows = [...output.matchAll(/-Snapshot (Name|Id)\s*: (.*?)\s*$/gm)];
  return rows.flatMap(([, what, id], index) => {
    const [, before, name] = rows[index - 1] ?? [];
    return what === "Id" && before === "Name" && id !== undefined && name !== undefined ? [{ id, name }] : [];
  });
}
