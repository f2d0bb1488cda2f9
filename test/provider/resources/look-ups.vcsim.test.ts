/** Look-ups on vcsim, a host that others wrote. */
import { expect, test } from "vitest";
import type { Context, Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import type { FoundVm } from "../../../provider/resources/look-ups/found-vm.ts";
import {
  getDatastore,
  getHost,
  getNetwork,
  getVm,
  getVms,
} from "../../../provider/resources/look-ups/reads.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim } from "../../support/vcsim.ts";

test("vcsim tells what it is and has", async (context) => {
  const program = await need(context, "TEST_VCSIM");
  const vcsim = await startVcsim({ program, password: "secret", vms: 2, datastores: 2 });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  context.onTestFinished(async () => {
    await host.close();
    await vcsim.stop();
  });
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: "",
    host: () => host,
  };
  const ask = async <T>(lookUp: Lifecycle, args: Properties = {}) =>
    (await lookUp.read("asked", args, lifecycle)).props?.result as T;

  const { hostUuid } = await host.facts();
  expect(await ask(getHost)).toMatchObject({
    name: "vcsim",
    hostUuid,
    product: expect.stringContaining("ESXi"),
    numCpuCores: expect.any(Number),
    apiWritable: true,
    datastores: ["LocalDS_0", "LocalDS_1"],
    networks: ["VM Network"],
    resourcePools: ["Resources"],
  });
  const vms = await ask<FoundVm[]>(getVms, { powerState: "poweredOn", resourcePool: "Resources" });
  expect(vms).toHaveLength(2);
  const [first] = vms;
  expect(first).toMatchObject({
    resourcePool: "Resources",
    powerState: "poweredOn",
    networkInterfaces: [{ network: "VM Network", macAddress: first?.macAddresses[0] }],
    disks: [
      { label: expect.stringMatching(/./), sizeBytes: expect.any(Number), busNumber: 0, unitNumber: 0 },
    ],
    hostUuid,
  });
  for (const key of ["name", "instanceUuid", "moid", "vmxPath"] as const) {
    expect(await ask(getVm, { [key]: first?.[key] }), key).toEqual(first);
  }
  expect(await ask(getDatastore, { name: "LocalDS_1" })).toMatchObject({ accessible: true });
  expect(await ask(getNetwork, { name: "VM Network" })).toMatchObject({
    vlanId: 0,
    virtualSwitch: "vSwitch0",
  });
});
