/** HostNetworkSystem: vSwitches and port groups. */

import type { Host } from "../host/host.ts";
import type { Handlers } from "../soap/handlers.ts";

export function networkHandlers({ networking }: Host): Handlers {
  return {
    AddVirtualSwitch: (_call, { vswitchName, spec }) => networking.addSwitch(vswitchName, spec),
    UpdateVirtualSwitch: (_call, { vswitchName, spec }) => networking.updateSwitch(vswitchName, spec),
    RemoveVirtualSwitch: (_call, { vswitchName }) => networking.removeSwitch(vswitchName),
    AddPortGroup: (_call, { portgrp }) => networking.addPortGroup(portgrp),
    UpdatePortGroup: (_call, { pgName, portgrp }) => networking.updatePortGroup(pgName, portgrp),
    RemovePortGroup: (_call, { pgName }) => networking.removePortGroup(pgName),
  };
}
