/** A fault at any request of the life of what a host has once: networks, pools, services. */
import { hostService } from "../../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import type { Row } from "./row.ts";
import { anyFault } from "./table.ts";

/** Marks hold their session. */
const changing = /\.log$|\.pulumi-esxi-direct-/;
/** These have few requests. */
const draws = { writes: 4, reads: 0.25 };
/** What no datastore has room for gets no mark, and is made all the same. */
const unmarked = /full datastore/;

const rows: readonly Row[] = [
  {
    title: "a port group",
    kind: "PortGroup",
    lifecycle: portGroup,
    changing,
    draws,
    unmarked,
    wish: async () => ({ name: "it", virtualSwitch: "vSwitch0" }),
    change: async () => ({ name: "it", virtualSwitch: "vSwitch0", vlanId: 5 }),
  },
  {
    title: "a vSwitch",
    kind: "VirtualSwitch",
    lifecycle: virtualSwitch,
    changing,
    draws,
    unmarked,
    wish: async () => ({ name: "it" }),
    change: async () => ({ name: "it", networkAdapters: ["vmnic1"], mtu: 9000 }),
  },
  {
    title: "a resource pool",
    kind: "ResourcePool",
    lifecycle: resourcePool,
    changing,
    draws,
    unmarked,
    wish: async () => ({ name: "it" }),
    change: async () => ({ name: "renamed", cpuLimit: 500 }),
  },
  {
    title: "a service",
    kind: "HostService",
    lifecycle: hostService,
    changing,
    draws,
    unmarked,
    wish: async () => ({ service: "TSM-SSH", running: true, policy: "on" }),
    change: async () => ({ service: "TSM-SSH", running: true, policy: "automatic" }),
  },
];

anyFault(rows);
