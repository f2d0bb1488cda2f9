/** The host's virtual networking: one vSwitch with the port groups. */
import type { HostNetworkInfo } from "../../schema/index.ts";
import type { Host } from "./host.ts";

const VSWITCH = "vSwitch0";
const VSWITCH_KEY = `key-vim.host.VirtualSwitch-${VSWITCH}`;
const PORTS = 1536;

export function networkInfo(host: Host): HostNetworkInfo {
  return {
    vswitch: [
      {
        name: VSWITCH,
        key: VSWITCH_KEY,
        numPorts: PORTS,
        numPortsAvailable: PORTS - host.vms.references().length,
        mtu: 1500,
        spec: { numPorts: 128, policy: {}, mtu: 1500 },
      },
    ],
    portgroup: host.networks.map((name) => ({
      key: `key-vim.host.PortGroup-${name}`,
      computedPolicy: {},
      spec: { name, vlanId: 0, vswitchName: VSWITCH, policy: {} },
    })),
    pnic: [],
    vnic: [],
    dnsConfig: { dhcp: true, hostName: "localhost", domainName: "localdomain" },
    ipRouteConfig: {},
  };
}
