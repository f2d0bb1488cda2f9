/** A simulated host of a test's own, with a client that is logged in; both are gone when the test ends. */
import { onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../simulator/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { PASSWORD, RawClient } from "./raw-client.ts";

export interface Lab {
  readonly simulator: Simulator;
  readonly client: RawClient;
}

export async function startHost(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const folder = await temporaryFolder();
  const simulator = await startSimulator({
    stateDir: folder.path,
    password: PASSWORD,
    guestAddressDelayMs: 4,
    ...options,
  });
  onTestFinished(async () => {
    await simulator.stop();
    await folder.remove();
  });
  return simulator;
}

export function connect(simulator: Simulator): RawClient {
  const client = new RawClient(simulator);
  onTestFinished(() => client.close());
  return client;
}

export async function startLab(options: Partial<SimulatorOptions> = {}): Promise<Lab> {
  const simulator = await startHost(options);
  const client = connect(simulator);
  await client.login();
  return { simulator, client };
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
