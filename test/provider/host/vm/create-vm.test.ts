/** A machine whose making was not answered, or that nobody waits for any more. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeGiven } from "../../../../provider/host/file-use/given-files.ts";
import { createVm } from "../../../../provider/host/vm/create-vm.ts";
import { specOfNew } from "../../../../provider/host/vm/settings/wishes.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Managed } from "../../resources/managed.ts";
import { Stranger } from "../../resources/stranger.ts";

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

test("a run that is stopped before asks the host for nothing", async () => {
  const stopped = AbortSignal.abort(new Error("^C"));
  const spec = { ...specOfNew({ memory: 64 }), name: "it" };
  expect((await failure(createVm(lab.host, spec, undefined, stopped))).message).toBe("^C");
  expect(lab.raw.count("CreateVM_Task")).toBe(0);
});

test("a disk that it gets counts as given before the host has answered, and afterwards", async () => {
  const stranger = new Stranger(lab);
  await stranger.vm("data");
  const [attach = ""] = stranger.diskPaths("data");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("data").moid);
  const given: boolean[] = [];
  const isGiven = () => void given.push(takeGiven(lab.host, (file) => file === attach));
  lab.raw.simulator.faults.add({
    method: "CreateVM_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "before" ? isGiven() : undefined),
  });
  await vm.create({ ...WISH, disks: [{ attach }] });
  isGiven();
  isGiven();
  expect(given).toEqual([true, true, false]);
  expect(lab.raw.diskPaths("it")).toEqual([attach]);
});
