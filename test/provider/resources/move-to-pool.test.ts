import { afterEach, beforeEach, expect, test } from "vitest";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { failure, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;
let raw: RawClient;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
  const pools = ResourceLab.in(vms.lab, resourcePool, "ResourcePool");
  for (const name of ["students", "teachers"]) await pools.create(name);
  raw = await RawClient.loggedIn(vms.lab.raw);
});

afterEach(async () => {
  await raw.close();
  await vms.lab.close();
});

/** The name of the pool that the host has the machine in. */
async function poolOf({ outs }: Managed): Promise<string | undefined> {
  const pool = await raw.value(`VirtualMachine:${String(outs.moid)}`, "resourcePool");
  return raw.value(`ResourcePool:${pool}`, "name");
}

test("another pool moves a machine in place, running as it is, and so does none", async () => {
  const vm = await vms.create("core", { resourcePool: "students" });
  expect(await poolOf(vm)).toBe("students");
  const wish = { resourcePool: "teachers" };
  expect(await vms.diff(vm, wish)).toMatchObject({ changes: true, replaces: [] });
  const moved = await vms.update(vm, wish);
  expect(moved.outs).toMatchObject({ ...wish, moid: vm.outs.moid, powerState: "poweredOn" });
  expect(await poolOf(moved)).toBe("teachers");
  expect(await vms.diff(moved, wish)).toMatchObject({ changes: false });
  const back = await vms.update(moved, {});
  expect(await poolOf(back)).toBe("Resources");
  expect(vms.lab.raw.count("PowerOffVM_Task")).toBe(0);
  expect(vms.lab.raw.vm("core")).toMatchObject({ instanceUuid: vm.id, powerState: "poweredOn" });
});

test("a change of something else does not move a machine that is where it belongs", async () => {
  const vm = await vms.create("core", { resourcePool: "students" });
  await vms.update(vm, { resourcePool: "students", annotation: "b" });
  expect(vms.lab.raw.count("MoveIntoResourcePool")).toBe(0);
  expect(vms.lab.raw.vm("core").config.annotation).toBe("b");
});

test("a pool that the host does not have is named with what was meant, and nothing changes", async () => {
  const vm = await vms.create("core", { resourcePool: "students" });
  const { message } = await failure(vms.update(vm, { resourcePool: "teacher", annotation: "b" }));
  expect(message).toMatch(/no resource pool "teacher": did you mean "teachers"\?/);
  expect(await poolOf(vm)).toBe("students");
  expect(vms.lab.raw.vm("core").config.annotation).not.toBe("b");
});

test("an answer that gets lost is made good by the next run", async () => {
  const vm = await vms.create("core", { resourcePool: "students" });
  vms.lab.raw.simulator.faults.add({ method: "MoveIntoResourcePool", count: 1, action: "loseReply" });
  const wish = { resourcePool: "teachers" };
  await failure(vms.update(vm, wish));
  const moved = await vms.update(vm, wish);
  expect(await poolOf(moved)).toBe("teachers");
  expect(vms.lab.raw.count("MoveIntoResourcePool")).toBe(1);
});
