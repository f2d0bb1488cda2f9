/** Device changes of a ConfigSpec, written by hand, and what the simulated host then shows. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VirtualDevice } from "../../../../schema/index.ts";
import type { Simulator } from "../../../../simulator/index.ts";
import type { RawClient, TaskEnd } from "../../host/raw-client.ts";

export interface DeviceParts {
  readonly key?: number;
  readonly backing?: string;
  readonly connectable?: string;
  readonly controllerKey?: number;
  readonly unitNumber?: number;
  /** Elements of the type itself. */
  readonly own?: string;
}

function change(operation: string, type: string, parts: DeviceParts, fileOperation = ""): string {
  const { key = -100, backing = "", connectable = "", controllerKey, unitNumber, own = "" } = parts;
  return (
    `<deviceChange><operation>${operation}</operation>` +
    `${fileOperation === "" ? "" : `<fileOperation>${fileOperation}</fileOperation>`}` +
    `<device xsi:type="${type}"><key>${key}</key>${backing}${connectable}` +
    `${controllerKey === undefined ? "" : `<controllerKey>${controllerKey}</controllerKey>`}` +
    `${unitNumber === undefined ? "" : `<unitNumber>${unitNumber}</unitNumber>`}${own}</device></deviceChange>`
  );
}

export const add = (type: string, parts: DeviceParts = {}, fileOperation = ""): string =>
  change("add", type, parts, fileOperation);
export const edit = (type: string, parts: DeviceParts): string => change("edit", type, parts);
export const remove = (type: string, parts: DeviceParts, fileOperation = ""): string =>
  change("remove", type, parts, fileOperation);

/** A controller with the key -1. */
export function controller(type: string, busNumber = 0, key = -1): string {
  const sharing = /AHCI|NVME/.test(type) ? "" : "<sharedBus>noSharing</sharedBus>";
  return add(type, { key, own: `<busNumber>${busNumber}</busNumber>${sharing}` });
}

export const flat = (fileName: string, mode = "persistent", more = ""): string =>
  `<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>${fileName}</fileName><diskMode>${mode}</diskMode>${more}</backing>`;

/** A new thin disk. */
export function newDisk(
  controllerKey: number,
  capacityKb: number,
  fileName = "",
  unitNumber?: number,
): string {
  const backing = flat(fileName, "persistent", "<thinProvisioned>true</thinProvisioned>");
  const parts = { backing, controllerKey, own: `<capacityInKB>${capacityKb}</capacityInKB>` };
  return add("VirtualDisk", unitNumber === undefined ? parts : { ...parts, unitNumber }, "create");
}

export const plug = (startConnected: boolean, connected: boolean): string =>
  `<connectable><startConnected>${startConnected}</startConnected><allowGuestControl>true</allowGuestControl><connected>${connected}</connected></connectable>`;

export const iso = (fileName: string): string =>
  `<backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>${fileName}</fileName></backing>`;

export const onNetwork = (name: string): string =>
  `<backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>${name}</deviceName></backing>`;

export async function reconfigure(client: RawClient, vm: string, spec: string): Promise<TaskEnd> {
  return await client.task("ReconfigVM_Task", vm, `<spec>${spec}</spec>`);
}

/** "" if it went well, else the fault. */
export async function outcome(client: RawClient, vm: string, spec: string): Promise<string> {
  return (await reconfigure(client, vm, spec)).fault;
}

export async function power(client: RawClient, vm: string, state: "On" | "Off"): Promise<TaskEnd> {
  return await client.task(`Power${state}VM_Task`, vm);
}

/** A device as the host shows it; undefined if there is none with that key. */
export function device(
  simulator: Simulator,
  key: number,
  vm = 0,
): (VirtualDevice & Record<string, unknown>) | undefined {
  const found = simulator.vms()[vm]?.config.hardware.device?.find((one) => one.key === key);
  return found && { ...found };
}

/** The lines of a VM's `.vmx`, by key. */
export async function vmxOf(
  simulator: Simulator,
  folder: string,
  name = folder,
): Promise<Record<string, string>> {
  const root = dirname(dirname(simulator.diskFile("[datastore1] x/x.vmdk")));
  const text = await readFile(join(root, folder, `${name}.vmx`), "utf8");
  return Object.fromEntries(
    [...text.matchAll(/^(\S+) = "(.*)"$/gm)].map(([, key = "", value = ""]) => [key, value]),
  );
}
