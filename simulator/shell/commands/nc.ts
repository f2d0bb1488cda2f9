/** `nc -z`: whether a guest answers on a port, as seen from the host. */
import { readGuest } from "../../vm/guest/guest.ts";
import { guestContext } from "../../vm/readers.ts";
import { takeOptions } from "../command-options.ts";
import type { ShellHost } from "../host-agent.ts";
import type { ShellCommand } from "../invocation.ts";

const USAGE =
  "usage: nc [-46DdhklnrStUuvzC] [-i interval] [-p source_port] [-s source_ip_address] [-w timeout] [hostname] [port]\n";

export function nc(host: ShellHost): ShellCommand {
  return async ({ args, stderr }) => {
    const { values, operands, unknown } = takeOptions(args, "zv46nw:");
    const [address, port] = operands;
    if (unknown !== undefined || address === undefined || port === undefined || !values.has("z")) {
      await stderr(USAGE);
      return 1;
    }
    const answers = host.vms.list().some((vm) => {
      const net = readGuest(guestContext(host, vm)).net ?? [];
      return (
        vm.guestSays?.ports?.includes(Number(port)) && net.some((nic) => nic.ipAddress?.includes(address))
      );
    });
    if (!answers) return 1;
    await stderr(`Connection to ${address} ${port} port [tcp/*] succeeded!\n`);
    return 0;
  };
}
