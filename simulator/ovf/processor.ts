/** CPU and memory of a descriptor's hardware. */
import type { ResourceAllocationInfo, VirtualMachineConfigSpec } from "../../schema/index.ts";
import {
  invalidElementValue,
  missingElement,
  missingHardware,
  type Problems,
  unsupportedElementValue,
} from "./descriptor/descriptor-faults.ts";
import { type HardwareItem, RESOURCE } from "./descriptor/hardware-item.ts";
import { bytesPerUnit, parseQuantity } from "./descriptor/units.ts";

const MIB = 2 ** 20;
const UNLIMITED = -1;
/** A host's values for a VM if the descriptor has none. */
const DEFAULT_MEMORY_MB = 32;

export function setProcessor(
  spec: VirtualMachineConfigSpec,
  items: readonly HardwareItem[],
  problems: Problems,
): void {
  const cpu = items.find(({ resourceType }) => resourceType === RESOURCE.cpu);
  if (cpu === undefined) {
    problems.warn(missingHardware("CPU", RESOURCE.cpu));
    spec.numCPUs = 1;
    return;
  }
  spec.numCPUs = readQuantity(cpu, problems);
  const cores = cpu.coresPerSocket;
  if (cores !== undefined) {
    const value = parseQuantity(cores.text);
    if (value === undefined || value === 0 || (spec.numCPUs ?? 0) % value !== 0) {
      problems.error(invalidElementValue(cores));
    }
    spec.numCoresPerSocket = value;
  }
  spec.cpuAllocation = readAllocation(cpu, 1);
}

export function setMemory(
  spec: VirtualMachineConfigSpec,
  items: readonly HardwareItem[],
  problems: Problems,
): void {
  const memory = items.find(({ resourceType }) => resourceType === RESOURCE.memory);
  if (memory === undefined) {
    problems.warn(missingHardware("Memory", RESOURCE.memory));
    spec.memoryMB = DEFAULT_MEMORY_MB;
    return;
  }
  const units = memory.field("AllocationUnits");
  if (units === undefined) {
    problems.error(missingElement(memory.line, "AllocationUnits"));
    return;
  }
  const unitBytes = bytesPerUnit(units.text);
  if (unitBytes === undefined) {
    problems.error(unsupportedElementValue(units, units.name, units.text.trim()));
    return;
  }
  const quantity = readQuantity(memory, problems);
  if (quantity === undefined) return;
  spec.memoryMB = Math.ceil((quantity * unitBytes) / MIB);
  spec.memoryAllocation = readAllocation(memory, unitBytes / MIB);
}

function readQuantity(item: HardwareItem, problems: Problems): number | undefined {
  const element = item.field("VirtualQuantity");
  if (element === undefined) {
    problems.error(missingElement(item.line, "VirtualQuantity"));
    return undefined;
  }
  const quantity = parseQuantity(element.text);
  if (quantity !== undefined && quantity > 0) return quantity;
  problems.error(invalidElementValue(element));
  return undefined;
}

/** @param scale the value of one unit of the item in units of the API, MHz or MB */
function readAllocation(item: HardwareItem, scale: number): ResourceAllocationInfo | undefined {
  const reservation = item.number("Reservation");
  const limit = item.number("Limit");
  const weight = item.number("Weight");
  if (reservation === undefined && limit === undefined && weight === undefined) return undefined;
  return {
    $type: "ResourceAllocationInfo",
    reservation: Math.ceil((reservation ?? 0) * scale),
    limit: limit === undefined ? UNLIMITED : Math.ceil(limit * scale),
    shares:
      weight === undefined
        ? { $type: "SharesInfo", shares: 0, level: "normal" }
        : { $type: "SharesInfo", shares: weight, level: "custom" },
  };
}
