import type { AutoStartPowerInfo, HostAutoStartManagerConfig } from "../../../schema/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { isSameObject } from "../../vim/codec/objects.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { confirmed } from "../shell/confirmed.ts";

const COMMANDS = "hostsvc/autostartmanager";
const NO_ORDER = -1;

/**
 * Writes entries of the list of machines that start with a host, one after the other, by `vim-cmd`. The caller must not
 * ask for a number greater than the count of machines in the list, because that breaks the list. No command removes an
 * entry. So a machine that is not to start gets the action `PowerOff` and no number.
 *
 * @param read The list as the API shows it.
 * @param switchOn Whether the list is off and is to be switched on.
 */
export function autoStartByShell(
  host: EsxiHost,
  shell: EsxiShell,
  read: () => Promise<{ readonly config: HostAutoStartManagerConfig }>,
  switchOn: boolean,
): (entries: readonly AutoStartPowerInfo[], signal?: AbortSignal) => Promise<void> {
  return async (entries, signal = new AbortController().signal) => {
    if (switchOn) {
      await confirmed(host, {
        what: "switch on the list of machines that start with it",
        write: (limit) => shell.vimCmd([`${COMMANDS}/enable_autostart`, "true"], limit),
        look: async () => (await read()).config.defaults?.enabled || undefined,
        signal,
      });
    }
    for (const entry of entries) {
      await confirmed(host, {
        what: `put the machine ${entry.key.value} into its list of machines that start with it`,
        write: (limit) => shell.vimCmd([`${COMMANDS}/update_autostartentry`, "--", ...wordsOf(entry)], limit),
        look: async () => isThere((await read()).config, entry) || undefined,
        signal,
      });
    }
  };
}

function wordsOf(entry: AutoStartPowerInfo): string[] {
  const { key, startOrder, startDelay, stopAction, stopDelay, waitForHeartbeat } = entry;
  const [action, order] = isStart(entry) ? ["PowerOn", startOrder] : ["PowerOff", NO_ORDER];
  return [key.value, action, startDelay, order, stopAction, stopDelay, waitForHeartbeat].map(String);
}

function isThere({ powerInfo = [] }: HostAutoStartManagerConfig, entry: AutoStartPowerInfo): boolean {
  const now = powerInfo.find(({ key }) => isSameObject(key, entry.key));
  if (!isStart(entry)) return now === undefined || !isStart(now);
  if (now === undefined || !isStart(now)) return false;
  const { startOrder, startDelay, stopDelay, waitForHeartbeat } = entry;
  return (
    (startOrder === NO_ORDER || now.startOrder === startOrder) &&
    now.startDelay === startDelay &&
    now.stopDelay === stopDelay &&
    now.waitForHeartbeat === waitForHeartbeat &&
    now.stopAction.toLowerCase() === entry.stopAction.toLowerCase()
  );
}

const isStart = ({ startAction }: AutoStartPowerInfo): boolean => /^powerOn$/i.test(startAction);
