/**
 * `vim-cmd`: the host's own client of its API. Its output matters. Its exit status does not always tell whether it
 * worked.
 */
import { asFault } from "../../soap/fault.ts";
import type { HostAgent } from "../host-agent.ts";
import type { ShellCommand } from "../invocation.ts";
import { BrokenPipe } from "../io.ts";
import { autoStartCommands } from "./autostart.ts";
import { formatFault } from "./format.ts";
import { hostCommands } from "./hostsvc.ts";
import { poolCommands } from "./rsrc.ts";
import { vmCommands } from "./vmsvc.ts";

const COMMANDS = new Map(
  Object.entries({ ...vmCommands, ...hostCommands, ...poolCommands, ...autoStartCommands }),
);

export function vimCmd(agent: HostAgent): ShellCommand {
  return async (call) => {
    const [name = "", ...args] = call.args;
    const command = COMMANDS.get(name.replace(/^\//, ""));
    if (command === undefined) {
      if (name === "" || name === "help")
        await call.stdout("Commands available under /:\nhostsvc/ solo/ vmsvc/ help\n");
      else await call.stdout(`Invalid command '${name}'.\n`);
      return name === "" || name === "help" ? 0 : 1;
    }
    try {
      await command({ ...call, args, agent: agent.ruledBy(call.taskRule) });
      return 0;
    } catch (error) {
      if (error instanceof BrokenPipe) throw error;
      const fault = asFault(error);
      await call.stdout(`${formatFault(fault)}\n`);
      // A VM that does not exist is an error. A task that fails is none.
      return fault.type === "NotFound" ? 1 : 0;
    }
  };
}
