/** Whether a VM may run: what the host has must be enough for what it asks for and for what others reserved. */
import type { Host } from "../host/host.ts";
import { CPU, MEMORY_BYTES } from "../host/resources.ts";
import { VimFault } from "../soap/fault.ts";
import { readAllocation } from "./config/allocation.ts";
import type { Vm } from "./vm.ts";
import type { Vmx } from "./vmx.ts";

/** Memory of a VM is a multiple of this. */
export const MEMORY_STEP_MB = 4;

const MIB = 1024 ** 2;

/**
 * @param vmx what the VM is, or is to become
 * @throws VimFault InsufficientCpuResourcesFault (MHz), InsufficientMemoryResourcesFault (bytes)
 */
export function checkReservations(host: Host, vm: Vm, vmx: Vmx): void {
  const others = host.vms.list().filter((one) => one !== vm && one.powerState === "poweredOn");
  const reserved = (what: "cpu" | "mem", of: Vmx): number => readAllocation(of, what).reservation ?? 0;
  const used = (what: "cpu" | "mem"): number => others.reduce((sum, one) => sum + reserved(what, one.vmx), 0);
  const freeMhz = CPU.mhz * CPU.cores - used("cpu");
  const mhz = reserved("cpu", vmx);
  if (mhz > freeMhz)
    throw new VimFault(
      "InsufficientCpuResourcesFault",
      "The available CPU resources in the parent resource pool are insufficient for the operation.",
      { unreserved: freeMhz, requested: mhz },
    );
  const freeBytes = MEMORY_BYTES - used("mem") * MIB;
  const bytes = reserved("mem", vmx) * MIB;
  if (bytes > freeBytes)
    throw new VimFault(
      "InsufficientMemoryResourcesFault",
      "The available Memory resources in the parent resource pool are insufficient for the operation.",
      { unreserved: freeBytes, requested: bytes },
    );
}

/** @throws VimFault NotEnoughLogicalCpus */
export function checkLogicalCpus(vmx: Vmx): void {
  const wanted = vmx.number("numvcpus") ?? 1;
  if (wanted <= CPU.threads) return;
  throw new VimFault(
    "NotEnoughLogicalCpus",
    `Virtual machine requires ${wanted} CPUs to run, but the host hardware only provides ${CPU.threads}.`,
    { numCpuDest: CPU.threads, numCpuVm: wanted },
  );
}
