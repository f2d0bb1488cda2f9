/** Whether a VM may run: its pool and the host must have enough left for its reservations. */
import { CPU } from "../../core/cpu-and-memory.ts";
import type { Pools } from "../../pools/pools.ts";
import { VimFault } from "../../soap/fault.ts";
import { readAllocation } from "../config/allocation.ts";
import type { Vm } from "../vm.ts";
import type { Vmx } from "../vmx.ts";

/** Memory of a VM is a multiple of this. */
export const MEMORY_STEP_MB = 4;

const MIB = 1024 ** 2;

/**
 * @param vmx the present or the new settings of the VM
 * @throws VimFault InsufficientCpuResourcesFault (MHz), InsufficientMemoryResourcesFault (bytes)
 */
export function checkReservations(pools: Pools, vm: Vm, vmx: Vmx): void {
  const pool = pools.of(vm.moid).value;
  const short = (what: "cpu" | "mem", resource: "cpu" | "memory"): [number, number] | undefined => {
    const held = vm.powerState === "poweredOn" ? (readAllocation(vm.vmx, what).reservation ?? 0) : 0;
    const requested = readAllocation(vmx, what).reservation ?? 0;
    const unreserved = Math.max(0, pools.unreserved(pool, resource) + held);
    return requested > unreserved ? [unreserved, requested] : undefined;
  };
  const cpu = short("cpu", "cpu");
  if (cpu)
    throw new VimFault(
      "InsufficientCpuResourcesFault",
      "The available CPU resources in the parent resource pool are insufficient for the operation.",
      { unreserved: cpu[0], requested: cpu[1] },
    );
  const memory = short("mem", "memory");
  if (memory)
    throw new VimFault(
      "InsufficientMemoryResourcesFault",
      "The available Memory resources in the parent resource pool are insufficient for the operation.",
      { unreserved: memory[0] * MIB, requested: memory[1] * MIB },
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
