/** A machine that the shell makes of nothing, and the one way in which machines of a host are changed and removed. */
import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findResourcePool } from "../../../../../provider/host/inventory/named-places.ts";
import { poolOf } from "../../../../../provider/host/pool/vm-pool.ts";
import { buildVmBySsh } from "../../../../../provider/host/shell/vm/build-vm.ts";
import { vmWay } from "../../../../../provider/host/shell/vm/vm-way.ts";
import type { OwnerMark } from "../../../../../provider/host/vm/reading/owner-mark.ts";
import { resourcePool } from "../../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { failure, type Lab } from "../../../resources/lab.ts";
import { ResourceLab } from "../../../resources/resource-lab.ts";
import { writesByApi } from "../../../resources/writes-by-api.ts";
import { openShellLab } from "../shell-lab.ts";

const MARK: OwnerMark = { schema: 1, urn: "u", digest: "d", phase: "creating", session: "s" };
/** After URN and digest, as every release has named it. */
const FLAG = "pulumi-creating-8378e5f37bb01d82";
const { signal } = new AbortController();

let lab: Lab;

beforeAll(async () => {
  ({ lab } = await openShellLab());
  await ResourceLab.in(lab, resourcePool, "ResourcePool").create("students");
});

afterAll(() => lab.close());

beforeEach(() => lab.raw.simulator.requests.clear());

afterEach(async () => {
  for (const { moid } of lab.raw.simulator.vms()) await lab.raw.simulator.behindBack.destroy(moid);
  for (const file of await files())
    await rm(lab.raw.simulator.localFile(file), { recursive: true, force: true });
});

const options = { signal, onStatus: () => {}, onWarning: () => {} };
const NEW = {
  name: "a/b",
  datastore: "datastore1",
  resourcePool: undefined,
  guestId: "ubuntu64Guest",
  mark: MARK,
};
const build = (change: Partial<Parameters<typeof buildVmBySsh>[1]> = {}) =>
  buildVmBySsh(lab.host, { ...NEW, wishes: {}, ...change }, options);
const files = async () => (await lab.raw.contents()).files.filter((file) => /\] (a_b|c)\//.test(file));

test("it has what was asked for, its owner's mark with its flag, no drive, and nothing of it came through the API", async () => {
  const networkInterfaces = [{ network: "VM Network" }];
  const vm = await build({ wishes: { memory: 128, extraConfig: { mine: "1" }, networkInterfaces } });
  const raw = lab.raw.vm("a%2fb");
  expect(vm).toMatchObject({ moid: raw.moid, vmxPath: "[datastore1] a_b/a_b.vmx", powerState: "poweredOff" });
  expect(raw.config).toMatchObject({ guestId: "ubuntu64Guest", hardware: { memoryMB: 128 } });
  expect(Number(raw.config.version?.replace("vmx-", ""))).toBeGreaterThanOrEqual(20);
  expect([lab.extraConfig(raw, "mine"), lab.ownerMark(raw)]).toEqual(["1", { ...MARK, flag: FLAG }]);
  const kinds = (raw.config.hardware.device ?? []).map(({ $type }) => $type ?? "");
  expect(kinds.filter((kind) => /Disk|Cdrom|Floppy|Ethernet|Vmxnet|E1000/.test(kind))).toHaveLength(1);
  expect(await files()).toEqual(["a_b/", "a_b/a_b.vmx", `a_b/${FLAG}`].map((file) => `[datastore1] ${file}`));
  expect(writesByApi(lab)).toEqual([]);
});

test("it has the virtual hardware that was asked for, and cannot be where nothing says which datastore", async () => {
  await build({ wishes: { hardwareVersion: 13 } });
  expect(lab.raw.vm("a%2fb").config.version).toBe("vmx-13");
  expect((await failure(build({ name: "c", datastore: undefined }))).message).toMatch(/datastore1.*ssd/);
  expect((await failure(build({ name: "c", resourcePool: "nobody" }))).message).toContain("nobody");
  expect(await files()).toEqual([
    "[datastore1] a_b/",
    "[datastore1] a_b/a_b.vmx",
    `[datastore1] a_b/${FLAG}`,
  ]);
  const vm = await build({ name: "c", resourcePool: "students", datastore: "ssd" });
  const students = await findResourcePool(lab.host, "students");
  expect([vm.vmxPath, await poolOf(lab.host, vm, signal)]).toEqual(["[ssd] c/c.vmx", students]);
});

test.each(["api", "ssh"] as const)(
  "one that was never finished goes by the way that was asked for: %s",
  async (way) => {
    await build();
    lab.host.vms.forget();
    const [vm] = (await lab.host.vms.inventory()).vms;
    if (vm === undefined) throw new Error("It was not made.");
    lab.raw.simulator.requests.clear();
    const { transport, control, removeUnfinished } = await vmWay(lab.host, way);
    expect([transport, control.changesOnlyWhileOff]).toEqual([way, way === "ssh"]);
    await removeUnfinished(vm, signal);
    expect([lab.raw.simulator.vms(), await files()]).toEqual([[], []]);
    expect(writesByApi(lab).length > 0).toBe(way === "api");
  },
);

test("without a word on it, the way is that of the host", async () => {
  expect((await vmWay(lab.host)).transport).toBe("api");
  expect((await vmWay(lab.connect({ transport: "ssh" }))).transport).toBe("ssh");
});
