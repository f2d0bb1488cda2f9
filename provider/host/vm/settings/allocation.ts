import type {
  ResourceAllocationInfo,
  SharesLevel,
  VirtualMachineConfigSpec,
} from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { field, type HostSetting, scalar } from "./setting.ts";

/** How much of a contended resource a machine gets: a level that grows with the machine's size, or a number. */
export const SHARE_LEVELS = ["low", "normal", "high", "custom"] as const satisfies readonly SharesLevel[];

type Resource = "cpuAllocation" | "memoryAllocation";

/** The beginning of their keys in a `.vmx` file. */
const IN_VMX = { cpuAllocation: "cpu", memoryAllocation: "mem" } as const;

const limit = (resource: Resource) =>
  scalar(field(resource, "limit"), {
    usual: -1,
    off: "never",
    vmx: (vmx, value) => {
      if (value === -1) vmx.delete(keyOf(resource, "max"));
      else vmx.set(keyOf(resource, "max"), String(value));
      setUnit(vmx, resource);
    },
  });

const reservation = (resource: Resource) =>
  scalar(field(resource, "reservation"), {
    usual: 0,
    off: "never",
    vmx: (vmx, value) => {
      vmx.set(keyOf(resource, "min"), String(value));
      setUnit(vmx, resource);
    },
  });

const shareLevel = (resource: Resource): HostSetting<SharesLevel, "never", "configuration"> => ({
  stage: "configuration",
  observe: ({ config }) => config[resource]?.shares?.level ?? "normal",
  // The level `custom` comes with its number, in the setting below. The host knows the numbers of the other levels, and
  // ignores the number given here.
  spec: (_vm, level) => (level === "custom" ? {} : allocation(resource, { shares: { level, shares: 0 } })),
  off: "never",
  vmx: (vmx, level) => {
    if (level !== "custom") vmx.set(keyOf(resource, "shares"), level);
  },
  copied: (source) => allocation(resource, { shares: source[resource]?.shares }),
});

const shareCount = (resource: Resource): HostSetting<number, "never", "configuration"> => ({
  stage: "configuration",
  // A number that the host has chosen for another level is not a setting.
  observe: ({ config }) => {
    const { level, shares = 0 } = config[resource]?.shares ?? {};
    return level === "custom" ? shares : 0;
  },
  spec: (_vm, shares) => allocation(resource, { shares: { level: "custom", shares } }),
  off: "never",
  vmx: (vmx, shares) => vmx.set(keyOf(resource, "shares"), String(shares)),
  // The level copies it too.
  copied: () => ({}),
});

/**
 * How much of its host's CPU (in MHz) and memory (in MB) a machine may use, and how much it is guaranteed. A limit of
 * -1 means none.
 */
export const allocations = {
  cpuLimit: limit("cpuAllocation"),
  cpuReservation: reservation("cpuAllocation"),
  cpuShareLevel: shareLevel("cpuAllocation"),
  cpuShareCount: shareCount("cpuAllocation"),
  memoryLimit: limit("memoryAllocation"),
  memoryReservation: reservation("memoryAllocation"),
  memoryShareLevel: shareLevel("memoryAllocation"),
  memoryShareCount: shareCount("memoryAllocation"),
};

const allocation = (resource: Resource, info: ResourceAllocationInfo): VirtualMachineConfigSpec => ({
  [resource]: info,
});

const keyOf = (resource: Resource, name: string): string => `sched.${IN_VMX[resource]}.${name}`;

function setUnit(vmx: Vmx, resource: Resource): void {
  if (resource === "cpuAllocation") vmx.set("sched.cpu.units", "mhz");
}
