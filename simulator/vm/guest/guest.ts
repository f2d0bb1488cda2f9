/** The guest inside a running VM, as far as the host sees it: VMware Tools and the addresses they report. */
import { createHash } from "node:crypto";
import type { GuestInfo, GuestNicInfo, VirtualMachineGuestSummary } from "../../../schema/index.ts";
import { ethernetNumbers, macAddress } from "../device/ethernet.ts";
import type { Vmx } from "../vmx.ts";
import { guestOsOfVmx } from "./os/guest-os.ts";

/** `booting`: no Tools. `toolsUp`: Tools run and report only link-local addresses. `ready`: the network is up. */
export type GuestStage = "off" | "booting" | "toolsUp" | "ready";

/** The reports of a guest that a test asks for, and the TCP ports on which it answers. */
export interface GuestSays {
  /** Adapters. Those of bridges inside the guest have no network and the id -1. Default: the VM's own. */
  readonly net?: readonly Omit<GuestNicInfo, "$type">[] | undefined;
  /** The main address. Default: the first of the VM's first adapter. */
  readonly ipAddress?: string | undefined;
  readonly ports?: readonly number[] | undefined;
}

export interface GuestContext {
  readonly vmx: Vmx;
  readonly moid: string;
  readonly stage: GuestStage;
  readonly networks: readonly string[];
  /** Slots with a connected device. */
  readonly connected: ReadonlyMap<string, boolean>;
  readonly says?: GuestSays | undefined;
}

/** A guest has Tools if it has a connected network adapter on a port group that exists. */
export function hasNetwork(context: Pick<GuestContext, "vmx" | "networks" | "connected">): boolean {
  return connectedCards(context).length > 0;
}

export function toolsRunning(stage: GuestStage): boolean {
  return stage === "toolsUp" || stage === "ready";
}

export function readGuest(context: GuestContext): GuestInfo {
  const { vmx, stage } = context;
  const os = guestOsOfVmx(vmx.get("guestOS") ?? "other");
  const running = toolsRunning(stage);
  const summary = readGuestSummary(context);
  return {
    toolsStatus: summary.toolsStatus,
    toolsVersionStatus: summary.toolsVersionStatus,
    toolsVersionStatus2: summary.toolsVersionStatus2,
    toolsRunningStatus: summary.toolsRunningStatus,
    toolsVersion: running ? "12389" : "0",
    ...(running
      ? {
          guestId: os.id,
          guestFamily: os.family,
          guestFullName: os.fullName,
          hostName: summary.hostName,
          ipAddress: summary.ipAddress,
          net: nics(context),
        }
      : {}),
    guestState: running ? "running" : "notRunning",
    guestOperationsReady: running,
    interactiveGuestOperationsReady: false,
    guestStateChangeSupported: running,
  };
}

export function readGuestSummary(context: GuestContext): VirtualMachineGuestSummary {
  const { vmx, stage } = context;
  const os = guestOsOfVmx(vmx.get("guestOS") ?? "other");
  const running = toolsRunning(stage);
  return {
    guestId: os.id,
    guestFullName: os.fullName,
    toolsStatus: running ? "toolsOk" : "toolsNotRunning",
    toolsVersionStatus: running ? "guestToolsUnmanaged" : "guestToolsNotInstalled",
    toolsVersionStatus2: running ? "guestToolsUnmanaged" : "guestToolsNotInstalled",
    toolsRunningStatus: running ? "guestToolsRunning" : "guestToolsNotRunning",
    ...(running ? { hostName: hostName(vmx) } : {}),
    ...(stage === "ready" ? { ipAddress: context.says?.ipAddress ?? nics(context)[0]?.ipAddress?.[0] } : {}),
  };
}

function hostName(vmx: Vmx): string {
  return (vmx.get("displayName") ?? "localhost").toLowerCase().replace(/[^a-z0-9-]/g, "-");
}

function connectedCards({
  vmx,
  networks,
  connected,
}: Pick<GuestContext, "vmx" | "networks" | "connected">): number[] {
  return ethernetNumbers(vmx).filter(
    (number) =>
      networks.includes(vmx.get(`ethernet${number}.networkName`) ?? "") &&
      connected.get(`ethernet${number}`) === true,
  );
}

function nics(context: GuestContext): GuestNicInfo[] {
  const { vmx, moid, stage, says } = context;
  if (says?.net !== undefined) return says.net.map((nic) => ({ $type: "GuestNicInfo", ...nic }));
  return connectedCards(context).map((number) => {
    const network = vmx.get(`ethernet${number}.networkName`) ?? "";
    const mac = macAddress(vmx, number) ?? "";
    const linkLocal = linkLocalAddress(mac);
    const ipv4 = ipv4Address(network, Number(moid), number);
    return {
      network,
      ipAddress: stage === "ready" ? [ipv4, linkLocal] : [linkLocal],
      macAddress: mac,
      connected: true,
      deviceConfigId: 4000 + number,
    };
  });
}

/**
 * The /16 is derived from the name of a port group, so other port groups do not change it. The address in it is derived
 * from the VM's id.
 */
function ipv4Address(network: string, vm: number, card: number): string {
  const host = vm * 4 + (card % 4);
  const subnet = createHash("sha256").update(network).digest().readUInt8(0) % 100;
  return `10.${100 + subnet}.${Math.floor(host / 250) % 256}.${(host % 250) + 2}`;
}

function linkLocalAddress(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((part) => Number.parseInt(part, 16));
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(":")}`;
}
