/** Hardware, boot and allocation settings on vcsim, a host that others wrote. */
import fc from "fast-check";
import { afterEach, expect, type TestContext, test } from "vitest";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import type { Context, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { draws } from "../../support/draws.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim } from "../../support/vcsim.ts";
import { completeHardware, RANDOM_HARDWARE } from "../host/vm/settings/random-hardware.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::vm";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(context: TestContext): Promise<{ lifecycle: Context; host: EsxiHost }> {
  const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret" });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(vcsim.stop, () => host.close());
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: "/",
    host: () => host,
  };
  return { lifecycle, host };
}

async function check(context: Context, settings: Properties): Promise<Properties> {
  const news = { name: "vm", ...settings, __provider: "text", __urn: URN };
  const { inputs, failures } = await scratchVm.check({}, news, context);
  expect(failures).toEqual([]);
  return inputs;
}

const SETTINGS = {
  numCpus: 2,
  memory: 256,
  cpuHotAddEnabled: true,
  memoryHotAddEnabled: true,
  nestedHvEnabled: true,
  firmware: "efi",
  guestId: "ubuntu64Guest",
  hardwareVersion: 13,
  cpuLimit: 3000,
  cpuReservation: 250,
  cpuShareLevel: "custom",
  cpuShareCount: 1500,
  memoryLimit: 512,
  memoryReservation: 64,
  memoryShareLevel: "high",
  bootDelay: 2000,
  bootRetryEnabled: true,
  bootRetryDelay: 20_000,
  efiSecureBootEnabled: true,
  enableDiskUuid: true,
  enableLogging: false,
  syncTimeWithHost: true,
  toolsUpgradePolicy: "upgradeAtPowerCycle",
};

/** What vcsim, which says that it is ESXi 6.5, keeps of a new machine. */
const {
  bootOrder: _,
  videoMemory: __,
  vvtdEnabled,
  vbsEnabled,
  cpuHotRemoveEnabled,
  ...kept
} = RANDOM_HARDWARE;
const memory = fc.constantFrom(64, 128, 256);
/** It knows fewer systems than the API that this package knows. */
const guestId = fc.constantFrom(
  "otherGuest",
  "otherGuest64",
  "ubuntu64Guest",
  "rhel8_64Guest",
  "windows9_64Guest",
);
const atFirst = fc.record(
  { ...kept, guestId, memory, hardwareVersion: fc.constant(13) },
  { requiredKeys: [] },
);
/** Of a structure it forgets what a change leaves out, so these stand by themselves. */
const { cpuHotAddEnabled, memoryHotAddEnabled, nestedHvEnabled } = kept;
const later = fc.record(
  { cpuHotAddEnabled, memoryHotAddEnabled, nestedHvEnabled, guestId, memory },
  { requiredKeys: [] },
);

test("a machine on vcsim has all of it, reads back equal, and changes", async (context) => {
  const { lifecycle, host } = await open(context);
  const inputs = await check(lifecycle, SETTINGS);
  const { id, outs } = await scratchVm.create(inputs, lifecycle);
  const [made] = (await host.vms.inventory()).vms;
  expect(made).toMatchObject({ numCpus: 2, memory: 256, cpuHotAddEnabled: true, memoryHotAddEnabled: true });
  expect(made?.config).toMatchObject({
    guestId: "ubuntu64Guest",
    version: "vmx-13",
    firmware: "efi",
    nestedHVEnabled: true,
    cpuAllocation: { limit: 3000, reservation: 250, shares: { level: "custom", shares: 1500 } },
    memoryAllocation: { limit: 512, reservation: 64, shares: { level: "high" } },
    bootOptions: {
      bootDelay: 2000,
      bootRetryEnabled: true,
      bootRetryDelay: 20_000,
      efiSecureBootEnabled: true,
    },
    flags: { diskUuidEnabled: true, enableLogging: false },
    tools: { syncTimeWithHost: true, toolsUpgradePolicy: "upgradeAtPowerCycle" },
  });

  host.vms.forget();
  const { props } = await scratchVm.read(id, outs, lifecycle);
  expect(props).toMatchObject(SETTINGS);
  expect(await scratchVm.diff(id, props ?? {}, inputs, lifecycle)).toMatchObject({ changes: false });

  const other = await check(lifecycle, {
    ...SETTINGS,
    cpuLimit: -1,
    memoryShareLevel: "low",
    guestId: "otherGuest64",
  });
  const { outs: changed } = await scratchVm.update(id, props ?? {}, other, lifecycle);
  expect(changed).toMatchObject({ cpuLimit: -1, memoryShareLevel: "low", guestId: "otherGuest64" });
  const [now] = (await host.vms.inventory()).vms;
  expect(now?.config).toMatchObject({
    guestId: "otherGuest64",
    cpuAllocation: { limit: -1 },
    memoryAllocation: { shares: { level: "low" } },
  });
  await scratchVm.delete(id, changed, lifecycle);
  expect((await host.vms.inventory()).vms).toEqual([]);
});

test("any settings read back equal on vcsim, as they were made and as they were changed", {
  timeout: 120_000,
}, async (context) => {
  const { lifecycle, host } = await open(context);
  let serial = 0;
  const property = fc.asyncProperty(atFirst, later, async (first, second) => {
    const name = `vm ${++serial}`;
    const settled = async (id: string, outs: Properties, inputs: Properties) => {
      host.vms.forget();
      const { props = {} } = await scratchVm.read(id, outs, lifecycle);
      expect(await scratchVm.diff(id, props, inputs, lifecycle)).toMatchObject({ changes: false });
      return props;
    };
    const inputs = await check(lifecycle, { name, ...completeHardware(first) });
    const { id, outs } = await scratchVm.create(inputs, lifecycle);
    const props = await settled(id, outs, inputs);
    const others = await check(lifecycle, { name, ...completeHardware({ ...first, ...second }) });
    const { outs: changed } = await scratchVm.update(id, props, others, lifecycle);
    await settled(id, changed, others);
    await scratchVm.delete(id, changed, lifecycle);
  });
  await fc.assert(property, draws(40));
  expect((await host.vms.inventory()).vms).toEqual([]);
});
