import type { HostConfigManager } from "../../schema/index.ts";
import { retrieveOne } from "../vim/reads/property-collector.ts";
import type { HostCore } from "./host-core.ts";
import { readOnce } from "./per-host.ts";

/** What manages the parts of a host's configuration: its services, its networking, what starts with it. Read once. */
export const configManager = readOnce(async (host: HostCore): Promise<HostConfigManager> => {
  const { hostSystem } = await host.facts();
  const found = await retrieveOne(host.client, hostSystem, "HostSystem", ["configManager"]);
  return found.configManager ?? {};
});
