import type {
  HostVirtualSwitchBondBridge,
  HostVirtualSwitchSimpleBridge,
  HostVirtualSwitchSpec,
} from "../../../schema/index.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import type { Networking } from "./networking.ts";

/** The actual or desired state of a standard vSwitch. */
export interface VirtualSwitchState extends NetworkPolicy {
  readonly name: string;
  readonly numPorts: number;
  readonly mtu: number | undefined;
  /** Its uplinks. */
  readonly networkAdapters: readonly string[];
  /** Seconds. Only a vSwitch with uplinks has this, and the two settings below. */
  readonly beaconInterval?: number | undefined;
  readonly linkDiscoveryProtocol?: string | undefined;
  readonly linkDiscoveryOperation?: string | undefined;
}

/** Changes vSwitches. The caller has looked whether the change can be made. */
export interface VirtualSwitchWriter {
  /** @param seen The host's networking a moment ago. */
  add(wish: VirtualSwitchState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  update(wish: VirtualSwitchState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  remove(name: string, seen: Networking, signal: AbortSignal): Promise<unknown>;
}

/** Names of a vSwitch's uplinks. */
export function uplinksOf({ bridge }: HostVirtualSwitchSpec): readonly string[] {
  if (bridge === undefined) return [];
  const { nicDevice } = bridge as HostVirtualSwitchBondBridge | HostVirtualSwitchSimpleBridge;
  return typeof nicDevice === "string" ? [nicDevice] : nicDevice;
}
