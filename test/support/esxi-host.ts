import { EsxiHost } from "../../provider/host/esxi-host.ts";
import type { HostSettings } from "../../provider/host/host-settings.ts";
import type { HostAccess } from "./host-access.ts";

/** A connection to a host as the provider has it, with the caps that are the defaults; close it. */
export function connectTo(
  access: HostAccess,
  name = "esxi1",
  settings: Partial<HostSettings> = {},
): EsxiHost {
  return new EsxiHost({
    name,
    origin: new URL(access.url).origin,
    username: access.username,
    password: access.password,
    thumbprint: access.thumbprint,
    ca: undefined,
    insecure: false,
    maxTransfers: 3,
    maxTasks: 24,
    maxCalls: 16,
    ssh: undefined,
    ...settings,
  });
}
