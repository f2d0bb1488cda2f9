/** The deletion of a machine, and what is gone when the host says that something is. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { destroyVm } from "../../../../provider/host/vm/vm-operations.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
  await new Stranger(lab).vm("it");
});

afterEach(() => lab.close());

const { signal } = new AbortController();
const it = async () => {
  const [vm] = (await lab.host.vms.inventory()).vms;
  if (vm === undefined) throw new Error("The host has it.");
  return vm;
};

test("a machine that is gone by now needs no deletion", async () => {
  const vm = await it();
  await lab.raw.simulator.behindBack.destroy(vm.moid);
  await destroyVm(lab.host, vm, signal);
});

test("a machine is not taken for deleted because another object is gone at which its deletion looks", async () => {
  const vm = await it();
  lab.raw.simulator.faults.add({
    method: "RetrievePropertiesEx",
    action: {
      fault: "ManagedObjectNotFound",
      message: "it has already been deleted",
      properties: { obj: { type: "VirtualMachineSnapshot", value: "9-snapshot-1" } },
    },
  });
  expect((await failure(destroyVm(lab.host, vm, signal))).message).toContain("already been deleted");
  expect(lab.raw.vm("it").moid).toBe(vm.moid);
});
