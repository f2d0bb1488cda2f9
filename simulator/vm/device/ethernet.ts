/** Network adapters. */
import type {
  VirtualDevice,
  VirtualEthernetCard,
  VirtualEthernetCardNetworkBackingInfo,
} from "../../../schema/index.ts";
import { networkRef } from "../../core/ids.ts";
import type { Vmx } from "../vmx.ts";
import { connectable, writeConnectable } from "./connectable.ts";
import type { DeviceContext } from "./context.ts";
import { invalidBacking, invalidDevice } from "./device-faults.ts";

const FIRST_KEY = 4000;
const MAX_CARDS = 10;
const TYPES: Readonly<Record<string, string>> = {
  e1000: "VirtualE1000",
  e1000e: "VirtualE1000e",
  vmxnet3: "VirtualVmxnet3",
  vmxnet2: "VirtualVmxnet2",
  vmxnet: "VirtualVmxnet",
  vlance: "VirtualPCNet32",
};

/** Numbers of the adapters that are there. */
export function ethernetNumbers(vmx: Vmx): number[] {
  return Array.from({ length: MAX_CARDS }, (_, number) => number).filter((number) =>
    vmx.flag(`ethernet${number}.present`),
  );
}

export function ethernetOfKey(vmx: Vmx, key: number): number | undefined {
  return ethernetNumbers(vmx).find((number) => FIRST_KEY + number === key);
}

export function macAddress(vmx: Vmx, number: number): string | undefined {
  return vmx.get(`ethernet${number}.address`) ?? vmx.get(`ethernet${number}.generatedAddress`);
}

export function readEthernet(context: DeviceContext): (VirtualEthernetCard & { readonly $type: string })[] {
  const { vmx } = context;
  return ethernetNumbers(vmx).map((number) => {
    const slot = `ethernet${number}`;
    const network = vmx.get(`${slot}.networkName`) ?? "";
    const backing: VirtualEthernetCardNetworkBackingInfo = {
      $type: "VirtualEthernetCardNetworkBackingInfo",
      deviceName: network,
      useAutoDetect: false,
      ...(context.networks.includes(network) ? { network: networkRef(network) } : {}),
    };
    return {
      $type: TYPES[vmx.get(`${slot}.virtualDev`) ?? "vlance"] ?? "VirtualPCNet32",
      key: FIRST_KEY + number,
      deviceInfo: { label: `Network adapter ${number + 1}`, summary: network },
      backing,
      connectable: connectable(context, slot, true),
      controllerKey: 100,
      unitNumber: 7 + number,
      addressType: vmx.get(`${slot}.addressType`) === "static" ? "manual" : "generated",
      macAddress: macAddress(vmx, number),
      wakeOnLanEnabled: vmx.flag(`${slot}.wakeOnPcktRcv`),
      resourceAllocation: { reservation: 0, share: { shares: 50, level: "normal" }, limit: -1 },
      uptCompatibilityEnabled: false,
    };
  });
}

export function isEthernet(type: string): boolean {
  return Object.values(TYPES).includes(type);
}

/** Adds an adapter. @returns its key */
export function addEthernet(context: DeviceContext, device: VirtualEthernetCard, index: number): number {
  const used = ethernetNumbers(context.vmx);
  const number = Array.from({ length: MAX_CARDS }, (_, one) => one).find((one) => !used.includes(one));
  const virtualDev = Object.entries(TYPES).find(([, type]) => type === device.$type)?.[0];
  if (number === undefined || virtualDev === undefined) throw invalidDevice(index);
  const slot = `ethernet${number}`;
  if (virtualDev !== "vlance") context.vmx.set(`${slot}.virtualDev`, virtualDev);
  if (device.backing === undefined) throw invalidBacking(index);
  writeEthernet(context, slot, device, index);
  if (device.macAddress === undefined || device.addressType === undefined)
    context.vmx.set(`${slot}.addressType`, "generated");
  context.vmx.set(`${slot}.present`, true);
  return FIRST_KEY + number;
}

export function editEthernet(
  context: DeviceContext,
  number: number,
  device: VirtualEthernetCard,
  index: number,
): void {
  const type = TYPES[context.vmx.get(`ethernet${number}.virtualDev`) ?? "vlance"];
  if (type !== device.$type) throw invalidDevice(index, "virtualDeviceSpec.device.key");
  writeEthernet(context, `ethernet${number}`, device, index);
}

function writeEthernet(
  context: DeviceContext,
  slot: string,
  device: VirtualEthernetCard,
  index: number,
): void {
  const { vmx } = context;
  if (device.backing !== undefined)
    vmx.set(`${slot}.networkName`, networkName(context, device.backing, index));
  const type = device.addressType?.toLowerCase();
  if (type === "manual") {
    if (!isMac(device.macAddress)) throw invalidDevice(index, "virtualDeviceSpec.device.macAddress");
    vmx.set(`${slot}.addressType`, "static");
    vmx.set(`${slot}.address`, device.macAddress.toLowerCase());
    vmx.set(`${slot}.generatedAddress`, undefined);
    vmx.set(`${slot}.generatedAddressOffset`, undefined);
  } else if (type === "generated" || type === "assigned") {
    vmx.set(`${slot}.addressType`, "generated");
    vmx.set(`${slot}.address`, undefined);
  } else if (type !== undefined && type !== "")
    throw invalidDevice(index, "virtualDeviceSpec.device.addressType");
  if (device.wakeOnLanEnabled !== undefined) vmx.set(`${slot}.wakeOnPcktRcv`, device.wakeOnLanEnabled);
  writeConnectable(context, slot, device.connectable);
}

function networkName(
  context: DeviceContext,
  backing: NonNullable<VirtualDevice["backing"]>,
  index: number,
): string {
  if (backing.$type !== "VirtualEthernetCardNetworkBackingInfo") throw invalidBacking(index);
  const { deviceName, network } = backing as VirtualEthernetCardNetworkBackingInfo;
  const name = deviceName === "" ? network?.value.replace(/^HaNetwork-/, "") : deviceName;
  if (name === undefined || !context.networks.includes(name)) throw invalidBacking(index);
  return name;
}

function isMac(text: string | undefined): text is string {
  return text !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);
}

/**
 * Gives each adapter without a MAC address one of the generated range, 00:0c:29. It is derived from the VM's BIOS UUID.
 */
export function generateMacs(vmx: Vmx, uuid: string): void {
  const tail = Number.parseInt(uuid.replaceAll("-", "").slice(-6), 16);
  for (const number of ethernetNumbers(vmx)) {
    const slot = `ethernet${number}`;
    if (vmx.get(`${slot}.addressType`) !== "generated" || vmx.get(`${slot}.generatedAddress`) !== undefined)
      continue;
    const offset = number * 10;
    const hex = ((tail + offset) & 0xffffff).toString(16).padStart(6, "0");
    vmx.set(`${slot}.generatedAddress`, `00:0c:29:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`);
    vmx.set(`${slot}.generatedAddressOffset`, offset);
  }
}
