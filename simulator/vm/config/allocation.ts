/** Limits, reservations and shares of CPU (MHz) and memory (MB), as they are in the `.vmx`. */
import type { ResourceAllocationInfo, SharesInfo, SharesLevel } from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import type { Vmx } from "../vmx.ts";

export type Resource = "cpu" | "mem";

const PROPERTY = { cpu: "configSpec.cpuAllocation", mem: "configSpec.memoryAllocation" } as const;
const UNLIMITED = -1;
const MAX_SHARES = 1_000_000;
/** Shares of each level, per virtual CPU and per MB of memory. */
const SHARES = {
  cpu: { low: 500, normal: 1000, high: 2000 },
  mem: { low: 5, normal: 10, high: 20 },
} as const;

export function readAllocation(vmx: Vmx, what: Resource): ResourceAllocationInfo {
  const limit = vmx.number(`sched.${what}.max`);
  return {
    reservation: reservation(vmx, what),
    expandableReservation: false,
    limit: limit === undefined || limit < 0 ? UNLIMITED : limit,
    shares: readShares(vmx, what),
    ...(what === "mem" ? { overheadLimit: 0 } : {}),
  };
}

/** Whether all of a VM's memory is reserved, whatever its size. */
function isMemoryPinned(vmx: Vmx): boolean {
  return vmx.flag("sched.mem.pin");
}

/** @throws VimFault InvalidArgument */
export function writeAllocation(vmx: Vmx, what: Resource, allocation: ResourceAllocationInfo): void {
  const { reservation: reserved, limit, shares, expandableReservation } = allocation;
  if (expandableReservation === true) throw invalidArgument(`${PROPERTY[what]}.expandableReservation`);
  if (reserved !== undefined) {
    if (reserved < 0) throw invalidArgument(`${PROPERTY[what]}.reservation`);
    if (what === "mem" && isMemoryPinned(vmx) && reserved !== memory(vmx))
      throw invalidArgument(`${PROPERTY[what]}.reservation`);
    vmx.set(`sched.${what}.min`, reserved);
    if (what === "cpu") vmx.set("sched.cpu.units", "mhz");
    else vmx.set("sched.mem.minSize", reserved);
  }
  if (limit !== undefined) {
    if (limit < UNLIMITED) throw invalidArgument(`${PROPERTY[what]}.limit`);
    vmx.set(`sched.${what}.max`, limit === UNLIMITED ? "unlimited" : limit);
  }
  if (shares) vmx.set(`sched.${what}.shares`, sharesText(shares, what));
}

/** Checks the new values together with those that the VM had. @throws VimFault InvalidArgument */
export function checkAllocation(vmx: Vmx, what: Resource): void {
  const { reservation: reserved = 0, limit = UNLIMITED } = readAllocation(vmx, what);
  if (limit !== UNLIMITED && reserved > limit) throw invalidArgument(`${PROPERTY[what]}.reservation`);
  if (what === "mem" && reserved > memory(vmx)) throw invalidArgument(`${PROPERTY[what]}.reservation`);
}

function reservation(vmx: Vmx, what: Resource): number {
  if (what === "mem" && isMemoryPinned(vmx)) return memory(vmx);
  return vmx.number(`sched.${what}.min`) ?? 0;
}

function readShares(vmx: Vmx, what: Resource): SharesInfo {
  const text = (vmx.get(`sched.${what}.shares`) ?? "normal").toLowerCase();
  if (text !== "low" && text !== "normal" && text !== "high")
    return { shares: Number(text) || 0, level: "custom" };
  const units = what === "cpu" ? (vmx.number("numvcpus") ?? 1) : memory(vmx);
  return { shares: units * SHARES[what][text], level: text };
}

/** For a level with a fixed number of shares, the number that a client sends is ignored. */
function sharesText({ level, shares }: SharesInfo, what: Resource): SharesLevel | number {
  if (level !== "custom") return level;
  if (shares < 1 || shares > MAX_SHARES) throw invalidArgument(`${PROPERTY[what]}.shares.shares`);
  return shares;
}

function memory(vmx: Vmx): number {
  return vmx.number("memSize") ?? 32;
}
