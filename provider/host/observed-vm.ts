import type {
  GuestNicInfo,
  ManagedObjectReference,
  OptionValue,
  VirtualDevice,
  VirtualMachineConfigInfo,
} from "../../schema/index.ts";
import { isA } from "../vim/codec/objects.ts";
import type { RetrievedObject } from "../vim/property-path.ts";
import { OWNER_MARK_KEY, type OwnerMark, parseOwnerMark } from "./owner-mark.ts";
import { decodeVmName } from "./vm-name.ts";

/** The properties of a VM that {@link observedVm} is made from. */
export const VM_PATHS = [
  "name",
  "config.uuid",
  "config.instanceUuid",
  "config.annotation",
  "config.hardware.numCPU",
  "config.hardware.numCoresPerSocket",
  "config.hardware.memoryMB",
  "config.hardware.device",
  "config.cpuHotAddEnabled",
  "config.memoryHotAddEnabled",
  "config.cpuHotRemoveEnabled",
  "config.nestedHVEnabled",
  "config.guestId",
  "config.version",
  "config.firmware",
  "config.bootOptions",
  "config.cpuAllocation",
  "config.memoryAllocation",
  "config.flags",
  "config.tools",
  "config.extraConfig",
  "config.files.vmPathName",
  "runtime.powerState",
  "guest.net",
  "guest.ipAddress",
  "guest.toolsRunningStatus",
] as const;

export type VmPath = (typeof VM_PATHS)[number];

/** What of a machine's configuration is passed on as the API says it, for the settings that are made of it. */
type ObservedConfig = {
  readonly [Key in
    | "guestId"
    | "version"
    | "firmware"
    | "bootOptions"
    | "cpuAllocation"
    | "memoryAllocation"
    | "flags"
    | "tools"
    | "nestedHVEnabled"
    | "cpuHotRemoveEnabled"]?: VirtualMachineConfigInfo[Key] | undefined;
};

/** A virtual machine as its host describes it now. */
export interface ObservedVm {
  readonly ref: ManagedObjectReference;
  readonly moid: string;
  readonly name: string;
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly vmxPath: string;
  readonly powerState: "poweredOn" | "poweredOff" | "suspended";
  readonly numCpus: number;
  readonly numCoresPerSocket: number;
  /** In MB. */
  readonly memory: number;
  readonly annotation: string;
  readonly cpuHotAddEnabled: boolean;
  readonly memoryHotAddEnabled: boolean;
  readonly config: ObservedConfig;
  readonly extraConfig: ReadonlyMap<string, string>;
  readonly ownerMark: OwnerMark | undefined;
  readonly devices: readonly VirtualDevice[];
  readonly macAddresses: readonly string[];
  readonly guestIpAddresses: readonly string[];
  /** The first address that is not link-local, IPv4 before IPv6. */
  readonly defaultIpAddress: string | undefined;
  readonly toolsRunning: boolean;
}

/** Undefined for a VM whose configuration the host cannot read (an inaccessible datastore, say). */
export function observedVm({
  ref,
  properties,
}: RetrievedObject<"VirtualMachine", VmPath>): ObservedVm | undefined {
  const instanceUuid = properties["config.instanceUuid"];
  const vmxPath = properties["config.files.vmPathName"];
  if (typeof instanceUuid !== "string" || typeof vmxPath !== "string") return undefined;
  const extraConfig = new Map(
    (properties["config.extraConfig"] ?? []).map((option: OptionValue) => [
      option.key,
      String(option.value ?? ""),
    ]),
  );
  const devices = properties["config.hardware.device"] ?? [];
  const addresses = guestAddresses(properties["guest.net"], properties["guest.ipAddress"]);
  return {
    ref,
    moid: ref.value,
    name: decodeVmName(properties.name ?? ""),
    uuid: properties["config.uuid"] ?? "",
    instanceUuid,
    vmxPath,
    powerState: properties["runtime.powerState"] ?? "poweredOff",
    numCpus: properties["config.hardware.numCPU"] ?? 1,
    numCoresPerSocket: properties["config.hardware.numCoresPerSocket"] ?? 1,
    memory: properties["config.hardware.memoryMB"] ?? 0,
    annotation: properties["config.annotation"] ?? "",
    cpuHotAddEnabled: properties["config.cpuHotAddEnabled"] ?? false,
    memoryHotAddEnabled: properties["config.memoryHotAddEnabled"] ?? false,
    config: {
      guestId: properties["config.guestId"],
      version: properties["config.version"],
      firmware: properties["config.firmware"],
      bootOptions: properties["config.bootOptions"],
      cpuAllocation: properties["config.cpuAllocation"],
      memoryAllocation: properties["config.memoryAllocation"],
      flags: properties["config.flags"],
      tools: properties["config.tools"],
      nestedHVEnabled: properties["config.nestedHVEnabled"],
      cpuHotRemoveEnabled: properties["config.cpuHotRemoveEnabled"],
    },
    extraConfig,
    ownerMark: parseOwnerMark(extraConfig.get(OWNER_MARK_KEY)),
    devices,
    macAddresses: devices.flatMap((device) =>
      isA(device, "VirtualEthernetCard") && device.macAddress ? [device.macAddress] : [],
    ),
    guestIpAddresses: addresses,
    defaultIpAddress: defaultAddress(addresses),
    toolsRunning: properties["guest.toolsRunningStatus"] === "guestToolsRunning",
  };
}

/** All addresses that a guest reports, each once, in the order of its adapters. */
export function guestAddresses(
  nics: readonly GuestNicInfo[] | undefined,
  primary: string | undefined,
): string[] {
  const reported = (nics ?? []).flatMap((nic) => nic.ipAddress ?? []);
  return [...new Set([...(primary ? [primary] : []), ...reported])].filter((address) => address !== "");
}

/** The first address that another machine can use: not link-local, IPv4 before IPv6. */
export function defaultAddress(addresses: readonly string[]): string | undefined {
  const usable = addresses.filter((address) => !/^(169\.254\.|fe80:|127\.|::1$)/i.test(address));
  return usable.find((address) => !address.includes(":")) ?? usable[0];
}
