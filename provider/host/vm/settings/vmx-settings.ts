import { adaptersOf } from "../../../vmx/devices.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { HostError } from "../../host-error.ts";
import type { VmWishes } from "./facets.ts";
import type { AdapterWish } from "./network-interfaces.ts";
import { applyHardwareToVmx } from "./vmx-hardware.ts";

/** Drives: making them takes more than the file. */
const NEED_API: readonly string[] = ["disks", "cdroms", "floppy", "serialPorts"] satisfies (keyof VmWishes)[];

/** Why an order of boot devices cannot be set in a .vmx file. */
export const EFI_ORDER =
  "cannot be set over SSH for a machine with EFI, which keeps its boot order in its NVRAM: leave it out, set it in the " +
  'machine\'s own setup, or use transport: "api", which needs a licence that allows it';

/**
 * @param now The firmware of the machine.
 * @throws HostError for what only the API can do.
 */
export function refuseInVmx(wishes: VmWishes, now: string | undefined): void {
  const others = Object.keys(wishes).filter((key) => NEED_API.includes(key));
  if (others.length > 0) {
    throw new HostError(
      `${others.join(", ")} cannot be changed over SSH: that needs the host's API, and a licence that allows it.`,
    );
  }
  if (wishes.bootOrder !== undefined && wishes.bootOrder.length > 0 && (wishes.firmware ?? now) === "efi")
    throw new HostError(`bootOrder ${EFI_ORDER}.`);
}

/**
 * Writes what is wished for into a .vmx file, as the API would.
 * @throws HostError for what only the API can do.
 */
export function applyToVmx(vmx: Vmx, wishes: VmWishes): void {
  refuseInVmx(wishes, vmx.get("firmware"));
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
    if (wish.connected === false) vmx.set(key("startConnected"), "FALSE");
    else vmx.delete(key("startConnected"));
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
