/** A simulated host of a test's own, with a client that is logged in; both are gone when the test ends. */
import { onTestFinished } from "vitest";
import type { Simulator, SimulatorOptions } from "../../../simulator/index.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { PASSWORD, RawClient } from "./raw-client.ts";

const GIB = 1024 ** 3;

export interface Lab {
  readonly host: SimulatedHost;
  readonly simulator: Simulator;
  readonly client: RawClient;
}

/** A host with the datastores datastore1 and datastore2. */
export async function startHost(options: Partial<SimulatorOptions> = {}): Promise<SimulatedHost> {
  const host = await SimulatedHost.start({
    password: PASSWORD,
    guestAddressDelayMs: 4,
    datastores: ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * GIB })),
    ...options,
  });
  onTestFinished(() => host.stop());
  return host;
}

export function connect(host: { readonly url: string }): RawClient {
  const client = new RawClient(host);
  onTestFinished(() => client.close());
  return client;
}

/** Restarts a host. @returns what is there then, with another client that is logged in */
export async function restart(host: SimulatedHost, options: Partial<SimulatorOptions> = {}): Promise<Lab> {
  const simulator = await host.restart(options);
  const client = connect(host);
  await client.login();
  return { host, simulator, client };
}

export async function startLab(options: Partial<SimulatorOptions> = {}): Promise<Lab> {
  const host = await startHost(options);
  const client = connect(host);
  await client.login();
  return { host, simulator: host.simulator, client };
}

export const POOL = '<pool type="ResourcePool">ha-root-pool</pool>';

/** Elements of a ConfigSpec come in schema order: `head` before numCPUs, `tail` after memoryMB. */
export interface VmParts {
  readonly head?: string;
  readonly numCPUs?: number;
  readonly memoryMB?: number;
  readonly tail?: string;
  readonly vmPathName?: string;
}

export function configSpec(name: string, parts: VmParts = {}): string {
  return (
    `<config><name>${name}</name>${parts.head ?? "<guestId>otherLinux64Guest</guestId>"}` +
    `<files><vmPathName>${parts.vmPathName ?? "[datastore1]"}</vmPathName></files>` +
    `<numCPUs>${parts.numCPUs ?? 1}</numCPUs><memoryMB>${parts.memoryMB ?? 64}</memoryMB>${parts.tail ?? ""}</config>`
  );
}

/** Makes a VM. @returns its `VirtualMachine:id` */
export async function createVm(client: RawClient, name: string, parts: VmParts = {}): Promise<string> {
  const end = await client.task("CreateVM_Task", "Folder:ha-folder-vm", configSpec(name, parts) + POOL);
  if (end.state !== "success") throw new Error(`CreateVM_Task: ${end.fault} ${end.message}`);
  return `VirtualMachine:${end.result}`;
}

export const SCSI =
  "<deviceChange><operation>add</operation>" +
  '<device xsi:type="ParaVirtualSCSIController"><key>-1</key><busNumber>0</busNumber><sharedBus>noSharing</sharedBus></device></deviceChange>';

export function disk(capacityInKb: number, fileName = "", key = -2): string {
  return (
    "<deviceChange><operation>add</operation><fileOperation>create</fileOperation>" +
    `<device xsi:type="VirtualDisk"><key>${key}</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>${fileName}</fileName>` +
    "<diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing>" +
    `<controllerKey>-1</controllerKey><capacityInKB>${capacityInKb}</capacityInKB></device></deviceChange>`
  );
}

export function nic(network = "VM Network"): string {
  return (
    "<deviceChange><operation>add</operation>" +
    `<device xsi:type="VirtualVmxnet3"><key>-5</key><backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>${network}</deviceName></backing></device></deviceChange>`
  );
}
