/** A machine that somebody else changes between the look and the change. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeGiven } from "../../../../provider/host/file-use/given-files.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { reconfigureAsItIs } from "../../../../provider/host/vm/reconfigure-as-it-is.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let lab: Lab;
let seen: ObservedVm;

beforeEach(async () => {
  lab = await Lab.open();
  await lab.create({ powerOn: false });
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm("vm").moid });
  if (vm === undefined) throw new Error("The host has no machine.");
  seen = vm;
});

afterEach(() => lab.close());

const signal = new AbortController().signal;
const somebodyElse = (text: string) =>
  lab.raw.simulator.behindBack.reconfigure(seen.moid, {
    extraConfig: [create("OptionValue", { key: "guestinfo.other", value: text })],
  });

/** Takes out the network adapters that the machine has. */
const withoutNetwork = (now: ObservedVm) => ({
  deviceChange: now.devices
    .filter(({ $type }) => $type === "VirtualVmxnet3")
    .map((device) => create("VirtualDeviceConfigSpec", { operation: "remove", device })),
});

const adapters = () =>
  (lab.raw.vm("vm").config.hardware.device ?? []).filter(({ $type }) => $type === "VirtualVmxnet3").length;

test("its devices are changed by one call if it is as it was seen", async () => {
  await reconfigureAsItIs(lab.host, seen, withoutNetwork, signal);
  expect(adapters()).toBe(0);
  expect(lab.raw.count("ReconfigVM_Task")).toBe(2);
});

test("it is looked at again before its devices are changed", async () => {
  await somebodyElse("1");
  const looks: (string | undefined)[] = [];
  const spec = (now: ObservedVm) => {
    looks.push(now.extraConfig.get("guestinfo.other"));
    return withoutNetwork(now);
  };
  await reconfigureAsItIs(lab.host, seen, spec, signal);
  expect(looks).toEqual([undefined, "1"]);
  expect(adapters()).toBe(0);
});

test("a machine that always changes is left alone after three looks", async () => {
  const looks: ObservedVm[] = [];
  const spec = async (now: ObservedVm) => {
    looks.push(now);
    await somebodyElse(String(looks.length));
    return withoutNetwork(now);
  };
  expect((await failure(reconfigureAsItIs(lab.host, seen, spec, signal))).message).toContain(
    "ConcurrentAccess",
  );
  expect(looks).toHaveLength(3);
  expect(adapters()).toBe(1);
});

test("what the host refuses for another reason is tried once", async () => {
  lab.raw.simulator.faults.add({
    method: "ReconfigVM_Task",
    action: { taskFault: "InvalidDeviceSpec", message: "not that one" },
  });
  const before = lab.raw.count("ReconfigVM_Task");
  expect((await failure(reconfigureAsItIs(lab.host, seen, withoutNetwork, signal))).message).toContain(
    "not that one",
  );
  expect(lab.raw.count("ReconfigVM_Task")).toBe(before + 1);
});

test.each([
  ["names no device", {}],
  ["has an empty list of devices", { deviceChange: [] }],
])("a change that %s goes to the host whatever else has changed, once", async (_, none) => {
  await somebodyElse("1");
  await reconfigureAsItIs(lab.host, seen, () => ({ annotation: "mine", ...none }), signal);
  expect(lab.raw.vm("vm").config.annotation).toBe("mine");
  lab.raw.simulator.faults.add({
    method: "ReconfigVM_Task",
    action: { taskFault: "ConcurrentAccess", message: "somebody else" },
  });
  const before = lab.raw.count("ReconfigVM_Task");
  const change = reconfigureAsItIs(lab.host, seen, () => ({ annotation: "yours", ...none }), signal);
  expect((await failure(change)).message).toContain("somebody else");
  expect(lab.raw.count("ReconfigVM_Task")).toBe(before + 1);
});

test("a disk that is attached counts as given to the machine before the host has answered, and afterwards", async () => {
  const stranger = new Stranger(lab);
  await stranger.vm("data");
  const [fileName = ""] = stranger.diskPaths("data");
  const attach = () => ({
    deviceChange: [
      create("VirtualDeviceConfigSpec", {
        operation: "add",
        device: create("VirtualDisk", {
          key: -1,
          controllerKey: 1000,
          unitNumber: 9,
          capacityInKB: 0,
          backing: create("VirtualDiskFlatVer2BackingInfo", { fileName, diskMode: "persistent" }),
        }),
      }),
    ],
  });
  const given: boolean[] = [];
  const isGiven = () => void given.push(takeGiven(lab.host, (file) => file === fileName));
  lab.raw.simulator.faults.add({
    method: "ReconfigVM_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "before" ? isGiven() : undefined),
  });
  await reconfigureAsItIs(lab.host, seen, attach, signal);
  isGiven();
  isGiven();
  expect(given).toEqual([true, true, false]);
});
