/** HostNetworkSystem: vSwitches and port groups as the API shows and changes them. */
import type {
  HostNetworkConfig,
  HostNetworkInfo,
  HostPortGroup,
  HostPortGroupPort,
  HostPortGroupSpec,
  HostVirtualSwitch,
} from "../../schema/index.ts";
import { MANAGERS } from "../core/ids.ts";
import type { StoredSwitch } from "../core/stored.ts";
import type { Part } from "../handlers.ts";
import { ethernetNumbers, macAddress } from "../vm/device/ethernet.ts";
import type { Vms } from "../vm/vms.ts";
import { PNICS, VNICS } from "./network-ports.ts";
import type { Networking } from "./networking.ts";
import { inherit, TEAMING } from "./policy.ts";
import { uplinksOf } from "./switch-spec.ts";

/** Ports of all vSwitches together. */
const PORTS = 1536;
const DNS = { dhcp: true, hostName: "localhost", domainName: "localdomain" };

export function networkSystem(networking: Networking, vms: Vms): Part {
  return {
    objects: [
      {
        ref: MANAGERS.networkSystem,
        readers: {
          networkInfo: () => networkInfo(networking, vms),
          networkConfig: () => networkConfig(networking),
          capabilities: () => CAPABILITIES,
        },
      },
    ],
    handlers: {
      AddVirtualSwitch: (_call, { vswitchName, spec }) => networking.addSwitch(vswitchName, spec),
      UpdateVirtualSwitch: (_call, { vswitchName, spec }) => networking.updateSwitch(vswitchName, spec),
      RemoveVirtualSwitch: (_call, { vswitchName }) => networking.removeSwitch(vswitchName),
      AddPortGroup: (_call, { portgrp }) => networking.addPortGroup(portgrp),
      UpdatePortGroup: (_call, { pgName, portgrp }) => networking.updatePortGroup(pgName, portgrp),
      RemovePortGroup: (_call, { pgName }) => networking.removePortGroup(pgName),
    },
  };
}

const CAPABILITIES = {
  canSetPhysicalNicLinkSpeed: true,
  supportsNicTeaming: true,
  nicTeamingPolicy: TEAMING,
  supportsVlan: true,
  usesServiceConsoleNic: false,
  supportsNetworkHints: true,
  maxPortGroupsPerVswitch: 512,
  vswitchConfigSupported: true,
  vnicConfigSupported: true,
  ipRouteConfigSupported: true,
  dnsConfigSupported: true,
  dhcpOnVnicSupported: true,
  ipV6Supported: true,
};

export function networkInfo({ switches, portGroups }: Networking, vms: Vms): HostNetworkInfo {
  const open = portGroups.flatMap(({ name }) => ports(vms, name)).length;
  return {
    vswitch: switches.map((one): HostVirtualSwitch => switchInfo(one, portGroups, PORTS - open)),
    portgroup: portGroups.map((spec): HostPortGroup => {
      const of = switches.find(({ name }) => name === spec.vswitchName);
      return {
        key: portGroupKey(spec.name),
        port: ports(vms, spec.name),
        vswitch: switchKey(spec.vswitchName),
        computedPolicy: inherit(spec.policy, of?.spec.policy ?? {}),
        spec,
      };
    }),
    pnic: [...PNICS],
    vnic: [...VNICS],
    dnsConfig: DNS,
    ipRouteConfig: {},
    ipV6Enabled: true,
    atBootIpV6Enabled: true,
  };
}

function networkConfig({ switches, portGroups }: Networking): HostNetworkConfig {
  return {
    vswitch: switches.map(({ name, spec }) => ({ changeOperation: "edit", name, spec })),
    portgroup: portGroups.map((spec) => ({ changeOperation: "edit", spec })),
    pnic: PNICS.map(({ device, spec }) => ({ device, spec })),
    vnic: VNICS.map(({ device, portgroup, spec }) => ({ changeOperation: "edit", device, portgroup, spec })),
    dnsConfig: DNS,
    ipRouteConfig: {},
    ipV6Enabled: true,
  };
}

function switchInfo(
  { name, spec }: StoredSwitch,
  portGroups: readonly HostPortGroupSpec[],
  numPortsAvailable: number,
): HostVirtualSwitch {
  return {
    name,
    key: switchKey(name),
    numPorts: PORTS,
    numPortsAvailable,
    mtu: spec.mtu,
    portgroup: portGroups.filter((one) => one.vswitchName === name).map((one) => portGroupKey(one.name)),
    pnic: uplinksOf(spec).map((device) => `key-vim.host.PhysicalNic-${device}`),
    spec,
  };
}

/** The open ports of a port group. */
function ports(vms: Vms, portGroup: string): HostPortGroupPort[] {
  const own = VNICS.filter((nic) => nic.portgroup === portGroup).map((nic) => ({
    key: `key-vim.host.PortGroup.Port-${nic.device}`,
    mac: [nic.spec.mac ?? ""],
    type: "host",
  }));
  const running = vms.list().filter((vm) => vm.powerState === "poweredOn");
  const ofVms = running.flatMap(({ vmx, moid }) =>
    ethernetNumbers(vmx)
      .filter((number) => vmx.get(`ethernet${number}.networkName`) === portGroup)
      .map((number) => ({
        key: `key-vim.host.PortGroup.Port-${moid}-${number}`,
        mac: [macAddress(vmx, number) ?? ""],
        type: "virtualMachine",
      })),
  );
  return [...own, ...ofVms];
}

function switchKey(name: string): string {
  return `key-vim.host.VirtualSwitch-${name}`;
}

function portGroupKey(name: string): string {
  return `key-vim.host.PortGroup-${name}`;
}
