import { CommandError } from "./command-error.ts";
import type { SshExec } from "./connection.ts";
import { VimCmdError } from "./vim-cmd-error.ts";

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
 * Runs `vim-cmd`, whose exit status says little: a fault in its output counts as well.
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
  try {
    const { stdout, stderr } = await ssh.exec(["vim-cmd", ...args], { signal });
    const fault = faultIn(prints === "data" ? stderr : `${stdout}\n${stderr}`);
    if (fault) throw new VimCmdError(`${ssh.host}: ${command}: ${fault.message}`, fault.type);
    return stdout;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const output = `${error.stderr}\n${error.stdout}`;
    const fault = faultIn(output);
    const said =
      fault?.message ??
      output
        .trim()
        .split(/[\r\n]+/)
        .join(" ");
    const message = `${ssh.host}: ${command}: ${said || `it ended with status ${error.exitCode ?? "unknown"}`}`;
    throw new VimCmdError(message, fault?.type, { cause: error });
  }
}

/** The fault that vim-cmd printed, as `(vim.fault.NotFound) {` … `msg = "…"`, or as a line of its own. */
function faultIn(output: string): { type: string | undefined; message: string } | undefined {
  const type = /^\s*\((?:vim|vmodl)\.(?:fault\.)?(\w+)\) \{/m.exec(output)?.[1];
  const message = [...output.matchAll(/^\s*msg = "((?:[^"\\]|\\.)*)"/gm)]
    .map(([, text]) => text)
    .find(Boolean);
  const failed = /^.*\b(?:failed|Failed to .*)$/m.exec(output)?.[0].trim();
  if (type === undefined && message === undefined && failed === undefined) return undefined;
  const said = message?.replaceAll('\\"', '"') ?? failed;
  return { type, message: [said, type && `(${type})`].filter(Boolean).join(" ") };
}

const ROW = /^(\d+)\s+(.*?)\s+(\[[^\]]+\] .*?\.vmx)\s+(\S+)\s+(vmx-\d+)/;

/** The rows of `vmsvc/getallvms`; annotations that go over several lines and machines that are skipped are no rows. */
export function parseVmList(output: string): ListedVm[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [, vmid, name, vmxPath] = ROW.exec(line) ?? [];
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
