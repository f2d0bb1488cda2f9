/** HostServiceSystem: the host's services, which of them run, and which start with the host. */
import type { HostService, HostServiceInfo } from "../../schema/index.ts";
import { MANAGERS } from "../core/ids.ts";
import type { StoredService } from "../core/stored.ts";
import type { Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { invalidArgument, notFound, VimFault } from "../soap/fault.ts";

interface KnownService {
  readonly key: string;
  readonly label: string;
  /** Rules of the firewall that open with it. */
  readonly ruleset: readonly string[];
  /** The state after the host's installation. */
  readonly running: boolean;
  readonly policy: string;
  /** True if it cannot be stopped. */
  readonly required?: boolean;
}

const KNOWN: readonly KnownService[] = [
  { key: "DCUI", label: "Direct Console UI", ruleset: [], running: true, policy: "on" },
  { key: "TSM", label: "ESXi Shell", ruleset: [], running: false, policy: "off" },
  { key: "TSM-SSH", label: "SSH", ruleset: ["sshServer"], running: false, policy: "off" },
  { key: "attestd", label: "attestd", ruleset: [], running: false, policy: "off" },
  { key: "kmxd", label: "kmxd", ruleset: [], running: false, policy: "off" },
  { key: "lbtd", label: "Load-Based Teaming Daemon", ruleset: [], running: true, policy: "on" },
  { key: "lwsmd", label: "Active Directory Service", ruleset: [], running: false, policy: "off" },
  { key: "ntpd", label: "NTP Daemon", ruleset: ["ntpClient"], running: false, policy: "off" },
  { key: "pcscd", label: "PC/SC Smart Card Daemon", ruleset: [], running: false, policy: "off" },
  { key: "ptpd", label: "PTP Daemon", ruleset: ["ptpd"], running: false, policy: "off" },
  { key: "sfcbd-watchdog", label: "CIM Server", ruleset: ["CIMHttpServer"], running: true, policy: "on" },
  { key: "slpd", label: "slpd", ruleset: ["CIMSLP"], running: false, policy: "off" },
  { key: "snmpd", label: "SNMP Server", ruleset: ["snmp"], running: false, policy: "on" },
  { key: "vltd", label: "vltd", ruleset: [], running: false, policy: "off" },
  { key: "vmsyslogd", label: "Syslog Server", ruleset: [], running: true, policy: "on", required: true },
  { key: "vpxa", label: "VMware vCenter Agent", ruleset: ["vpxHeartbeats"], running: false, policy: "on" },
  { key: "xorg", label: "X.Org Server", ruleset: [], running: false, policy: "on" },
];
const POLICIES = ["on", "off", "automatic"];

export class Services {
  readonly #host: HostContext;
  readonly #services: Map<string, StoredService>;
  readonly #onChange = new Map<string, (running: boolean) => Promise<void>>();

  constructor(host: HostContext) {
    this.#host = host;
    const stored = host.store.services;
    this.#services = new Map(
      KNOWN.map(({ key, running, policy }) => [key, stored[key] ?? { running, policy }]),
    );
  }

  info(): HostServiceInfo {
    return {
      service: KNOWN.map(
        ({ key, label, ruleset, required = false }): HostService => ({
          key,
          label,
          required,
          uninstallable: false,
          ...this.#need(key),
          ruleset,
        }),
      ),
    };
  }

  /** Registers work for a service's start or stop. */
  onChange(key: string, work: (running: boolean) => Promise<void>): void {
    this.#onChange.set(key, work);
  }

  /** Sets whether a service runs from the start, unless somebody has started or stopped it before. */
  async begin(key: string, running: boolean): Promise<void> {
    const left = this.#host.store.services[key] ?? { ...this.#need(key), running };
    this.#services.set(key, left);
    await this.#onChange.get(key)?.(left.running);
  }

  /**
   * Starts or stops a service. If it is in that state already, nothing happens, and that is no fault.
   *
   * @throws VimFault NotFound, HostConfigFault
   */
  async set(key: string, running: boolean): Promise<void> {
    const service = this.#need(key);
    if (!running && KNOWN.some((one) => one.key === key && one.required))
      throw new VimFault("HostConfigFault", `Service ${key} is required and cannot be stopped.`);
    if (service.running === running) return;
    this.#put(key, { ...service, running });
    await this.#onChange.get(key)?.(running);
  }

  /** @throws VimFault NotFound, HostConfigFault */
  async restart(key: string): Promise<void> {
    if (!this.#need(key).running) return await this.set(key, true);
    const onChange = this.#onChange.get(key);
    await onChange?.(false);
    await onChange?.(true);
  }

  /** @throws VimFault NotFound, InvalidArgument */
  setPolicy(key: string, policy: string): void {
    const service = this.#need(key);
    if (!POLICIES.includes(policy)) throw invalidArgument("policy");
    this.#put(key, { ...service, policy });
  }

  #need(key: string): StoredService {
    const service = this.#services.get(key);
    if (service === undefined) throw notFound();
    return service;
  }

  #put(key: string, service: StoredService): void {
    this.#services.set(key, service);
    this.#host.store.services = { ...this.#host.store.services, [key]: service };
    this.#host.objects.changed(MANAGERS.serviceSystem, "serviceInfo");
  }
}

export function serviceSystem(services: Services): Part {
  return {
    objects: [{ ref: MANAGERS.serviceSystem, readers: { serviceInfo: () => services.info() } }],
    handlers: {
      StartService: (_call, { id }) => services.set(id, true),
      StopService: (_call, { id }) => services.set(id, false),
      RestartService: (_call, { id }) => services.restart(id),
      UpdateServicePolicy: (_call, { id, policy }) => services.setPolicy(id, policy),
      RefreshServices: () => undefined,
    },
  };
}
