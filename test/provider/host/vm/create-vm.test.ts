/** A machine whose making was not answered, or that nobody waits for any more. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Managed } from "../../resources/managed.ts";

let lab: Lab;
let vm: Managed;

beforeEach(async () => {
  lab = await Lab.open({ taskDurationMs: 30 });
  vm = new Managed(lab, "ScratchVm", scratchVm);
});

afterEach(() => lab.close());

const WISH = { name: "it", memory: 64, powerOn: false };
const vms = async () => (await lab.raw.contents()).vms;

test("a machine whose making was not answered is found by its mark, and made once", async () => {
  lab.raw.simulator.faults.add({ method: "CreateVM_Task", count: 1, action: "loseReply" });
  const state = await vm.create(WISH);
  expect(state.id).toBe(lab.raw.vm("it").instanceUuid);
  expect(await vms()).toEqual(["it: poweredOff"]);
  expect(lab.raw.count("CreateVM_Task")).toBe(1);
});

test("a machine of that name that a stranger made meanwhile is not taken for it", async () => {
  const other = new Managed(lab, "ScratchVm", scratchVm, "other");
  lab.raw.simulator.faults.add({
    method: "CreateVM_Task",
    count: 1,
    action: "disconnect",
    onWork: async () => void (await other.create(WISH, lab.context(undefined, lab.connect()))),
  });
  await failure(vm.create(WISH));
  expect(await vms()).toEqual(["it: poweredOff"]);
  expect(lab.ownerMark(lab.raw.vm("it"))?.urn).toMatch(/::other$/);
});

test("a run that is stopped while a machine is made keeps it in state", async () => {
  const stop = new AbortController();
  lab.raw.simulator.faults.add({
    method: "CreateVM_Task",
    action: "continue",
    onWork: (moment) => (moment === "before" ? stop.abort(new Error("^C")) : undefined),
  });
  const inputs = await vm.inputs(WISH);
  const half = await vm.unfinished(scratchVm.create(inputs, lab.context(stop.signal)), inputs);
  expect(half.id).toBe(lab.raw.vm("it").instanceUuid);
  lab.raw.simulator.faults.clear();
  await lab.restart();
  await vm.delete(half);
  expect(await vms()).toEqual([]);
});
