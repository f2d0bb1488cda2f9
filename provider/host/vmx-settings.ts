import { adaptersOf } from "../vmx/devices.ts";
import type { Vmx } from "../vmx/vmx.ts";
import type { AdapterWish } from "./vm-adapters.ts";
import type { VmWishes } from "./vm-config/facets.ts";
import { applyHardwareToVmx } from "./vmx-hardware.ts";

/** Writes what is wished for into a .vmx file, as the API would. */
export function applyToVmx(vmx: Vmx, wishes: VmWishes): void {
  if (wishes.numCpus !== undefined) vmx.set("numvcpus", String(wishes.numCpus));
  if (wishes.numCoresPerSocket !== undefined)
    vmx.set("cpuid.coresPerSocket", String(wishes.numCoresPerSocket));
  if (wishes.memory !== undefined) vmx.set("memSize", String(wishes.memory));
  if (wishes.annotation !== undefined) vmx.set("annotation", wishes.annotation);
  for (const [key, value] of Object.entries(wishes.extraConfig ?? {})) {
    if (value === "") vmx.delete(key);
    else vmx.set(key, value);
  }
  if (wishes.networkInterfaces !== undefined) applyAdapters(vmx, wishes.networkInterfaces);
  applyHardwareToVmx(vmx, wishes);
}

/** An adapter that becomes another type gets a new MAC address, as one that is replaced does. */
function applyAdapters(vmx: Vmx, wishes: readonly AdapterWish[]): void {
  const present = adaptersOf(vmx).filter((number) => isPresent(vmx, number));
  const free = Array.from({ length: 10 }, (_, number) => number).filter(
    (number) => !present.includes(number),
  );
  for (const [index, wish] of wishes.entries()) {
    const number = present[index] ?? free.shift() ?? index;
    const key = (name: string) => `ethernet${number}.${name}`;
    const isNew = present[index] === undefined;
    const type = wish.adapterType ?? (isNew ? "vmxnet3" : undefined);
    if (isNew) removeAdapter(vmx, number);
    if (type !== undefined && vmx.get(key("virtualDev")) !== type) {
      removeAdapter(vmx, number);
      vmx.set(key("virtualDev"), type === "pcnet32" ? "vlance" : type);
      vmx.set(key("addressType"), "generated");
    }
    vmx.set(key("present"), "TRUE");
    vmx.set(key("networkName"), wish.network);
    if (wish.macAddress !== undefined) {
      vmx.set(key("addressType"), "static");
      vmx.set(key("address"), wish.macAddress.toLowerCase());
      for (const gone of ["generatedAddress", "generatedAddressOffset"]) vmx.delete(key(gone));
    }
  }
  for (const number of present.slice(wishes.length)) removeAdapter(vmx, number);
}

function removeAdapter(vmx: Vmx, number: number): void {
  const prefix = `ethernet${number}.`;
  for (const key of vmx.keys()) if (key.toLowerCase().startsWith(prefix)) vmx.delete(key);
}

const isPresent = (vmx: Vmx, number: number) =>
  vmx.get(`ethernet${number}.present`) === undefined || vmx.isTrue(`ethernet${number}.present`);
