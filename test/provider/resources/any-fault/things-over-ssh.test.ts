/** A fault at any command and request of the life of networks, pools and snapshots on a host that only its shell changes. */
import { afterAll, beforeAll } from "vitest";
import { PATIENCE } from "../../../../provider/host/shell/confirmed.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import type { Lab } from "../lab.ts";
import type { Row } from "./row.ts";
import { anyFault } from "./table.ts";

const shared = {
  options: { ssh: { listen: "127.0.0.1:0" }, behaviour: { freeFolderWrites: "refused" } },
  /** Marks hold their session; snapshots when they were taken. */
  changing: /\.log$|\.pulumi-esxi-direct-|web(-\d+)?\.(vmdk|vmsd|vmx)$/,
  unmarked: /full datastore/,
  draws: { writes: 0.2, reads: 0 },
  prepare: async (lab: Lab) => {
    await lab.raw.restart({ license: "free" });
    await lab.restart();
  },
} as const;

const rows: readonly Row[] = [
  {
    ...shared,
    title: "a port group over SSH",
    kind: "PortGroup",
    lifecycle: portGroup,
    wish: async () => ({ name: "it", virtualSwitch: "vSwitch0", allowPromiscuous: true }),
    change: async () => ({ name: "it", virtualSwitch: "vSwitch0", vlanId: 5 }),
  },
  {
    ...shared,
    title: "a resource pool over SSH",
    kind: "ResourcePool",
    lifecycle: resourcePool,
    wish: async () => ({ name: "it" }),
    change: async () => ({ name: "renamed", cpuLimit: 500 }),
  },
  {
    ...shared,
    title: "a snapshot over SSH",
    kind: "VmSnapshot",
    lifecycle: vmSnapshot,
    prepare: async (lab) => {
      await lab.create({ name: "web", powerOn: false });
      await shared.prepare(lab);
    },
    wish: async () => ({ vm: "web", name: "clean" }),
    change: async () => ({ vm: "web", name: "renamed" }),
    check: (lab) => lab.raw.snapshots("web"),
  },
];

const usual = { ...PATIENCE };
// The simulated host has done what it does when it answers.
beforeAll(() => void Object.assign(PATIENCE, { afterFailureMs: 100 }));
afterAll(() => void Object.assign(PATIENCE, usual));

anyFault(rows);
