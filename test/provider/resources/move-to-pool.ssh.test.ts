/** Resource pools where a machine is registered by the host's shell. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { CloneLab } from "./clone-lab.ts";
import { failure, type Managed } from "./lab.ts";
import { previewed } from "./preview/previewed.ts";
import { ResourceLab } from "./resource-lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
  const pools = ResourceLab.in(clones.lab, resourcePool, "ResourcePool");
  for (const name of ["students", "teachers"]) await pools.create(name);
  await clones.golden();
  await clones.lab.raw.restart({ license: "free" });
  await clones.lab.restart();
});

afterEach(async () => {
  await clones.lab.close();
});

const LINKED = { mode: "linked", resourcePool: "students" };
const MOVED = { ...LINKED, resourcePool: "teachers" };

/** The name of the pool that the host has the machine in. */
async function poolOf({ outs }: Managed): Promise<string | undefined> {
  const raw = await RawClient.loggedIn(clones.lab.raw);
  try {
    const pool = await raw.value(`VirtualMachine:${String(outs.moid)}`, "resourcePool");
    return await raw.value(`ResourcePool:${pool}`, "name");
  } finally {
    await raw.close();
  }
}

const leftover = async () =>
  (await clones.lab.raw.contents()).files.filter((file) => /pulumi-(changing|creating|linking)/.test(file));

test("a machine is registered in its pool, and another one takes it off for a moment", async () => {
  const clone = await clones.create("student", LINKED);
  expect([await poolOf(clone), clone.outs.name]).toEqual(["students", "student"]);
  expect(await clones.diff(clone, MOVED)).toMatchObject({ changes: true, replaces: [] });
  expect(clones.lab.texts("info").at(-1)).toMatch(/one power cycle, as it goes over SSH: resourcePool/);
  const refused = await failure(clones.update(clone, { ...MOVED, allowPowerCycle: false }));
  expect(refused.message).toMatch(/must be powered off to change its resourcePool/);
  expect(await poolOf(clone)).toBe("students");
  const moved = await clones.update(clone, MOVED);
  expect(moved.outs).toMatchObject({ resourcePool: "teachers", powerState: "poweredOn" });
  expect(moved.id).toBe(clone.id);
  expect(moved.outs.moid).not.toBe(clone.outs.moid);
  expect(await poolOf(moved)).toBe("teachers");
  expect(await clones.diff(moved, MOVED)).toMatchObject({ changes: false });
  const { resourcePool: _, ...none } = MOVED;
  const back = await clones.update(moved, none);
  expect(await poolOf(back)).toBe("Resources");
  expect(await leftover()).toEqual([]);
  await clones.delete(back);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
});

test("a machine that an interrupted run has left between two pools is found again", async () => {
  const clone = await clones.create("student", { ...LINKED, powerOn: false });
  const { simulator } = clones.lab.raw;
  simulator.faults.add({ method: "ssh.exec", entity: "registervm", count: 4, action: "disconnect" });
  await failure(clones.update(clone, { ...MOVED, powerOn: false }));
  simulator.faults.clear();
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  simulator.expireSessions();
  await clones.lab.restart();
  const moved = await clones.update(clone, { ...MOVED, powerOn: false });
  expect([await poolOf(moved), moved.id]).toEqual(["teachers", clone.id]);
  expect(await leftover()).toEqual([]);
});

test("a name that is not ASCII does not go with a pool, and nothing is made", async () => {
  const { message } = await failure(clones.create("Übung", LINKED));
  expect(message).toMatch(/"Übung" cannot be in the pool "students".*ASCII.*Nothing was created/);
  const { failures } = await clones.check("Übung", { ...LINKED, transport: "ssh" });
  expect(failures).toEqual([{ property: "resourcePool", reason: expect.stringContaining("ASCII") }]);
  const args = { ...LINKED, name: "Übung", source: "golden" };
  const told = await previewed(clones.lab, { kind: "DatastoreClone", args });
  expect(told.failures).toEqual([expect.stringMatching(/^resourcePool: .*is changed over SSH.*ASCII/)]);
  const { vms, files } = await clones.lab.raw.contents();
  expect(vms).toEqual(["golden: poweredOff"]);
  expect(files.filter((file) => !/golden|ResourcePool/.test(file))).toEqual([]);
});
