/** `vim-cmd hostsvc/…`: the host itself. */

import { HOST, MANAGERS } from "../../core/ids.ts";
import { VimFault } from "../../soap/fault.ts";
import { formatObject } from "./format.ts";
import type { VimCall, VimCommand } from "./vmsvc.ts";

export const hostCommands: Readonly<Record<string, VimCommand>> = {
  "hostsvc/hostsummary": async (call) => await print(call, "Listsummary:", "HostListSummary", "summary"),
  "hostsvc/runtimeinfo": async (call) =>
    await print(call, "Runtime information:", "HostRuntimeInfo", "runtime"),
  "hostsvc/datastore/listsummary": async ({ agent, stdout }) => {
    for (const datastore of agent.host.datastores.values()) {
      const summary = agent.host.objects.find(datastore.uuid)?.readers.summary?.({ session: undefined });
      if (typeof summary === "object" && summary !== null)
        await stdout(`${formatObject("DatastoreSummary", summary)}\n`);
    }
  },
  ...serviceCommands("ssh", "TSM-SSH"),
  ...serviceCommands("esx_shell", "TSM"),
};

function serviceCommands(name: string, id: string): Record<string, VimCommand> {
  const system = MANAGERS.serviceSystem;
  const policy =
    (policy: string): VimCommand =>
    async ({ agent }) =>
      void (await agent.call("UpdateServicePolicy", system, { id, policy }));
  return {
    [`hostsvc/start_${name}`]: async ({ agent }) => void (await agent.call("StartService", system, { id })),
    [`hostsvc/stop_${name}`]: async ({ agent }) => void (await agent.call("StopService", system, { id })),
    [`hostsvc/enable_${name}`]: policy("on"),
    [`hostsvc/disable_${name}`]: policy("off"),
  };
}

async function print(
  { agent, stdout }: VimCall,
  title: string,
  type: string,
  property: string,
): Promise<void> {
  const value = agent.host.objects.find(HOST.value)?.readers[property]?.({ session: undefined });
  if (typeof value !== "object" || value === null)
    throw new VimFault("NotFound", "The host has no such information.");
  await stdout(`${title}\n\n${formatObject(type, value)}\n`);
}
