import type { ManagedObjectReference } from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import type { HostCore } from "../host-core.ts";
import { HostError } from "../host-error.ts";
import { readServices } from "../services.ts";

export const SSH_SERVICE = "TSM-SSH";

/** Why nobody but a person can have the shell. */
export const SSH_OFF =
  "the SSH service is off, and the host's licence does not let it be started through the API. Start it in the host's client " +
  "under Manage > Services (TSM-SSH)";

interface Service {
  readonly system: ManagedObjectReference;
  readonly running: boolean;
  /** Whether it starts with the host: `on`, `off` or `automatic`. */
  readonly policy: string;
}

/** The host's SSH service. Undefined if the host does not show it. */
export async function readSshService(host: HostCore): Promise<Service | undefined> {
  const services = await readServices(host);
  const service = services?.all.find(({ key }) => key === SSH_SERVICE);
  return services && service && { system: services.system, running: service.running, policy: service.policy };
}

/**
 * Starts the host's SSH service if it is off.
 * @returns A function that restores its former state. Undefined if nothing was changed.
 * @throws HostError if it is off, and the licence does not allow to start it through the API.
 */
export async function ensureSshService(host: HostCore): Promise<(() => Promise<void>) | undefined> {
  const service = await readSshService(host);
  if (service === undefined || service.running) return undefined;
  const { system } = service;
  const putBack = async () => {
    await host.client.call(system, "StopService", { id: SSH_SERVICE });
  };
  try {
    await host.client.call(system, "StartService", { id: SSH_SERVICE });
  } catch (error) {
    if (isFault(error, "RestrictedVersion")) {
      throw new HostError(`${host.name}: ${SSH_OFF}, then run \`pulumi up\` again.`, { cause: error });
    }
    // Perhaps only the answer was lost.
    if ((await readSshService(host))?.running !== true) throw error;
  }
  return putBack;
}
