import { afterEach, beforeEach, expect, test } from "vitest";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { previewed } from "./previewed.ts";

const GIB = 1024 ** 3;
const GOLDEN = {
  name: "golden",
  datastore: "datastore1",
  memory: 64,
  disks: [{ size: 0.0625 }],
  powerOn: false,
};

let lab: Lab;
let golden: Managed;

beforeEach(async () => {
  lab = await Lab.open({
    datastores: ["datastore1", "big"].map((name) => ({ name, capacityBytes: 100 * GIB })),
  });
  golden = new Managed(lab, "ScratchVm", scratchVm, "golden");
  await golden.create(GOLDEN);
  await lab.restart();
});

afterEach(() => lab.close());

const moving = (changes: Properties = { datastore: "big" }) =>
  previewed(lab, { kind: "ScratchVm", args: { ...GOLDEN, ...changes }, before: GOLDEN });

test("a preview finds nothing wrong with a machine that can go to another datastore", async () => {
  expect(await moving()).toEqual({ failures: [], warnings: [] });
});

test("a preview names the snapshots that keep a machine from going", async () => {
  await new Managed(lab, "VmSnapshot", vmSnapshot, "clean").create({ vm: "golden", name: "clean" });
  const { failures } = await moving();
  expect(failures).toEqual([
    expect.stringMatching(
      /^datastore: .*"golden" cannot be moved: it has snapshots \("clean"\).*Nothing was changed/s,
    ),
  ]);
  expect(await moving({ memory: 128 })).toEqual({ failures: [], warnings: [] });
  expect(await moving({ datastore: UNKNOWN })).toEqual({ failures: [], warnings: [] });
  expect(lab.raw.vm("golden").vmxPath).toBe("[datastore1] golden/golden.vmx");
});

test("a preview names the linked clones that keep their base from going, but not with checkHost: false", async () => {
  const clone = new Managed(lab, "DatastoreClone", datastoreClone, "student");
  await clone.create({ name: "student", source: "golden", mode: "linked", powerOn: false });
  const { failures } = await moving();
  expect(failures).toEqual([expect.stringMatching(/the disks of "student" build on those of "golden"/)]);
  const args = { ...GOLDEN, datastore: "big" };
  const offline = await previewed(lab, { kind: "ScratchVm", args, before: GOLDEN }, { checkHost: false });
  expect(offline).toEqual({ failures: [], warnings: [] });
});

const PLACED = { datastore: "datastore1", powerOn: false };
const KINDS = [
  { kind: "ScratchVm", lifecycle: scratchVm, args: { ...GOLDEN, ...PLACED, name: "lone" } },
  {
    kind: "OvaDeployment",
    lifecycle: ovaDeployment,
    args: { ...PLACED, name: "lone", ovaPath: tinyOva.path },
  },
  { kind: "DatastoreClone", lifecycle: datastoreClone, args: { ...PLACED, name: "lone", source: "golden" } },
] as const;

test.each(KINDS)(
  "no $kind goes to another place over SSH, running or not",
  async ({ kind, lifecycle, args }) => {
    const vm = new Managed(lab, kind, lifecycle, "lone");
    const state = await vm.create(args);
    await lab.raw.restart({ license: "free" });
    await lab.restart();
    const moved = { ...args, datastore: "big" };
    const why = /"lone" \(\[datastore1\] lone\/lone\.vmx\) cannot be moved over SSH: .*Nothing was changed/s;
    const { failures } = await previewed(lab, { kind, args: moved, before: args });
    expect(failures).toEqual([expect.stringMatching(why)]);
    for (const powerState of ["poweredOff", "poweredOn"]) {
      const inState = { ...state, outs: { ...state.outs, powerState } };
      await expect(vm.diff(inState, moved)).rejects.toThrow(why);
    }
    expect(await vm.diff(state, { ...args, memory: 192 })).toMatchObject({ changes: true });
    await lab.raw.restart({ license: "licensed" });
    await lab.restart();
    expect(await previewed(lab, { kind, args: moved, before: args })).toEqual({ failures: [], warnings: [] });
  },
);
