/** Which disks of a running machine grow over SSH, and when that counts as done. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HostError } from "../../../../../provider/host/host-error.ts";
import { PATIENCE } from "../../../../../provider/host/shell/confirmed.ts";
import { growHot, hotGrowth } from "../../../../../provider/host/shell/vm/hot-growth.ts";
import { disksAmong } from "../../../../../provider/host/vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import type { DiskController } from "../../../../../provider/host/vm/settings/buses.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { EsxiShell } from "../../../../../provider/ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../../../../provider/ssh/commands/vim-cmd-error.ts";
import { SshLostError } from "../../../../../provider/ssh/ssh-lost-error.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { ResourceLab } from "../../../resources/resource-lab.ts";

const SMALL = 8 / 1024;
const LARGE = 16 / 1024;
const { signal } = new AbortController();
const usual = { ...PATIENCE };

let lab: Lab;
let vms: ResourceLab;

beforeAll(async () => {
  lab = await Lab.open();
  vms = ResourceLab.in(lab, scratchVm, "ScratchVm");
});

afterAll(() => lab.close());

beforeEach(() => void Object.assign(PATIENCE, { afterSuccessMs: 0, afterFailureMs: 0 }));

afterEach(async () => {
  Object.assign(PATIENCE, usual);
  const { simulator } = lab.raw;
  for (const { moid, name } of simulator.vms()) {
    if (lab.raw.vm(name).powerState === "poweredOn") await simulator.behindBack.powerOff(moid);
    await simulator.behindBack.destroy(moid);
  }
});

/** A running machine with two disks. */
async function running(controller?: DiskController): Promise<ObservedVm> {
  const disks = ["system", "data"].map((label) => ({ label, size: SMALL, controller }));
  await vms.create("web", { disks });
  return now();
}

async function now(): Promise<ObservedVm> {
  const [vm] = (await lab.host.vms.inventory()).vms;
  if (vm === undefined) throw new Error("The host has it.");
  return vm;
}

const wish = (system: number, data: number) => ({
  disks: [
    { label: "system", size: system },
    { label: "data", size: data },
  ],
});
const sizesOf = (growths: ReturnType<typeof hotGrowth>) => growths?.map(({ capacityInKB }) => capacityInKB);

describe("of a running machine", () => {
  test.each(["pvscsi", "lsilogic"] as const)("disks on %s grow, those that are to", async (controller) => {
    const vm = await running(controller);
    expect(sizesOf(hotGrowth(vm, wish(SMALL, LARGE)))).toEqual([16_384]);
    expect(sizesOf(hotGrowth(vm, wish(LARGE, LARGE)))).toEqual([16_384, 16_384]);
  });

  test.each(["sata", "nvme"] as const)("no disk on %s grows", async (controller) => {
    expect(hotGrowth(await running(controller), wish(SMALL, LARGE))).toBeUndefined();
  });

  test("no disk on BusLogic grows, though that is SCSI", async () => {
    const vm = await running("lsilogic");
    const devices = vm.devices.map((device) =>
      device.$type === "VirtualLsiLogicController"
        ? { ...device, $type: "VirtualBusLogicController" as const }
        : device,
    );
    expect(hotGrowth({ ...vm, devices }, wish(SMALL, LARGE))).toBeUndefined();
  });

  test("no disk grows if nothing is to change, or a disk goes or comes too", async () => {
    const vm = await running();
    expect(hotGrowth(vm, wish(SMALL, SMALL))).toBeUndefined();
    expect(hotGrowth(vm, { disks: [{ label: "data", size: LARGE }] })).toBeUndefined();
    const more = [...wish(SMALL, LARGE).disks, { label: "more", size: SMALL }];
    expect(hotGrowth(vm, { disks: more })).toBeUndefined();
  });

  test("no disk grows if something of it is to be recorded, or another setting changes", async () => {
    const vm = await running();
    const kept = [
      { label: "system", size: SMALL },
      { label: "data", size: LARGE, keepOnRemove: true },
    ];
    expect(hotGrowth(vm, { disks: kept })).toBeUndefined();
    expect(hotGrowth(vm, { ...wish(SMALL, LARGE), memory: 128 })).toBeUndefined();
    expect(hotGrowth(vm, { memory: 128 })).toBeUndefined();
  });

  test("no disk grows if another thing of it changes too, or while a snapshot needs it", async () => {
    const vm = await running();
    const other = wish(SMALL, LARGE).disks.map((disk) => ({
      ...disk,
      mode: "independent_persistent" as const,
    }));
    expect(hotGrowth(vm, { disks: other })).toBeUndefined();
    await lab.host.task(
      () => lab.host.client.call(vm.ref, "CreateSnapshot_Task", { name: "s", memory: false, quiesce: false }),
      { signal },
    );
    const held = await now();
    expect(() => hotGrowth(held, wish(SMALL, LARGE))).toThrow(/"data" .* it has snapshots/);
  });
});

test("a machine that is off has no disk that grows while it runs", async () => {
  const vm = await running();
  expect(hotGrowth({ ...vm, powerState: "poweredOff" }, wish(SMALL, LARGE))).toBeUndefined();
});

describe("growing", () => {
  /** A host whose command does that. */
  const grow = async (vm: ObservedVm, command: (sizeKb: number) => Promise<void>) =>
    growHot(
      lab.host,
      { extendDisk: (_id: string, sizeKb: number) => command(sizeKb) } as unknown as EsxiShell,
      vm,
      hotGrowth(vm, wish(SMALL, LARGE)) ?? [],
      signal,
    );
  const refused = new VimCmdError("esxi1: no room (NoDiskSpace)", "NoDiskSpace");

  test("counts when the host shows the size, whatever the command said", async () => {
    const vm = await running();
    await grow(vm, async (capacityInKB) => {
      const disk = disksAmong(vm.devices).at(-1);
      if (disk === undefined) throw new Error("It has one.");
      const device = create("VirtualDisk", { ...disk, capacityInKB, capacityInBytes: capacityInKB * 1024 });
      await lab.raw.simulator.behindBack.reconfigure(vm.moid, {
        deviceChange: [create("VirtualDeviceConfigSpec", { operation: "edit", device })],
      });
      throw refused;
    });
  });

  test("that the host refuses says so, and how it is done without it", async () => {
    const vm = await running();
    const error = await failure(
      grow(vm, async () => {
        throw refused;
      }),
    );
    expect(error).toBeInstanceOf(HostError);
    expect(error.message).toBe(
      'esxi1: could not grow the disk [datastore1] web/web_1.vmdk of "web" while it runs: esxi1: no room (NoDiskSpace) ' +
        "Without esxi:sshHotChanges it is done with one power cycle.",
    );
    expect(error.cause).toBeInstanceOf(HostError);
  });

  test("of which nobody knows whether it was done is told as that", async () => {
    const vm = await running();
    const lost = new SshLostError("esxi1: the connection was lost");
    const error = await failure(
      grow(vm, async () => {
        throw lost;
      }),
    );
    expect(error).toBe(lost);
  });

  test("of a machine that is gone by then does not count as done", async () => {
    const vm = await running();
    const error = await failure(
      grow(vm, async () => {
        await lab.raw.simulator.behindBack.powerOff(vm.moid);
        await lab.raw.simulator.behindBack.destroy(vm.moid);
        throw refused;
      }),
    );
    expect(error.message).toMatch(/could not grow the disk/);
  });
});
