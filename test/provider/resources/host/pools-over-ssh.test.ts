import { afterEach, beforeEach, expect, test } from "vitest";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { RawClient } from "../../../simulator/host/raw-client.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { previewed } from "../preview/previewed.ts";
import { writesByApi } from "../writes-by-api.ts";

let lab: Lab;
let pool: Managed;
let raw: RawClient;

beforeEach(async () => {
  lab = await Lab.open({
    license: "free",
    ssh: { listen: "127.0.0.1:0" },
    behaviour: { freeFolderWrites: "refused" },
  });
  pool = new Managed(lab, "ResourcePool", resourcePool);
  raw = await RawClient.loggedIn(lab.raw);
});

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await raw.close();
  await lab.close();
});

test("on a free host a pool has every figure as written, is renamed and changed, and goes when it is empty", async () => {
  const parent = await pool.create({ name: "100 % with/slash", cpuLimit: 8000 });
  expect(parent.outs).toMatchObject({ moid: "pool1", cpuLimit: 8000, memoryLimit: -1 });
  const wish = {
    name: "-group",
    parentResourcePool: "100 % with/slash",
    cpuReservation: 10,
    cpuExpandable: false,
    cpuLimit: 20,
    cpuShareLevel: "custom",
    cpuShares: 123,
    memoryReservation: 30,
    memoryLimit: 40,
    memoryShareLevel: "high",
  };
  const inside = new Managed(lab, "ResourcePool", resourcePool, "inside");
  const state = await inside.create(wish);
  expect(state.outs).toMatchObject(wish);
  expect((await inside.read(state))?.outs).toEqual(state.outs);
  expect(await inside.diff(state, wish)).toMatchObject({ changes: false });

  const changed = await inside.update(state, {
    name: "renamed",
    parentResourcePool: "100 % with/slash",
    cpuReservation: 5,
  });
  expect(changed.outs).toMatchObject({
    name: "renamed",
    cpuLimit: -1,
    memoryLimit: -1,
    cpuShareLevel: "normal",
  });
  expect(await raw.value("ResourcePool:pool2", "config.memoryAllocation.limit")).toBe("-1");
  expect((await failure(pool.delete(parent))).message).toMatch(/holds the resource pool "renamed"/);
  await inside.delete(changed);
  await pool.delete(parent);
  await pool.delete(parent);
  expect(await raw.read("ResourcePool:ha-root-pool", "resourcePool")).not.toContain("pool1");
  expect((await lab.raw.contents()).files).toEqual([]);
});

test("a pool that cannot be made tells what the host said; one whose answer was lost is not made twice", async () => {
  expect((await failure(pool.create({ name: "a", cpuReservation: 999_999 }))).message).toMatch(
    /could not make the resource pool "a": .*not enough resources.*InsufficientResourcesFault/,
  );
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "rsrc", count: 1, action: "loseReply" });
  expect((await pool.create({ name: "a" })).id).toBe("pool1");
  expect(await raw.read("ResourcePool:ha-root-pool", "resourcePool")).not.toContain("pool2");
});

test("moving a pool is refused by a preview, and by the host before anything is changed", async () => {
  await pool.create({ name: "students" });
  const other = new Managed(lab, "ResourcePool", resourcePool, "other");
  const state = await other.create({ name: "other" });
  const args = { name: "other", parentResourcePool: "students" };
  const { failures } = await previewed(lab, { kind: "ResourcePool", args, before: { name: "other" } });
  expect(failures).toEqual([
    expect.stringMatching(
      /^parentResourcePool: .* is changed over SSH, and no command moves a resource pool/,
    ),
  ]);
  expect((await failure(other.update(state, args))).message).toMatch(/cannot be moved over SSH/);
  expect(await raw.value("ResourcePool:pool2", "parent")).toBe("ha-root-pool");
});
