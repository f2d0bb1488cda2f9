/** `vim-cmd hostsvc/autostartmanager/…`: the VMs that start and stop with the host. */
import type { HostAutoStartManagerConfig } from "../../../schema/index.ts";
import { MANAGERS } from "../../core/ids.ts";
import { invalidArgument } from "../../soap/fault.ts";
import type { VimCall, VimCommand } from "./vmsvc.ts";

const HEARTBEAT = ["yes", "no", "systemDefault"] as const;
const PREFIX = "hostsvc/autostartmanager";

export const autoStartCommands: Readonly<Record<string, VimCommand>> = {
  [`${PREFIX}/enable_autostart`]: async ({ agent, args }) => {
    const defaults = { enabled: /^(true|1)$/i.test(args[0] ?? "") };
    await agent.call("ReconfigureAutostart", MANAGERS.autoStartManager, { spec: { defaults } });
  },
  [`${PREFIX}/update_autostartentry`]: async ({ agent, args, stdout }) => {
    const [vmid = "", startAction = "", startDelay, startOrder, stopAction = "", stopDelay, heartbeat = ""] =
      operandsOf(args);
    agent.host.autoStart.enter({
      moid: vmid,
      startAction,
      startDelay: whole(startDelay),
      startOrder: whole(startOrder),
      stopAction,
      stopDelay: whole(stopDelay),
      waitForHeartbeat: HEARTBEAT.find((one) => one === heartbeat) ?? "systemDefault",
    });
    await stdout("Updated AutoStart order.\n");
  },
  [`${PREFIX}/get_autostartseq`]: async (call) => {
    const entries = configOf(call).powerInfo ?? [];
    const lines = entries.map(
      ({ key, startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction }) =>
        [
          "   (vim.host.AutoStartManager.AutoPowerInfo) {",
          `      key = 'vim.VirtualMachine:${key.value}', `,
          `      startOrder = ${startOrder}, `,
          `      startDelay = ${startDelay}, `,
          `      waitForHeartbeat = "${waitForHeartbeat}", `,
          `      startAction = "${startAction}", `,
          `      stopDelay = ${stopDelay}, `,
          `      stopAction = "${stopAction}"`,
          "   }",
        ].join("\n"),
    );
    await call.stdout(`(vim.host.AutoStartManager.AutoPowerInfo) [\n${lines.join(", \n")}\n]\n`);
  },
};

/** Without `--`, a number below 0 is read as an option. @throws VimFault InvalidArgument */
function operandsOf(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === "--") return rest;
  const option = args.find((arg) => arg.startsWith("-"));
  if (option !== undefined) throw invalidArgument(option);
  return args;
}

function whole(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !Number.isInteger(value)) throw invalidArgument("autoPowerInfo");
  return value;
}

function configOf({ agent }: VimCall): HostAutoStartManagerConfig {
  return agent.host.autoStart.config();
}
