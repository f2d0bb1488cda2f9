/** Machines that go one after the other, when the host has been looked at as a whole for the first of them. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import type { VirtualDisk } from "../../../schema/index.ts";
import { RECORDED } from "../../support/simulated-host.ts";
import { failure, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm", RECORDED);
});

afterEach(async () => {
  await vms.lab.close();
});

/** Machines of those names, as an earlier run has made them, and the first of them deleted. */
async function firstOf(first: string, ...others: string[]): Promise<Managed[]> {
  const made: Managed[] = [];
  for (const name of [first, ...others]) {
    made.push(await vms.create(name, { powerOn: false, disks: [{ size: 0.125 }] }));
  }
  await vms.lab.restart();
  await vms.delete(made[0] as Managed);
  return made.slice(1);
}

/** How often the host was asked for whole configurations so far. */
async function configurationsRead(): Promise<number> {
  const recorded = await readFile(vms.lab.raw.recording, "utf8");
  return recorded.split("<pathSet>config</pathSet>").length - 1;
}

const rawDisk = (name: string) =>
  (vms.lab.raw.vm(name).config.hardware.device ?? []).find(
    ({ $type }) => $type === "VirtualDisk",
  ) as VirtualDisk;

/** As somebody does it in the host's own client. */
const attach = (name: string, disk: VirtualDisk) =>
  vms.lab.raw.simulator.behindBack.reconfigure(vms.lab.raw.vm(name).moid, {
    deviceChange: [
      create("VirtualDeviceConfigSpec", {
        operation: "add",
        device: create("VirtualDisk", { ...disk, key: -1, unitNumber: 1 }),
      }),
    ],
  });

test("of those that have not changed no configuration is read again", async () => {
  const [second, third] = await firstOf("first", "second", "third");
  const before = await configurationsRead();
  await vms.delete(second as Managed);
  await vms.delete(third as Managed);
  expect(await configurationsRead()).toBe(before);
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("a disk that somebody attaches to one of them in the meantime stays", async () => {
  const [second] = await firstOf("first", "second", "shared");
  await attach("second", rawDisk("shared"));
  await vms.delete(second as Managed);
  const { vms: left, files } = await vms.lab.raw.contents();
  expect(left).toEqual(["shared: poweredOff"]);
  expect(files.filter((file) => /\.vmdk$/.test(file)).map((file) => file.split("/")[0])).toEqual([
    "[datastore1] shared",
    "[datastore1] shared",
  ]);
});

test("a machine that was copied by hand and has the same instance UUID is left alone", async () => {
  const [second, third, copy] = await firstOf("first", "second", "third", "copy");
  const { behindBack } = vms.lab.raw.simulator;
  await behindBack.reconfigure(vms.lab.raw.vm("copy").moid, { instanceUuid: String(second?.id) });
  expect(vms.lab.raw.vm("copy").config.instanceUuid).toBe(second?.id);
  await vms.lab.restart();
  await vms.delete(third as Managed);
  await vms.delete(second as Managed);
  expect((await vms.lab.raw.contents()).vms).toEqual(["copy: poweredOff"]);
  expect(copy?.id).not.toBe(second?.id);
});

test("one that somebody powers on in the meantime is powered off first", async () => {
  const [second] = await firstOf("first", "second");
  await vms.lab.raw.simulator.behindBack.powerOn(vms.lab.raw.vm("second").moid);
  await vms.delete(second as Managed);
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  expect(vms.lab.raw.count("PowerOffVM_Task")).toBe(1);
});

test("one that somebody deletes in the meantime is gone, and one that is made since then goes", async () => {
  const [second] = await firstOf("first", "second");
  await vms.lab.raw.simulator.behindBack.destroy(vms.lab.raw.vm("second").moid);
  await vms.delete(second as Managed);
  await vms.delete(await vms.create("new", { powerOn: false }));
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("if the host cannot be looked at, nothing is deleted, and the next try looks again", async () => {
  const [second] = await firstOf("first", "second");
  await vms.lab.restart();
  vms.lab.raw.simulator.faults.add({
    method: "RetrievePropertiesEx",
    action: { fault: "SystemError" },
    count: 99,
  });
  await failure(vms.delete(second as Managed));
  expect((await vms.lab.raw.contents()).vms).toEqual(["second: poweredOff"]);
  vms.lab.raw.simulator.faults.clear();
  await vms.delete(second as Managed);
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("a run that is to end waits for no read of a deletion, and the next run deletes the machine", async () => {
  const { lab } = vms;
  const vm = await vms.create("web", { powerOn: false, disks: [{ size: 0.125 }] });
  const reason = new Error("^C");
  let read = 0;
  for (; (await lab.raw.contents()).vms.length > 0; read++) {
    await lab.restart();
    const stop = new AbortController();
    let isHeld = false;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    lab.raw.simulator.faults.add({
      method: "RetrievePropertiesEx",
      after: read,
      count: 1,
      action: "continue",
      onWork: async () => {
        isHeld = true;
        stop.abort(reason);
        await answered;
      },
    });
    const ended = await scratchVm.delete(vm.id, vm.outs, lab.context(stop.signal)).then(
      () => "deleted",
      (error: unknown) => error,
    );
    // On a busy machine more reads go into one request, so a deletion may have fewer than the one before; and the host
    // may have done its task before the run is to end.
    if (ended === "deleted") expect((await lab.raw.contents()).vms).toEqual([]);
    else expect({ isHeld, ended }).toEqual({ isHeld: true, ended: reason });
    answer();
    lab.raw.simulator.faults.clear();
  }
  // The last of them was the one that waits for the host's task.
  expect(read).toBeGreaterThan(4);
  await vms.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});
