/** Devices on vcsim, a host that others wrote. */
import { afterEach, expect, type TestContext, test } from "vitest";
import type { Context, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim } from "../../support/vcsim.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::vm";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(context: TestContext) {
  const program = await need(context, "TEST_VCSIM");
  const vcsim = await startVcsim({ program, password: "secret", datastores: 2 });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(vcsim.stop, () => host.close());
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: ".",
    host: () => host,
  };
  return { lifecycle, host };
}

async function check(context: Context, settings: Properties, olds: Properties = {}): Promise<Properties> {
  const news = { name: "vm", datastore: "LocalDS_0", ...settings, __provider: "text", __urn: URN };
  const { inputs, failures } = await scratchVm.check(olds, news, context);
  expect(failures).toEqual([]);
  return inputs;
}

test("devices are made, read back equal, changed by label and removed", async (context) => {
  const { lifecycle, host } = await open(context);
  const inputs = await check(lifecycle, {
    disks: [
      { label: "a", size: 0.5 },
      { label: "b", size: 0.25, controller: "sata", unitNumber: 3 },
      { label: "c", size: 0.125, datastore: "LocalDS_1", keepOnRemove: true },
    ],
    cdroms: [{ iso: "[LocalDS_0]/iso/a.iso" }, {}],
    floppy: { image: "[LocalDS_0] a.flp" },
    serialPorts: [{ networkUri: "telnet://:7000" }],
    networkInterfaces: [
      { network: "VM Network", macAddress: "00:50:56:01:02:03" },
      { network: "VM Network", adapterType: "e1000", connected: false },
    ],
  });
  const { id, outs } = await scratchVm.create(inputs, lifecycle);
  for (const key of ["disks", "cdroms", "floppy", "serialPorts", "networkInterfaces"]) {
    expect(outs[key]).toEqual(inputs[key]);
  }
  expect((await scratchVm.diff(id, outs, inputs, lifecycle)).changes).toBe(false);

  const news = await check(
    lifecycle,
    {
      disks: [
        { label: "c", size: 0.25, datastore: "LocalDS_1", keepOnRemove: true },
        { label: "a", size: 1 },
        { label: "d", size: 0.25, controller: "nvme" },
      ],
      cdroms: [{ iso: "[LocalDS_0] iso/b.iso" }],
      floppy: false,
      serialPorts: [],
      networkInterfaces: [{ network: "VM Network", macAddress: "00:50:56:01:02:04" }],
    },
    inputs,
  );
  const updated = await scratchVm.update(id, outs, news, lifecycle);
  const read = await scratchVm.read(id, updated.outs, lifecycle);
  for (const key of ["disks", "cdroms", "floppy", "serialPorts", "networkInterfaces"]) {
    expect(read.props?.[key]).toEqual(news[key]);
  }
  expect((await scratchVm.diff(id, read.props ?? {}, news, lifecycle)).changes).toBe(false);

  await scratchVm.delete(id, read.props ?? {}, lifecycle);
  expect((await host.vms.inventory()).vms).toEqual([]);
});
