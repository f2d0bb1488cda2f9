/** A machine whose .vmx file has other disks than the host shows, because it has not read the file yet. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { shellOf } from "../../../../../provider/host/shell/host-shell.ts";
import { asWritten } from "../../../../../provider/host/shell/vm/as-written.ts";
import { chainOf, disksAmong } from "../../../../../provider/host/vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { failure, type Lab } from "../../../resources/lab.ts";
import type { Stranger } from "../../../resources/stranger.ts";
import { openShellLab } from "../shell-lab.ts";
import { withoutPatience } from "./patience.ts";

const { signal } = new AbortController();
const VMX = "[datastore1] vm/vm.vmx";

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  ({ lab, stranger } = await openShellLab());
});

afterAll(() => lab.close());

beforeEach(async () => {
  withoutPatience();
  await stranger.vm("vm", ["new", "new"]);
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  vi.restoreAllMocks();
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { moid } of simulator.vms()) await simulator.behindBack.destroy(moid);
  for (const file of (await lab.raw.contents()).files)
    await rm(simulator.localFile(file), { recursive: true, force: true });
});

async function seen(): Promise<ObservedVm> {
  const ref = { type: "VirtualMachine", value: lab.raw.vm("vm").moid };
  const vm = await lab.host.vms.byReference(ref);
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

const written = async (vm: ObservedVm) => asWritten(lab.host, await shellOf(lab.host).open(), vm, signal);
const reloads = () =>
  lab.raw.simulator.requests.entries().filter(({ target }) => target.includes("vmsvc/reload")).length;
const disks = ({ devices }: ObservedVm) => disksAmong(devices).map((disk) => chainOf(disk)[0]);

async function edit(change: (text: string) => string): Promise<void> {
  const file = lab.raw.simulator.localFile(VMX);
  const text = await readFile(file, "utf8");
  expect(change(text)).not.toBe(text);
  await writeFile(file, change(text));
}

test("a machine that the host shows as its file says is taken as it is, without a command that changes it", async () => {
  const vm = await seen();
  expect(await written(vm)).toBe(vm);
  expect(reloads()).toBe(0);
});

test("so is one whose disks have another order in the file", async () => {
  await edit((text) =>
    text.replace('"vm.vmdk"', '"*"').replace('"vm_1.vmdk"', '"vm.vmdk"').replace('"*"', '"vm_1.vmdk"'),
  );
  const vm = await seen();
  expect(await written(vm)).toBe(vm);
});

test("so is one with a disk on another datastore, which the file names by its UUID", async () => {
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", "[ssd] a.vmdk");
  await stranger.attach("vm", "[ssd] a.vmdk");
  expect(await readFile(lab.raw.simulator.localFile(VMX), "utf8")).toMatch(
    /"\/vmfs\/volumes\/[^"]+\/a\.vmdk"/,
  );
  const vm = await seen();
  expect(disks(vm)).toContain("[ssd] a.vmdk");
  expect(await written(vm)).toBe(vm);
});

test("so is one with snapshots, of whose chains the file names the newest disk alone", async () => {
  await stranger.snapshot("vm");
  const vm = await seen();
  expect(disksAmong(vm.devices).map((disk) => chainOf(disk).length)).toEqual([2, 2]);
  expect(await written(vm)).toBe(vm);
});

test("a file that the host has not read is read, and the machine is what it says", async () => {
  const vm = await seen();
  await edit((text) => text.replace(/^scsi0:1\..*\n/gm, ""));
  expect(disks(await written(vm))).toEqual(["[datastore1] vm/vm.vmdk"]);
  expect(reloads()).toBe(1);
});

test("so is one that has as many disks as the host shows, and another one of them", async () => {
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", "[datastore1] vm/vm_2.vmdk");
  const vm = await seen();
  await edit((text) => text.replace('"vm_1.vmdk"', '"vm_2.vmdk"'));
  expect(disks(await written(vm))).toEqual(["[datastore1] vm/vm.vmdk", "[datastore1] vm/vm_2.vmdk"]);
  expect(reloads()).toBe(1);
});

test("a host that never shows what the file says is told of, and that nothing was deleted", async () => {
  const vm = await seen();
  await edit((text) => text.replace(/^scsi0:1\..*\n/gm, ""));
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "'vmsvc/reload'", action: { status: 0 } });
  expect((await failure(written(vm))).message).toMatch(
    /^esxi1: a run that was interrupted has changed the disks of "vm" in \[datastore1\] vm\/vm\.vmx.*Nothing was deleted/,
  );
});

test("a machine without a file is told of", async () => {
  const vm = await seen();
  await rm(lab.raw.simulator.localFile(VMX));
  expect((await failure(written(vm))).message).toContain(
    `esxi1: there is no ${VMX} any more, so "vm" was left as it is.`,
  );
  expect(reloads()).toBe(0);
});
