import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { hostService } from "../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import {
  getDatastore,
  getHost,
  getNetwork,
  getVm,
  getVms,
} from "../../../provider/resources/look-ups/reads.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import type { Lab } from "./lab.ts";

/** A resource as a program has it, and then has it changed. */
export interface Program {
  readonly what: string;
  /** The resource's type name. */
  readonly kind: string;
  readonly lifecycle: Lifecycle;
  readonly settings: Properties;
  readonly changed: Properties;
  /** What makes it take over what is there already. */
  readonly adopt?: unknown;
  /** True for what is only read. */
  readonly isRead?: boolean;
  /** The machine whose files it changes. */
  readonly changing?: string;
  /** Puts onto the host what it needs. */
  prepare?(lab: Lab): Promise<unknown>;
}

const golden = (lab: Lab) => lab.create({ name: "golden", powerOn: false });
const vm = (what: string, kind: string, lifecycle: Lifecycle, settings: Properties, changed: Properties) => ({
  what,
  kind,
  lifecycle,
  settings: { name: "it", powerOn: false, ...settings },
  changed: { name: "it", powerOn: false, ...settings, ...changed },
  adopt: { name: "it" },
  prepare: golden,
});
const lookUp = (kind: string, lifecycle: Lifecycle, settings: Properties): Program => ({
  what: `a look-up by ${kind}`,
  kind,
  lifecycle,
  settings,
  changed: settings,
  isRead: true,
});

export const PROGRAMS: readonly Program[] = [
  vm(
    "a machine from an OVA",
    "OvaDeployment",
    ovaDeployment,
    { ovaPath: tinyOva.path, powerOn: true },
    { memory: 128 },
  ),
  vm("a full clone", "DatastoreClone", datastoreClone, { source: "golden", mode: "full" }, { memory: 128 }),
  vm(
    "a linked clone",
    "DatastoreClone",
    datastoreClone,
    { source: "golden", mode: "linked" },
    { annotation: "new" },
  ),
  vm(
    "a machine from nothing",
    "ScratchVm",
    scratchVm,
    { disks: [{ label: "data", size: 0.01 }], networkInterfaces: [{ network: "VM Network" }] },
    {
      disks: [
        { label: "data", size: 0.02 },
        { label: "more", size: 0.01 },
      ],
    },
  ),
  {
    what: "a snapshot",
    kind: "VmSnapshot",
    lifecycle: vmSnapshot,
    settings: { vm: "golden", name: "clean", description: "before" },
    changed: { vm: "golden", name: "cleaner", description: "after" },
    changing: "golden",
    prepare: golden,
  },
  {
    what: "a file",
    kind: "DatastoreFile",
    lifecycle: datastoreFile,
    settings: { path: "iso/it.iso", source: "a.iso" },
    changed: { path: "iso/it.iso", source: "b.iso" },
    adopt: true,
    async prepare(lab) {
      await lab.write("a.iso", Buffer.alloc(5_000, "a"));
      await lab.write("b.iso", Buffer.alloc(6_000, "b"));
    },
  },
  {
    what: "a folder",
    kind: "DatastoreFolder",
    lifecycle: datastoreFolder,
    settings: { path: "it" },
    changed: { path: "it", timeouts: { deleteSeconds: 100 } },
    adopt: true,
  },
  {
    what: "a port group",
    kind: "PortGroup",
    lifecycle: portGroup,
    settings: { name: "it", virtualSwitch: "vSwitch0" },
    changed: { name: "it", virtualSwitch: "vSwitch0", vlanId: 5 },
    adopt: true,
  },
  {
    what: "a switch",
    kind: "VirtualSwitch",
    lifecycle: virtualSwitch,
    settings: { name: "it" },
    changed: { name: "it", networkAdapters: ["vmnic1"], mtu: 9_000 },
    adopt: true,
  },
  {
    what: "a resource pool",
    kind: "ResourcePool",
    lifecycle: resourcePool,
    settings: { name: "it" },
    changed: { name: "renamed", cpuLimit: 500 },
    adopt: true,
  },
  {
    what: "a service",
    kind: "HostService",
    lifecycle: hostService,
    settings: { service: "TSM-SSH", running: true },
    changed: { service: "TSM-SSH", running: false, policy: "on" },
  },
  lookUp("getDatastore", getDatastore, { name: "datastore1" }),
  lookUp("getHost", getHost, {}),
  lookUp("getNetwork", getNetwork, { name: "VM Network" }),
  lookUp("getVm", getVm, { name: "stranger" }),
  lookUp("getVms", getVms, {}),
];
