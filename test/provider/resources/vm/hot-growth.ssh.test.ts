/** Disks that grow over SSH while their machine runs, where the configuration allows it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { killShellAt } from "../kill-shell-at.ts";
import { failure, Lab } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";

const HOT = { transport: "ssh", sshHotChanges: true } as const;

let lab: Lab;
let vms: ResourceLab;
let usual: ResourceLab;

beforeEach(async () => {
  lab = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0" } });
  vms = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect(HOT));
  usual = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect({ transport: "ssh" }));
});

afterEach(() => lab.close());

/** On SCSI unless they say otherwise. */
const disksOf = (size: number, more: Properties = {}) => ({
  memory: 64,
  disks: [
    { label: "system", size: 0.0078125 },
    { label: "data", size, ...more },
  ],
});
const sizes = () =>
  (lab.raw.vm("web").config.hardware.device ?? []).flatMap((device) =>
    "capacityInKB" in device ? [Number(device.capacityInKB) / 1024 ** 2] : [],
  );
const commands = (pattern: RegExp) =>
  lab.raw.simulator.requests.entries().filter(({ target }) => pattern.test(target)).length;

test("a disk grows, the machine runs on, and the preview says under which condition", async () => {
  const vm = await vms.create("web", disksOf(0.0078125));
  const kept = { ...disksOf(0.015625), allowPowerCycle: false };
  lab.said.length = 0;
  await vms.diff(vm, disksOf(0.015625));
  expect(lab.texts("info")).toEqual([
    expect.stringMatching(/with one power cycle, unless .*SCSI.*esxi:sshHotChanges.*goes over SSH: disks/),
  ]);
  await vms.diff(vm, kept);
  expect(lab.texts("warn")).toEqual([]);
  const grown = await vms.update(vm, kept);
  expect(sizes()).toEqual([0.0078125, 0.015625]);
  expect([commands(/device\.diskextend/), commands(/power\.off/), commands(/power\.on/)]).toEqual([1, 0, 1]);
  expect(await vms.diff(grown, kept)).toMatchObject({ changes: false });
  expect((await vms.read(grown))?.outs.disks).toEqual(kept.disks);
  // What its file says of it is the same when it is off.
  const off = await vms.update(grown, { ...disksOf(0.015625), powerOn: false });
  expect(sizes()).toEqual([0.0078125, 0.015625]);
  await vms.delete(off);
  const { vms: machines, files } = await lab.raw.contents();
  expect({ machines, files }).toEqual({ machines: [], files: [] });
});

test("without the setting nothing is changed while a machine runs", async () => {
  const vm = await usual.create("web", disksOf(0.0078125));
  lab.said.length = 0;
  await usual.diff(vm, { ...disksOf(0.015625), allowPowerCycle: false });
  expect(lab.texts("info").join()).toMatch(/with one power cycle, as it goes over SSH: disks/);
  expect(lab.texts("warn").join()).toMatch(/allowPowerCycle is false/);
  const { message } = await failure(usual.update(vm, { ...disksOf(0.015625), allowPowerCycle: false }));
  expect(message).toMatch(/must be powered off to change its disks/);
  await usual.update(vm, disksOf(0.015625));
  expect(sizes()).toEqual([0.0078125, 0.015625]);
  expect([commands(/device\.diskextend/), commands(/power\.off/)]).toEqual([0, 1]);
});

test.each([
  ["another setting changes too", disksOf(0.0078125), { ...disksOf(0.015625), memory: 128 }],
  [
    "a disk comes too",
    disksOf(0.0078125),
    { disks: [...disksOf(0.015625).disks, { label: "more", size: 0.0078125 }] },
  ],
  [
    "the disk is on SATA",
    disksOf(0.0078125, { controller: "sata" }),
    disksOf(0.015625, { controller: "sata" }),
  ],
])("it takes one power cycle where %s", async (_why, before, after) => {
  const vm = await vms.create("web", before);
  await vms.update(vm, after);
  expect(sizes()).toContain(0.015625);
  expect([commands(/device\.diskextend/), commands(/power\.off/), commands(/power\.on/)]).toEqual([0, 1, 2]);
});

test("a run that is killed behind the command is made good by the next", async () => {
  const vm = await vms.create("web", disksOf(0.0078125));
  const doomed = lab.connect(HOT);
  const { killed } = await killShellAt(doomed, 1, "after", []);
  const run = vms.update(vm, disksOf(0.015625), lab.context(undefined, doomed));
  run.catch(() => {});
  await killed;
  lab.raw.simulator.expireSessions();
  const again = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect(HOT));
  const grown = await again.update(vm, disksOf(0.015625));
  expect(sizes()).toEqual([0.0078125, 0.015625]);
  expect(grown.outs.powerState).toBe("poweredOn");
  expect(commands(/power\.off/)).toBe(0);
});
