/** The host's services: which of them run, and which start with the host. */
import type { HostService, HostServiceInfo } from "../../schema/index.ts";
import { invalidArgument } from "../soap/fault.ts";
import type { Handlers } from "../soap/handlers.ts";
import type { Host } from "./host.ts";
import { MANAGERS } from "./host-system.ts";

const KNOWN = [
  { key: "TSM-SSH", label: "SSH" },
  { key: "TSM", label: "ESXi Shell" },
  { key: "ntpd", label: "NTP Daemon" },
];
const POLICIES = ["on", "off", "automatic"];

interface Service {
  running: boolean;
  policy: string;
  onChange: (running: boolean) => Promise<void>;
}

export class Services {
  readonly #services = new Map<string, Service>(
    KNOWN.map(({ key }) => [key, { running: false, policy: "off", onChange: async () => undefined }]),
  );

  info(): HostServiceInfo {
    return { service: KNOWN.map(({ key, label }): HostService => this.#service(key, label)) };
  }

  /** What is to happen when a service starts or stops. */
  onChange(key: string, work: (running: boolean) => Promise<void>): void {
    this.#need(key).onChange = work;
  }

  /** Starts a service that does not run, or stops one that does. @throws VimFault InvalidArgument */
  async set(key: string, running: boolean): Promise<void> {
    const service = this.#need(key);
    if (service.running === running) return;
    service.running = running;
    await service.onChange(running);
  }

  /** @throws VimFault InvalidArgument */
  setPolicy(key: string, policy: string): void {
    if (!POLICIES.includes(policy)) throw invalidArgument("policy");
    this.#need(key).policy = policy;
  }

  #need(key: string): Service {
    const service = this.#services.get(key);
    if (service === undefined) throw invalidArgument("id");
    return service;
  }

  #service(key: string, label: string): HostService {
    const { running, policy } = this.#need(key);
    return { key, label, required: false, uninstallable: false, running, ruleset: [], policy };
  }
}

export function serviceHandlers(host: Host): Handlers {
  const changed = (): void => host.objects.changed(MANAGERS.serviceSystem, "serviceInfo");
  return {
    async StartService(_call, { id }) {
      await host.services.set(id, true);
      changed();
    },
    async StopService(_call, { id }) {
      await host.services.set(id, false);
      changed();
    },
    async RestartService(_call, { id }) {
      await host.services.set(id, false);
      await host.services.set(id, true);
      changed();
    },
    UpdateServicePolicy(_call, { id, policy }) {
      host.services.setPolicy(id, policy);
      changed();
    },
    RefreshServices: () => undefined,
  };
}
