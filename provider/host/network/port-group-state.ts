import type { NetworkPolicy } from "./network-policy.ts";
import type { Networking } from "./networking.ts";

/** A port group as it is or is to be; what its policy leaves out is as its vSwitch has it. */
export interface PortGroupState extends NetworkPolicy {
  readonly name: string;
  readonly virtualSwitch: string;
  readonly vlanId: number;
}

/** What changes port groups; who calls it has looked that the change can be made. */
export interface PortGroupWriter {
  /** @param seen The host's networking a moment ago. */
  add(wish: PortGroupState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  update(wish: PortGroupState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  remove(name: string, seen: Networking, signal: AbortSignal): Promise<unknown>;
}
