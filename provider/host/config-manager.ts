import type { HostConfigManager } from "../../schema/index.ts";
import { retrieveOne } from "../vim/reads/property-collector.ts";
import type { HostCore } from "./host-core.ts";

const known = new WeakMap<HostCore, Promise<HostConfigManager>>();

/** What manages the parts of a host's configuration: its services, its networking, what starts with it. Read once. */
export function configManager(host: HostCore): Promise<HostConfigManager> {
  const found = known.get(host) ?? read(host);
  known.set(host, found);
  found.catch(() => known.delete(host));
  return found;
}

async function read(host: HostCore): Promise<HostConfigManager> {
  const { hostSystem } = await host.facts();
  const found = await retrieveOne(host.client, hostSystem, "HostSystem", ["configManager"]);
  return found.configManager ?? {};
}
