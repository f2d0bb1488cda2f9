/** Networks and pools against vcsim, a host that others wrote. It can add and remove networks, but not change them. */
import { afterEach, expect, type TestContext, test } from "vitest";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { findPortGroup } from "../../../provider/host/network/port-groups.ts";
import { findVirtualSwitch } from "../../../provider/host/network/virtual-switches.ts";
import { findPoolById } from "../../../provider/host/pool/resource-pools.ts";
import type { Context } from "../../../provider/resources/frame/lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim } from "../../support/vcsim.ts";
import { failure } from "./lab.ts";
import { Managed } from "./managed.ts";

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(context: TestContext): Promise<{ host: EsxiHost; lab: { context(): Context } }> {
  const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret" });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(vcsim.stop, () => host.close());
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: ".",
    host: () => host,
  };
  return { host, lab: { context: () => lifecycle } };
}

test("a port group lives on vcsim from create to delete", async (context) => {
  const { host, lab } = await open(context);
  const group = new Managed(lab, "PortGroup", portGroup);
  const wish = { name: "dev", virtualSwitch: "vSwitch0", vlanId: 42, allowPromiscuous: true };
  const state = await group.create(wish);
  expect(await findPortGroup(host, "dev")).toMatchObject({ state: wish });
  const read = await group.read(state);
  expect(read?.outs).toEqual(state.outs);
  expect(await group.diff(state, wish)).toMatchObject({ changes: false });
  expect((await failure(group.create(wish))).message).toContain("and it is left alone");
  expect((await group.create({ ...wish, adopt: true })).id).toBe("dev");
  await group.delete(state);
  await group.delete(state);
  expect(await findPortGroup(host, "dev")).toBeUndefined();
  expect(await group.read(state)).toBeUndefined();
});

test("a vSwitch lives on vcsim from create to delete", async (context) => {
  const { host, lab } = await open(context);
  const vswitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
  // With all of its security named it is one call: vcsim cannot update a vSwitch.
  const security = { allowPromiscuous: false, allowMacChanges: false, allowForgedTransmits: false };
  const state = await vswitch.create({ name: "lab", ...security });
  expect(await findVirtualSwitch(host, "lab")).toBeDefined();
  expect((await vswitch.read(state))?.id).toBe("lab");
  await vswitch.delete(state);
  await vswitch.delete(state);
  expect(await findVirtualSwitch(host, "lab")).toBeUndefined();
});

test("a resource pool lives on vcsim from create to delete", async (context) => {
  const { host, lab } = await open(context);
  const pool = new Managed(lab, "ResourcePool", resourcePool);
  await pool.create({ name: "lab" });
  const state = await pool.create({ name: "a", parentResourcePool: "lab", cpuLimit: 500 });
  expect(state.outs).toMatchObject({ path: "lab/a", cpuLimit: 500 });
  const wish = { name: "b", parentResourcePool: "lab", memoryLimit: 1024, cpuShareLevel: "high" };
  const after = await pool.update(state, wish);
  expect(await findPoolById(host, state.id)).toMatchObject({
    path: "lab/b",
    state: { cpu: { limit: -1, shareLevel: "high" }, memory: { limit: 1024 } },
  });
  const read = await pool.read(after);
  expect(read?.outs).toEqual(after.outs);
  expect(await pool.diff(after, wish)).toMatchObject({ changes: false });
  await pool.delete(after);
  await pool.delete(after);
  expect(await pool.read(after)).toBeUndefined();
});
