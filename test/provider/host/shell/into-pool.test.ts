/** A machine that the shell puts into another pool: it is out of the inventory for a moment, and never lost. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import {
  moveToPoolBySsh,
  poolToRegister,
  registerLeftOut,
} from "../../../../provider/host/shell/into-pool.ts";
import { setAutoStart } from "../../../../provider/host/vm/auto-start.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { ownSession } from "../../../../provider/host/vm/unfinished/session-owner.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { retrieveOne } from "../../../../provider/vim/reads/property-collector.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { ResourceLab } from "../../resources/resource-lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const FLAG = "[datastore1] vm/pulumi-changing-pool";
const VMX = "[datastore1] vm/vm.vmx";
const REGISTER = "'solo/registervm'";

let lab: Lab;
let warned: string[];

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  const pools = ResourceLab.in(lab, resourcePool, "ResourcePool");
  for (const name of ["students", "teachers"]) await pools.create(name);
});

afterAll(() => lab.close());

beforeEach(async () => {
  warned = [];
  await new Stranger(lab).vm("vm");
});

afterEach(async () => {
  lab.raw.simulator.faults.clear();
  for (const { moid } of lab.raw.simulator.vms()) await lab.raw.simulator.behindBack.destroy(moid);
  expect((await lab.raw.contents()).files.filter((file) => file.startsWith("[datastore1] vm/"))).toEqual([]);
});

async function seen(): Promise<ObservedVm> {
  const ref = { type: "VirtualMachine", value: lab.raw.vm("vm").moid };
  const vm = await lab.host.vms.byReference(ref);
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

async function move(
  pool: string | undefined,
  signal = new AbortController().signal,
  powerOff = () => lab.raw.simulator.behindBack.powerOff(lab.raw.vm("vm").moid),
): Promise<ObservedVm | undefined> {
  const options = { signal, powerOff, onWarning: (text: string) => void warned.push(text) };
  return moveToPoolBySsh(lab.host, await shellOf(lab.host).open(), await seen(), pool, options);
}

async function pool(): Promise<string> {
  const { client } = lab.host;
  const ref = { type: "VirtualMachine", value: lab.raw.vm("vm").moid };
  const { resourcePool: found } = await retrieveOne(client, ref, "VirtualMachine", ["resourcePool"]);
  if (found === undefined) throw new Error("It is in no pool.");
  return (await retrieveOne(client, found, "ResourcePool", ["name"])).name ?? "";
}

const flags = async () => (await lab.raw.contents()).files.filter((file) => file.includes("changing-pool"));
const fails = (rule: Omit<FaultRule, "method">) =>
  lab.raw.simulator.faults.add({ method: "ssh.exec", ...rule });

test("a machine that is off is in the other pool, has another id, and nothing is left of the change", async () => {
  const before = lab.raw.vm("vm").moid;
  const powerOff = vi.fn(async () => {});
  const moved = await move("students", undefined, powerOff);
  expect(moved?.moid).toBe(lab.raw.vm("vm").moid);
  expect(moved?.moid).not.toBe(before);
  expect([await pool(), lab.raw.simulator.vms().length]).toEqual(["students", 1]);
  expect(powerOff).not.toHaveBeenCalled();
  expect([warned, await flags()]).toEqual([[], []]);
  expect(await move("students")).toBeUndefined();
  expect((await move("teachers"))?.vmxPath).toBe(VMX);
  expect(await pool()).toBe("teachers");
  expect((await move(undefined))?.vmxPath).toBe(VMX);
  expect(await pool()).toBe("Resources");
});

test("one that a killed run has moved already is where it should be, and the file of that run goes", async () => {
  await move("students");
  await writeFile(lab.raw.simulator.localFile(FLAG), "a session that has ended");
  expect(await move("students")).toBeUndefined();
  expect([await pool(), await flags()]).toEqual(["students", []]);
});

test("one that runs is powered off first", async () => {
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid);
  expect(await move("students")).toMatchObject({ powerState: "poweredOff" });
  expect(await pool()).toBe("students");
});

test("while it is in no inventory its folder says so, and whose run it is", async () => {
  const told: string[] = [];
  fails({
    entity: REGISTER,
    count: 1,
    action: "continue",
    onWork: async (moment) => {
      if (moment === "after") return;
      expect(lab.raw.simulator.vms()).toEqual([]);
      told.push(await readFile(lab.raw.simulator.localFile(FLAG), "utf8"));
    },
  });
  await move("students");
  expect(told).toEqual([await ownSession(lab.host)]);
});

test("what the host does not register in the pool is registered in the root pool, and the error is the host's", async () => {
  fails({ entity: "vm.vmx' 'vm'", action: { status: 1, stderr: "not there\n" } });
  expect((await failure(move("students"))).message).toMatch(/registervm .*: not there$/);
  expect([await pool(), await flags()]).toEqual(["Resources", []]);
});

test("a host that registers it in another pool than was asked for is told of", async () => {
  fails({
    entity: REGISTER,
    count: 1,
    action: "continue",
    onWork: async (moment) => {
      if (moment === "before") return;
      const { rootPool } = await lab.host.facts();
      const list = [{ type: "VirtualMachine", value: lab.raw.vm("vm").moid }];
      await lab.host.client.call(rootPool, "MoveIntoResourcePool", { list });
    },
  });
  expect((await failure(move("students"))).message).toMatch(
    /"vm" was registered for the pool "students", and the host has it in another one/,
  );
  expect(await flags()).toEqual([]);
});

test("a run that is to end changes nothing any more, and ends what it has begun", async () => {
  const reason = new Error("^C");
  const before = lab.raw.vm("vm").moid;
  expect(await failure(move("students", AbortSignal.abort(reason)))).toBe(reason);
  expect([lab.raw.vm("vm").moid, await flags()]).toEqual([before, []]);
  await lab.raw.simulator.behindBack.powerOn(before);
  const early = new AbortController();
  const powerOff = async () => {
    await lab.raw.simulator.behindBack.powerOff(before);
    early.abort(reason);
  };
  expect(await failure(move("students", early.signal, powerOff))).toBe(reason);
  expect([lab.raw.vm("vm").moid, await flags()]).toEqual([before, []]);
  const stop = new AbortController();
  fails({
    entity: "'vmsvc/unregister'",
    count: 1,
    action: "continue",
    onWork: () => stop.abort(reason),
  });
  await move("students", stop.signal);
  expect([await pool(), await flags()]).toEqual(["students", []]);
});

test("the place among those that start with the host is lost, and that is told", async () => {
  await setAutoStart(lab.host, (await seen()).ref, { enabled: true });
  await move("students");
  expect(warned).toEqual([expect.stringMatching(/^"vm" is in another pool now.*start with it/)]);
});

test("a pool is told with the name that the command wants, and the root pool with nothing", async () => {
  expect(await poolToRegister(lab.host, undefined, "Übung")).toBeUndefined();
  const into = await poolToRegister(lab.host, "students", "a/b%");
  expect(into?.name).toBe("a%2fb%25");
  await move("students");
  const { resourcePool: found } = await retrieveOne(lab.host.client, (await seen()).ref, "VirtualMachine", [
    "resourcePool",
  ]);
  expect(into?.poolId).toBe(found?.value);
  expect((await failure(poolToRegister(lab.host, "students", "Übung"))).message).toMatch(
    /"Übung" cannot be in the pool "students".*ASCII.*Nothing was created/,
  );
  expect((await failure(poolToRegister(lab.host, "nobody", "vm"))).message).toContain("nobody");
});

const leftOut = (vmxPath = VMX) => {
  const said: string[] = [];
  const { signal } = new AbortController();
  return registerLeftOut(lab.host, vmxPath, { signal, onStatus: (text) => said.push(text) }).then((found) => [
    found,
    ...said,
  ]);
};

test("a machine that a killed run has left out of the inventory is registered again, once", async () => {
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("vm").moid);
  expect(await leftOut()).toEqual([false]);
  await writeFile(lab.raw.simulator.localFile(FLAG), "a session that has ended");
  expect(await leftOut()).toEqual([
    true,
    "registering it again, which an interrupted run has left out of the inventory",
  ]);
  expect([lab.raw.vm("vm").vmxPath, await flags()]).toEqual([VMX, []]);
  expect(await leftOut()).toEqual([false]);
});

test("a machine that another run has just taken out is left to that run", async () => {
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("vm").moid);
  await writeFile(lab.raw.simulator.localFile(FLAG), await ownSession(lab.connect()));
  const stop = new AbortController();
  const said: string[] = [];
  const onStatus = (text: string) => {
    said.push(text);
    stop.abort(new Error("^C"));
  };
  const found = registerLeftOut(lab.host, VMX, { signal: stop.signal, onStatus });
  expect((await failure(found)).message).toBe("^C");
  expect(said).toEqual([
    expect.stringMatching(/vm\.vmx is half made: looking whether another run is still at work/),
  ]);
  expect([lab.raw.simulator.vms(), await flags()]).toEqual([[], [FLAG]]);
  await writeFile(lab.raw.simulator.localFile(FLAG), "a session that has ended");
  expect((await leftOut())[0]).toBe(true);
});

test("of a machine that was deleted since, the file that says it was left out goes with its folder", async () => {
  for (const other of [undefined, "other.vmx"]) {
    await lab.raw.simulator.behindBack.destroy(lab.raw.vm("vm").moid);
    await mkdir(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true });
    await writeFile(lab.raw.simulator.localFile(FLAG), "a session that has ended");
    if (other === undefined) expect(await leftOut()).toEqual([false]);
    else {
      // Another machine in that folder may be meant.
      await writeFile(lab.raw.simulator.localFile(`[datastore1] vm/${other}`), "");
      await failure(leftOut());
    }
    expect(await flags()).toEqual(other === undefined ? [] : [FLAG]);
    await rm(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true, force: true });
    await new Stranger(lab).vm("vm");
  }
});

test("a folder that is not there has no such machine", async () => {
  expect(await leftOut("[datastore1] gone/gone.vmx")).toEqual([false]);
});

test("of a datastore that is away none is registered", async () => {
  await writeFile(lab.raw.simulator.localFile(FLAG), "a session that has ended");
  lab.raw.simulator.behindBack.setAway("datastore1", true);
  expect(await leftOut()).toEqual([false]);
  lab.raw.simulator.behindBack.setAway("datastore1", false);
  await rm(lab.raw.simulator.localFile(FLAG));
});

test("a host that does not answer is no host without such a machine", async () => {
  lab.raw.simulator.faults.add({
    method: "SearchDatastore_Task",
    action: { fault: "SystemError", message: "not now" },
  });
  expect((await failure(leftOut())).message).toContain("not now");
});
