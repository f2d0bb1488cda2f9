/** Every command of the host's shell. */
import type { HostAgent } from "../host-agent.ts";
import type { ShellCommand } from "../invocation.ts";
import { vimCmd } from "../vim-cmd/vim-cmd.ts";
import { esxcli } from "./esxcli.ts";
import { fileCommands } from "./file-commands.ts";
import { listCommands } from "./list.ts";
import { nc } from "./nc.ts";
import { testCommands } from "./test.ts";
import { textCommands } from "./text.ts";
import { vmkfstools } from "./vmkfstools.ts";

export function shellCommands(agent: HostAgent): ReadonlyMap<string, ShellCommand> {
  return new Map(
    Object.entries({
      ...fileCommands,
      ...listCommands(agent.host.options.behaviour.lsNames === "masked"),
      ...textCommands,
      ...testCommands,
      vmkfstools: vmkfstools(agent.host),
      "vim-cmd": vimCmd(agent),
      esxcli: esxcli(agent.host),
      nc: nc(agent.host),
    }),
  );
}
