import type { NetworkPolicy } from "./network-policy.ts";
import type { Networking } from "./networking.ts";

/** The actual or desired state of a port group. It takes from its vSwitch what its policy leaves out. */
export interface PortGroupState extends NetworkPolicy {
  readonly name: string;
  readonly virtualSwitch: string;
  readonly vlanId: number;
}

/** Changes port groups. The caller has looked whether the change can be made. */
export interface PortGroupWriter {
  /** @param seen The host's networking a moment ago. */
  add(wish: PortGroupState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  update(wish: PortGroupState, seen: Networking, signal: AbortSignal): Promise<unknown>;
  remove(name: string, seen: Networking, signal: AbortSignal): Promise<unknown>;
}
