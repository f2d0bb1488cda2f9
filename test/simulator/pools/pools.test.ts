import { describe, expect, it } from "vitest";
import { configSpec, createVm, restart, startLab } from "../host/lab.ts";
import { allTexts, firstText, type RawClient, VM_FOLDER } from "../host/raw-client.ts";
import { importSpec } from "../lease/import.ts";

const ROOT = "ResourcePool:ha-root-pool";

interface Wanted {
  readonly reservation?: number;
  readonly limit?: number;
  readonly expandable?: boolean;
  readonly shares?: string;
}

function allocation(
  name: string,
  { reservation = 0, limit = -1, expandable = true, shares }: Wanted,
): string {
  return `<${name}><reservation>${reservation}</reservation><expandableReservation>${expandable}</expandableReservation><limit>${limit}</limit>${shares ?? "<shares><shares>0</shares><level>normal</level></shares>"}</${name}>`;
}

function spec(tag: "spec" | "config", cpu: Wanted = {}, memory: Wanted = {}): string {
  return `<${tag}>${allocation("cpuAllocation", cpu)}${allocation("memoryAllocation", memory)}</${tag}>`;
}

async function createPool(client: RawClient, name: string, parent = ROOT, cpu: Wanted = {}): Promise<string> {
  const text = await client.ok("CreateResourcePool", parent, `<name>${name}</name>${spec("spec", cpu)}`);
  return `ResourcePool:${firstText(text, "returnval")}`;
}

const list = (refs: readonly string[]): string =>
  refs.map((ref) => `<list type="${ref.split(":")[0]}">${ref.split(":")[1]}</list>`).join("");

describe("a resource pool", () => {
  it("is made with what it was told, below the pool that was asked", async () => {
    const { client } = await startLab();
    const parent = await createPool(client, "students", ROOT, { reservation: 1000, limit: 4000 });
    const child = await createPool(client, "group-1", parent);
    expect([parent, child]).toEqual(["ResourcePool:pool1", "ResourcePool:pool2"]);
    expect(allTexts(await client.read(ROOT, "resourcePool"), "ManagedObjectReference")).toEqual(["pool1"]);
    expect(await client.value(child, "parent")).toBe("pool1");
    expect(await client.value(parent, "config.cpuAllocation.limit")).toBe("4000");
    expect(await client.value(parent, "config.cpuAllocation.shares.shares")).toBe("4000");
    expect(await client.value(parent, "config.memoryAllocation.shares.shares")).toBe("163840");
    expect(await client.value(parent, "summary.name")).toBe("students");
    expect(await client.value(ROOT, "runtime.cpu.reservationUsed")).toBe("1000");
    expect(await client.value(parent, "runtime.cpu.unreservedForPool")).toBe("4000");
  });

  it.each([
    ["a name that is taken", `<name>taken</name>${spec("spec")}`, "DuplicateName"],
    ["an empty name", `<name></name>${spec("spec")}`, "InvalidName"],
    [
      "more than the host has",
      `<name>a</name>${spec("spec", { reservation: 999_999 })}`,
      "InsufficientResourcesFault",
    ],
    [
      "a limit below its reservation",
      `<name>a</name>${spec("spec", { reservation: 10, limit: 5 })}`,
      "InvalidArgument",
    ],
    ["a negative reservation", `<name>a</name>${spec("spec", {}, { reservation: -1 })}`, "InvalidArgument"],
    [
      "no allocation at all",
      "<name>a</name><spec><cpuAllocation/><memoryAllocation/></spec>",
      "InvalidArgument",
    ],
  ])("with %s is refused", async (_what, parameters, fault) => {
    const { client } = await startLab();
    await createPool(client, "taken");
    expect((await client.call("CreateResourcePool", ROOT, parameters)).fault).toBe(fault);
    expect(allTexts(await client.read(ROOT, "resourcePool"), "ManagedObjectReference")).toEqual(["pool1"]);
  });

  it("gives no more than it has, unless it may grow", async () => {
    const { client } = await startLab();
    const fixed = await createPool(client, "fixed", ROOT, { reservation: 1000, expandable: false });
    const more = `<name>a</name>${spec("spec", { reservation: 1001 })}`;
    expect((await client.call("CreateResourcePool", fixed, more)).fault).toBe("InsufficientResourcesFault");
    await client.ok(
      "UpdateConfig",
      fixed,
      `<config>${allocation("cpuAllocation", { reservation: 1000 })}<memoryAllocation/></config>`,
    );
    await client.ok("CreateResourcePool", fixed, more);
    expect(await client.value(ROOT, "runtime.cpu.reservationUsed")).toBe("1001");
    expect(
      (
        await client.call(
          "UpdateConfig",
          fixed,
          `<config>${allocation("cpuAllocation", { reservation: 500, expandable: false })}<memoryAllocation/></config>`,
        )
      ).fault,
    ).toBe("InsufficientResourcesFault");
  });

  it("gets another name and other figures", async () => {
    const { client } = await startLab();
    const pool = await createPool(client, "a");
    await createPool(client, "b");
    expect((await client.call("UpdateConfig", pool, "<name>b</name>")).fault).toBe("DuplicateName");
    await client.ok(
      "UpdateConfig",
      pool,
      `<name>c</name>${spec("config", { shares: "<shares><shares>123</shares><level>custom</level></shares>" })}`,
    );
    expect(await client.value(pool, "name")).toBe("c");
    expect(await client.value(pool, "config.cpuAllocation.shares.shares")).toBe("123");
    expect((await client.call("UpdateConfig", ROOT, "<name>other</name>")).fault).toBe("NotSupported");
  });

  it("holds the VMs that are made in it, imported, registered or moved there", async () => {
    const { client, simulator } = await startLab();
    const pool = await createPool(client, "a");
    const into = '<pool type="ResourcePool">pool1</pool>';
    const made = await client.task("CreateVM_Task", VM_FOLDER, configSpec("made") + into);
    expect(await client.value(`VirtualMachine:${made.result}`, "resourcePool")).toBe("pool1");
    await client.ok("UnregisterVM", `VirtualMachine:${made.result}`);
    const registered = await client.task(
      "RegisterVM_Task",
      VM_FOLDER,
      `<path>[datastore1] made/made.vmx</path><asTemplate>false</asTemplate>${into}`,
    );
    const { spec: importing } = await importSpec(client, "imported");
    await client.ok("ImportVApp", pool, importing);
    await expect.poll(() => simulator.vms().map(({ name }) => name)).toContain("imported");
    const moved = await createVm(client, "moved");
    await client.ok("MoveIntoResourcePool", pool, list([moved]));
    const imported = simulator.vms().find(({ name }) => name === "imported")?.moid;
    await expect
      .poll(async () => allTexts(await client.read(pool, "vm"), "ManagedObjectReference").sort())
      .toEqual([registered.result, imported, moved.split(":")[1]].sort());
    expect(await client.read(ROOT, "vm")).not.toContain("ManagedObjectReference type");
    expect(
      (
        await client.call(
          "CreateVM_Task",
          VM_FOLDER,
          `${configSpec("x")}<pool type="ResourcePool">pool9</pool>`,
        )
      ).fault,
    ).toBe("ManagedObjectNotFound");
  });

  it("is moved into another one, but not into itself", async () => {
    const { client } = await startLab();
    const a = await createPool(client, "a");
    const b = await createPool(client, "b", a);
    const c = await createPool(client, "b");
    expect((await client.call("MoveIntoResourcePool", b, list([a]))).fault).toBe("InvalidArgument");
    expect((await client.call("MoveIntoResourcePool", a, list([c]))).fault).toBe("DuplicateName");
    await client.ok("MoveIntoResourcePool", c, list([a]));
    expect(await client.value(a, "parent")).toBe("pool3");
  });

  it("leaves its VMs to its parent, and takes the pools in it along", async () => {
    const { client } = await startLab();
    const a = await createPool(client, "a");
    const b = await createPool(client, "b", a);
    const vm = await createVm(client, "vm");
    await client.ok("MoveIntoResourcePool", b, list([vm]));
    expect((await client.task("Destroy_Task", a)).state).toBe("success");
    expect(await client.value(vm, "resourcePool")).toBe("ha-root-pool");
    expect((await client.call("Destroy_Task", b)).fault).toBe("ManagedObjectNotFound");
    expect((await client.call("Destroy_Task", ROOT)).fault).toBe("NotSupported");
    const c = await createPool(client, "c");
    await createPool(client, "d", await createPool(client, "d", c));
    await client.ok("DestroyChildren", c);
    expect(await client.read(c, "resourcePool")).not.toContain("ManagedObjectReference type");
  });

  it("and its VMs are there after a restart", async () => {
    const { host, client } = await startLab();
    const pool = await createPool(client, "a", await createPool(client, "parent"), { reservation: 5 });
    const vm = await createVm(client, "vm");
    await client.ok("MoveIntoResourcePool", pool, list([vm]));
    const before = await client.read(pool, "config", "name", "parent", "vm");
    const { client: again } = await restart(host);
    expect(await again.read(pool, "config", "name", "parent", "vm")).toBe(before);
    expect(await createPool(again, "b")).toBe("ResourcePool:pool3");
  });

  it("cannot be made with a free licence", async () => {
    const { client } = await startLab({ license: "free" });
    const parameters = `<name>a</name>${spec("spec")}`;
    expect((await client.call("CreateResourcePool", ROOT, parameters)).fault).toBe("RestrictedVersion");
  });
});
