import type {
  ManagedObjectReference,
  VirtualDevice,
  VirtualMachineConfigInfo,
} from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import type { RetrievedObject } from "../../../vim/reads/managed-properties.ts";
import { addressOf, type GuestNetwork, guestAddresses } from "./guest-addresses.ts";
import { OWNER_MARK_KEY, type OwnerMark, parseOwnerMark } from "./owner-mark.ts";
import { decodeVmName } from "./vm-name.ts";

/**
 * The properties of a VM that {@link observedVm} is made from. The configuration is read as a whole. Asked for as
 * twenty properties, the answer would be no shorter, and would take more time to make and to read.
 */
export const VM_PATHS = [
  "name",
  "config",
  "runtime.powerState",
  "runtime.connectionState",
  "guest.net",
  "guest.ipAddress",
  "guest.toolsRunningStatus",
] as const;

export type VmPath = (typeof VM_PATHS)[number];

/**
 * A machine's configuration as the API tells it, without what {@link ObservedVm} has beside it, and without OVF
 * properties, which may be passwords.
 */
type ObservedConfig = {
  readonly [Key in Exclude<keyof VirtualMachineConfigInfo, NotKept>]?:
    | VirtualMachineConfigInfo[Key]
    | undefined;
};

type NotKept = "vAppConfig" | "hardware" | "extraConfig";

/** A virtual machine as its host describes it now. */
export interface ObservedVm {
  readonly ref: ManagedObjectReference;
  readonly moid: string;
  readonly name: string;
  readonly uuid: string;
  /** Empty for a machine that has none. */
  readonly instanceUuid: string;
  readonly vmxPath: string;
  readonly powerState: "poweredOn" | "poweredOff" | "suspended";
  readonly numCpus: number;
  readonly numCoresPerSocket: number;
  /** In MB. */
  readonly memory: number;
  readonly annotation: string;
  /** Changes with every change of the configuration. Undefined from a host that does not tell. */
  readonly changeVersion: string | undefined;
  readonly cpuHotAddEnabled: boolean;
  readonly memoryHotAddEnabled: boolean;
  readonly config: ObservedConfig;
  readonly extraConfig: ReadonlyMap<string, string>;
  readonly ownerMark: OwnerMark | undefined;
  readonly devices: readonly VirtualDevice[];
  readonly macAddresses: readonly string[];
  readonly guestNetwork: GuestNetwork;
  readonly guestIpAddresses: readonly string[];
  /** See {@link addressOf}. */
  readonly defaultIpAddress: string | undefined;
  readonly toolsRunning: boolean;
}

/** In these states a host may still show what it read before, but it cannot work with the VM. */
const UNREADABLE: readonly unknown[] = ["inaccessible", "invalid", "orphaned"];

/** False for a machine in a state in which its host cannot work with it. */
export const canBeRead = (connectionState: unknown): boolean => !UNREADABLE.includes(connectionState);

/** Undefined for a VM that the host cannot read now. Such a VM is not gone: see unreadable-vm.ts. */
export function observedVm({
  ref,
  properties,
}: RetrievedObject<"VirtualMachine", VmPath>): ObservedVm | undefined {
  const { config } = properties;
  const vmxPath = config?.files.vmPathName;
  if (config === undefined || vmxPath === undefined) return undefined;
  if (!canBeRead(properties["runtime.connectionState"])) return undefined;
  const extraConfig = new Map(
    (config.extraConfig ?? []).map((option) => [option.key, String(option.value ?? "")]),
  );
  const devices = config.hardware.device ?? [];
  const guestNetwork = { nics: properties["guest.net"], primary: properties["guest.ipAddress"] };
  return {
    ref,
    moid: ref.value,
    name: decodeVmName(properties.name ?? ""),
    uuid: config.uuid,
    instanceUuid: config.instanceUuid ?? "",
    vmxPath,
    powerState: properties["runtime.powerState"] ?? "poweredOff",
    numCpus: config.hardware.numCPU,
    numCoresPerSocket: config.hardware.numCoresPerSocket ?? 1,
    memory: config.hardware.memoryMB,
    annotation: config.annotation ?? "",
    changeVersion: config.changeVersion || undefined,
    cpuHotAddEnabled: config.cpuHotAddEnabled ?? false,
    memoryHotAddEnabled: config.memoryHotAddEnabled ?? false,
    config: observedConfig(config),
    extraConfig,
    ownerMark: parseOwnerMark(extraConfig.get(OWNER_MARK_KEY)),
    devices,
    macAddresses: devices.flatMap((device) =>
      isA(device, "VirtualEthernetCard") && device.macAddress ? [device.macAddress] : [],
    ),
    guestNetwork,
    guestIpAddresses: guestAddresses(guestNetwork),
    defaultIpAddress: addressOf(guestNetwork, devices),
    toolsRunning: properties["guest.toolsRunningStatus"] === "guestToolsRunning",
  };
}

function observedConfig(config: VirtualMachineConfigInfo): ObservedConfig {
  const { vAppConfig: _, hardware: __, extraConfig: ___, ...kept } = config;
  return kept;
}
