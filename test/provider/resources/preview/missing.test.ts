import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { twoDatastores } from "../../../support/two-datastores.ts";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";
import { placeStrangers } from "./strangers.ts";

const GIB = 1024 ** 3;
let lab: Lab;

beforeAll(async () => {
  const datastores = twoDatastores(100 * GIB);
  lab = await Lab.open({ datastores, networks: ["VM Network", "lab-net"] });
  await placeStrangers(lab);
});

// Each test is a run of its own.
beforeEach(() => lab.restart());
afterAll(() => lab.close());

const vm = (args: Previewed["args"] = {}): Previewed => ({
  kind: "ScratchVm",
  args: { name: "vm", datastore: "datastore1", ...args },
});

const cases: readonly (readonly [what: string, resource: Previewed, says: string])[] = [
  [
    "a datastore",
    vm({ datastore: "datastor1" }),
    'datastore: esxi1 has no datastore "datastor1": did you mean "datastore1"? esxi1 has "datastore1", "ssd". Set `datastore` to one of them. Nothing was created.',
  ],
  [
    "a disk's datastore",
    vm({ disks: [{ label: "data", size: 1, datastore: "sdd" }] }),
    'disks.0.datastore: esxi1 has no datastore "sdd": did you mean "ssd"?',
  ],
  [
    "one datastore alone",
    { kind: "ScratchVm", args: { name: "vm" } },
    'datastore: esxi1 has several datastores (datastore1, ssd): say which one to use in the resource\'s argument `datastore`, such as `datastore: "datastore1"`.',
  ],
  [
    "a port group",
    vm({ networkInterfaces: [{ network: "lab-nett" }] }),
    'networkInterfaces.0.network: esxi1 has no port group "lab-nett": did you mean "lab-net"? esxi1 has "VM Network", "lab-net", "their-net". Set `networkInterfaces.0.network` to one of them. Nothing was created.',
  ],
  [
    "a port group that an OVF's network is mapped to",
    {
      kind: "OvaDeployment",
      args: {
        name: "vm",
        datastore: "ssd",
        ovaPath: tinyOva.path,
        ovfNetworkMap: { "VM Network": "lab_net" },
      },
    },
    'ovfNetworkMap: esxi1 has no port group "lab_net": did you mean "lab-net"? esxi1 has "VM Network", "lab-net", "their-net". Set `ovfNetworkMap` for the OVF\'s network "VM Network" to one of them.',
  ],
  [
    "a pool",
    vm({ resourcePool: "their-pol" }),
    'resourcePool: esxi1 has no resource pool "their-pol": did you mean "their-pool"?',
  ],
  [
    "an image",
    vm({ cdroms: [{ iso: "[datastore1] iso/core-5.3.iso" }] }),
    'cdroms.0.iso: esxi1 has no file "[datastore1] iso/core-5.3.iso": did you mean "[datastore1] iso/core-5.4.iso"? The folder "[datastore1] iso" has "[datastore1] iso/core-5.4.iso". Set `cdroms.0.iso` to a file that is there',
  ],
  [
    "a floppy's image",
    vm({ floppy: { image: "[datastore1] iso/answers.flp" } }),
    'floppy.image: esxi1 has no file "[datastore1] iso/answers.flp": the folder "[datastore1] iso" has no .flp files.',
  ],
  [
    "the folder of an image",
    vm({ cdroms: [{ iso: "[datastore1] isos/core-5.4.iso" }] }),
    'cdroms.0.iso: esxi1 has no file "[datastore1] isos/core-5.4.iso": there is no folder "[datastore1] isos".',
  ],
  [
    "the datastore of an image",
    vm({ cdroms: [{ iso: "[datastore2] iso/core-5.4.iso" }] }),
    'cdroms.0.iso: esxi1 has no datastore "datastore2": did you mean "datastore1"?',
  ],
  [
    "a disk to attach",
    vm({ disks: [{ label: "shared", attach: "[ssd] data/shared.vmdk" }] }),
    'disks.0.attach: esxi1 has no file "[ssd] data/shared.vmdk"',
  ],
  [
    "a vSwitch",
    { kind: "PortGroup", args: { name: "pg", virtualSwitch: "vSwitch1" } },
    'virtualSwitch: esxi1 has no vSwitch "vSwitch1": did you mean "vSwitch0"?',
  ],
  [
    "a network adapter",
    { kind: "VirtualSwitch", args: { name: "vs", networkAdapters: ["vmnic77"] } },
    'networkAdapters: esxi1 has no network adapter "vmnic77"',
  ],
  [
    "a pool above a pool",
    { kind: "ResourcePool", args: { name: "pool", parentResourcePool: "students" } },
    'parentResourcePool: esxi1 has no resource pool "students"',
  ],
  [
    "the datastore of a file",
    { kind: "DatastoreFolder", args: { path: "data", datastore: "sdd" } },
    'datastore: esxi1 has no datastore "sdd": did you mean "ssd"?',
  ],
  [
    "a machine to copy",
    { kind: "DatastoreClone", args: { name: "vm", source: "thiers" } },
    'source: esxi1 has no virtual machine "thiers": did you mean "theirs"?',
  ],
  [
    "a machine to take a snapshot of",
    { kind: "VmSnapshot", args: { name: "before", vm: "thiers" } },
    'vm: esxi1 has no virtual machine "thiers": did you mean "theirs"?',
  ],
];

for (const [what, resource, says] of cases)
  test(`a preview says that the host lacks ${what}`, async () => {
    const { failures } = await previewed(lab, resource);
    expect(failures).toEqual([expect.stringContaining(says)]);
  });

test("a preview finds nothing wrong with names that the host has, however they are spelled", async () => {
  const good = vm({
    resourcePool: "their-pool",
    networkInterfaces: [{ network: "lab-net" }],
    cdroms: [{ iso: "[datastore1]iso/core-5.4.iso" }, { iso: "[] /vmimages/tools-isoimages/linux.iso" }, {}],
    disks: [{ label: "data", size: 1, datastore: "ssd" }],
  });
  expect(await previewed(lab, good)).toEqual({ failures: [], warnings: [] });
});

test("of what is not known yet, a preview says nothing", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const vague = vm({
    datastore: unknown,
    resourcePool: unknown,
    networkInterfaces: [{ network: unknown }],
    cdroms: [{ iso: unknown }],
    disks: [{ label: "data", size: 5000, provisioning: "thick" }],
  });
  expect(await previewed(lab, vague)).toEqual({ failures: [], warnings: [] });
});

describe("of a machine that there is", () => {
  const before = { name: "vm", datastore: "datastore1", networkInterfaces: [{ network: "gone-net" }] };

  test("only what it names newly is looked for", async () => {
    const same = await previewed(lab, { ...vm({ ...before, memory: 2048 }), before });
    expect(same).toEqual({ failures: [], warnings: [] });
    const networkInterfaces = [{ network: "gone-net" }, { network: "lab-nett" }];
    const { failures } = await previewed(lab, { ...vm({ networkInterfaces }), before });
    expect(failures).toEqual([
      expect.stringContaining('networkInterfaces.1.network: esxi1 has no port group "lab-nett"'),
    ]);
  });

  test("the host is asked nothing if it stays as it is", async () => {
    const own = lab.connect();
    const calls = lab.raw.count();
    const context = lab.context(new AbortController().signal, own);
    expect((await previewed(lab, { ...vm(before), before }, context)).failures).toEqual([]);
    expect(lab.raw.count()).toBe(calls);
  });
});
