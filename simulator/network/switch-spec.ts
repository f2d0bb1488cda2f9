/** Specs of vSwitches: default values, and their uplinks. */
import type {
  HostVirtualSwitchBondBridge,
  HostVirtualSwitchSimpleBridge,
  HostVirtualSwitchSpec,
} from "../../schema/index.ts";
import { defaultPolicy, inherit } from "./policy.ts";

export const MTU = { least: 1280, most: 9000, default: 1500 };

/**
 * A spec with the defaults of everything that it leaves out.
 *
 * @param open as in {@link defaultPolicy}
 */
export function switchSpec(spec: HostVirtualSwitchSpec, open: boolean): HostVirtualSwitchSpec {
  const uplinks = uplinksOf(spec);
  return {
    numPorts: spec.numPorts,
    ...(uplinks.length > 0 ? { bridge: bond(uplinks, spec.bridge) } : {}),
    policy: inherit(spec.policy ?? {}, defaultPolicy(uplinks, open)),
    mtu: spec.mtu ?? MTU.default,
  };
}

export function bond(
  uplinks: readonly string[],
  asked: Partial<HostVirtualSwitchBondBridge> = {},
): HostVirtualSwitchBondBridge & { readonly $type: string } {
  return {
    $type: "HostVirtualSwitchBondBridge",
    nicDevice: uplinks,
    beacon: asked.beacon ?? { interval: 1 },
    linkDiscoveryProtocolConfig: asked.linkDiscoveryProtocolConfig ?? {
      protocol: "cdp",
      operation: "listen",
    },
  };
}

/** Physical adapters that a vSwitch has as uplinks. */
export function uplinksOf({ bridge }: HostVirtualSwitchSpec): readonly string[] {
  if (bridge === undefined) return [];
  const { nicDevice } = bridge as HostVirtualSwitchBondBridge | HostVirtualSwitchSimpleBridge;
  return typeof nicDevice === "string" ? [nicDevice] : nicDevice;
}
