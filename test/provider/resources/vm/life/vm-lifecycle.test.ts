/** What of the inputs only a new machine can change, as the mark of an unfinished one tells the next run. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatOwnerMark, OWNER_MARK_KEY } from "../../../../../provider/host/vm/reading/owner-mark.ts";
import type { Lifecycle, Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { tinyOva } from "../../../../support/tiny-ova.ts";
import { failure, Lab } from "../../lab.ts";
import { Managed } from "../../managed.ts";

let lab: Lab;

beforeEach(async () => {
  const capacityBytes = 100 * 1024 ** 3;
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes }));
  lab = await Lab.open({ datastores });
  for (const name of ["golden", "silver"])
    await lab.create({ name, datastore: "datastore1", powerOn: false });
});

afterEach(() => lab.close());

const OVA = { name: "it", ovaPath: tinyOva.path, datastore: "datastore1", powerOn: false };
const SCRATCH = { name: "it", memory: 64, datastore: "datastore1", powerOn: false };
const CLONE = { name: "it", source: "golden", datastore: "datastore1", powerOn: false };

/** As if the create had been killed just before its end. */
async function unfinish(): Promise<void> {
  const vm = lab.raw.vm("it");
  const mark = lab.ownerMark(vm);
  if (mark === undefined) throw new Error("It has no mark.");
  const value = formatOwnerMark({ ...mark, phase: "creating" });
  await lab.raw.simulator.behindBack.reconfigure(vm.moid, {
    extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value })],
  });
  lab.raw.simulator.expireSessions();
  await lab.restart();
}

test.each<[string, string, Lifecycle, Properties, Properties]>([
  ["OVA", "another datastore", ovaDeployment, OVA, { datastore: "datastore2" }],
  ["OVA", "another kind of disks", ovaDeployment, OVA, { diskProvisioning: "thick" }],
  ["OVA", "other networks", ovaDeployment, OVA, { ovfNetworkMap: { "VM Network": "lab-net" } }],
  ["machine from scratch", "another datastore", scratchVm, SCRATCH, { datastore: "datastore2" }],
  ["clone", "another datastore", datastoreClone, CLONE, { datastore: "datastore2" }],
  ["clone", "another source", datastoreClone, CLONE, { source: "silver" }],
  ["clone", "another mode", datastoreClone, CLONE, { mode: "linked" }],
  ["clone", "another kind of disks", datastoreClone, CLONE, { diskProvisioning: "thick" }],
  ["clone", "another folder", datastoreClone, CLONE, { folder: "elsewhere" }],
])(
  "an unfinished %s is left alone by a program that asks for %s",
  async (_, _what, lifecycle, wish, change) => {
    const it = new Managed(lab, "Vm", lifecycle);
    await it.create(wish);
    await unfinish();
    const before = await lab.raw.contents();
    const error = await failure(it.create({ ...wish, ...change }));
    expect(error.message).toMatch(/is what an interrupted run left of this resource with other inputs/);
    const { vms, files } = await lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  },
);

test.each<[string, Lifecycle, Properties, Properties]>([
  ["OVA", ovaDeployment, OVA, { memory: 128, powerOn: true, annotation: "other" }],
  ["machine from scratch", scratchVm, SCRATCH, { memory: 128, powerOn: true, annotation: "other" }],
  ["clone", datastoreClone, CLONE, { memory: 128, powerOn: true, poweredOnSource: "snapshot" }],
])(
  "an unfinished %s is made anew by a program that asks for what an update can change",
  async (_, lifecycle, wish, change) => {
    const it = new Managed(lab, "Vm", lifecycle);
    const before = await it.create(wish);
    await unfinish();
    const state = await it.create({ ...wish, ...change });
    expect(state.id).not.toBe(before.id);
    expect(lab.raw.vm("it")).toMatchObject({
      powerState: "poweredOn",
      config: { hardware: { memoryMB: 128 } },
    });
  },
);
