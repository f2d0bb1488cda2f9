/** The host's virtual networking as the API shows it. */
import type {
  HostNetworkConfig,
  HostNetworkInfo,
  HostPortGroup,
  HostPortGroupPort,
  HostPortGroupSpec,
  HostVirtualSwitch,
} from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders } from "../core/objects.ts";
import type { Host } from "../host/host.ts";
import { ethernetNumbers, macAddress } from "../vm/device/ethernet.ts";
import { escapedName } from "../vm/identity/names.ts";
import { PNICS, VNICS } from "./hardware.ts";
import type { StoredSwitch } from "./networking.ts";
import { inherit } from "./policy.ts";
import { uplinksOf } from "./switch-spec.ts";

/** Ports of all vSwitches together. */
const PORTS = 1536;
const DNS = { dhcp: true, hostName: "localhost", domainName: "localdomain" };

export function networkInfo(host: Host): HostNetworkInfo {
  const { switches, portGroups } = host.networking;
  const open = portGroups.flatMap(({ name }) => ports(host, name)).length;
  return {
    vswitch: switches.map((one): HostVirtualSwitch => switchInfo(one, portGroups, PORTS - open)),
    portgroup: portGroups.map((spec): HostPortGroup => {
      const of = switches.find(({ name }) => name === spec.vswitchName);
      return {
        key: portGroupKey(spec.name),
        port: ports(host, spec.name),
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

export function networkConfig(host: Host): HostNetworkConfig {
  const { switches, portGroups } = host.networking;
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

/** The Network object of a port group. */
export function networkReaders(host: Host, name: string): PropertyReaders {
  const network = ids.networkRef(name);
  const spelled = host.options.behaviour.networkNames === "escaped" ? escapedName(name) : name;
  return entityReaders(() => spelled, ids.NETWORK_FOLDER, {
    summary: () => ({ $type: "NetworkSummary", network, name: spelled, accessible: true, ipPoolName: "" }),
    host: () => [ids.HOST],
    vm: () => host.vms.onNetwork(name),
  });
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
function ports(host: Host, portGroup: string): HostPortGroupPort[] {
  const own = VNICS.filter((nic) => nic.portgroup === portGroup).map((nic) => ({
    key: `key-vim.host.PortGroup.Port-${nic.device}`,
    mac: [nic.spec.mac ?? ""],
    type: "host",
  }));
  const running = host.vms.list().filter((vm) => vm.powerState === "poweredOn");
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
