/** The network hardware of a new host: its network ports, and its management address. */
import type { HostVirtualNic, PhysicalNic } from "../../schema/index.ts";

const SPEED = { speedMb: 10_000, duplex: true };

export const PNICS: readonly PhysicalNic[] = ["vmnic0", "vmnic1", "vmnic2", "vmnic3"].map(
  (device, index) => ({
    key: `key-vim.host.PhysicalNic-${device}`,
    device,
    pci: `0000:0${index + 3}:00.0`,
    driver: "ixgben",
    linkSpeed: SPEED,
    validLinkSpecification: [SPEED],
    spec: { linkSpeed: SPEED },
    wakeOnLanSupported: false,
    mac: `00:1b:21:5a:10:0${index}`,
    autoNegotiateSupported: true,
  }),
);

/** The port group of the host's own address. VMs cannot be on it. */
export const MANAGEMENT = "Management Network";

export const VNICS: readonly HostVirtualNic[] = [
  {
    device: "vmk0",
    key: "key-vim.host.VirtualNic-vmk0",
    portgroup: MANAGEMENT,
    spec: {
      ip: { dhcp: true, ipAddress: "127.0.0.1", subnetMask: "255.0.0.0" },
      mac: "00:1b:21:5a:10:00",
      portgroup: MANAGEMENT,
      mtu: 1500,
      tsoEnabled: true,
      netStackInstanceKey: "defaultTcpipStack",
    },
  },
];
