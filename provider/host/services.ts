import type { HostService, ManagedObjectReference } from "../../schema/index.ts";
import { isFault } from "../vim/faults.ts";
import { retrieveOne } from "../vim/reads/property-collector.ts";
import { configManager } from "./config-manager.ts";
import type { HostCore } from "./host-core.ts";
import { sharedRead } from "./per-host.ts";

/** The services of a host, and what changes them. */
export interface Services {
  readonly system: ManagedObjectReference;
  readonly all: readonly HostService[];
}

/**
 * The host's services as they are now. Those who ask at the same moment share one read. Undefined if the host does
 * not tell.
 */
export const readServices = sharedRead(retrieve);

async function retrieve(host: HostCore): Promise<Services | undefined> {
  const { serviceSystem: system } = await configManager(host);
  if (!system) return undefined;
  try {
    const { serviceInfo } = await retrieveOne(host.client, system, "HostServiceSystem", ["serviceInfo"]);
    return serviceInfo && { system, all: serviceInfo.service ?? [] };
  } catch (error) {
    if (isFault(error, "ManagedObjectNotFound") || isFault(error, "NoPermission")) return undefined;
    throw error;
  }
}

/** What a service is to be like. A setting that is left out stays as it is. */
export interface ServiceWish {
  readonly running?: boolean | undefined;
  readonly policy?: string | undefined;
}

/** Sends what differs. The policy goes first: a host that refuses it has then started nothing. */
export async function setService(
  host: HostCore,
  { system }: Services,
  service: HostService,
  { running, policy }: ServiceWish,
  signal: AbortSignal,
): Promise<void> {
  const id = service.key;
  if (policy !== undefined && policy !== service.policy) {
    await host.client.call(system, "UpdateServicePolicy", { id, policy }, { signal });
  }
  if (running !== undefined && running !== service.running) {
    await host.client.call(system, running ? "StartService" : "StopService", { id }, { signal });
  }
}
