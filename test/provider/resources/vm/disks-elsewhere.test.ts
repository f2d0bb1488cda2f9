/** Disks on another datastore, in a folder that was made for them: it goes with the last of them. */
import { writeFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import { killAt } from "../kill-at.ts";
import { Lab } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";

const WAYS: readonly [string, Partial<SimulatorOptions>][] = [
  ["by the API", {}],
  ["over SSH", { license: "free", ssh: { listen: "127.0.0.1:0" } }],
];
const HOME = { datastore: "datastore1", powerOn: false, guestId: "otherGuest", memory: 64 };
const SMALL = { size: 0.0625 };
const TWO = { ...HOME, disks: [SMALL, { ...SMALL, datastore: "data" }] };

let lab: Lab;
let vms: ResourceLab;

async function open(options: Partial<SimulatorOptions>): Promise<void> {
  const datastores = ["datastore1", "data"].map((name) => ({ name, capacityBytes: 2 ** 36 }));
  lab = await Lab.open({ datastores, ...options });
  vms = ResourceLab.in(lab, scratchVm, "ScratchVm");
}

afterEach(() => lab.close());

const files = async () => (await lab.raw.contents()).files;
const onData = async () => (await files()).filter((file) => file.startsWith("[data]"));

describe.each(WAYS)("a disk on another datastore, made %s", (_, options) => {
  test("leaves no folder there when its machine is deleted", async () => {
    await open(options);
    const vm = await vms.create("web", TWO);
    expect(await onData()).toContain("[data] web/web.vmdk");
    await vms.delete(vm);
    expect(await files()).toEqual([]);
  });

  test("leaves no folder there when it is taken out of the program", async () => {
    await open(options);
    const vm = await vms.create("web", TWO);
    const less = await vms.update(vm, { ...TWO, disks: [SMALL] });
    expect(await onData()).toEqual([]);
    await vms.delete(less);
    expect(await files()).toEqual([]);
  });

  test("leaves a folder in which somebody has put a file, with the file", async () => {
    await open(options);
    const vm = await vms.create("web", TWO);
    await writeFile(lab.raw.simulator.localFile("[data] web/mine.txt"), "mine");
    await vms.delete(vm);
    expect(await files()).toEqual(["[data] web/", "[data] web/mine.txt"]);
  });

  test("leaves no folder there when its machine is deleted with a snapshot", async () => {
    await open(options);
    const vm = await vms.create("web", TWO);
    const snapshots = ResourceLab.in(lab, vmSnapshot, "VmSnapshot");
    await snapshots.create("s", { vm: vm.id, host: "esxi1" });
    expect((await onData()).filter((file) => /web-0.*vmdk/.test(file))).not.toEqual([]);
    await vms.delete(vm);
    expect(await files()).toEqual([]);
  });
});

test("a run that is killed anywhere in the deletion is gone on with, and no folder is left", async () => {
  await open({});
  const killed = new Set<string>();
  for (let change = 1; ; change++) {
    const vm = await vms.create("web", TWO);
    const host = lab.connect();
    const call = host.client.call;
    const dead = killAt(host, change, "after");
    const run = scratchVm.delete(vm.id, vm.outs, lab.context(undefined, host)).then(() => undefined);
    run.catch(() => {});
    const method = await Promise.race([dead, run]);
    lab.restartAfterKill();
    // Only so that it can be closed at the end.
    host.client.call = call;
    await vms.delete(vm);
    expect(await files(), `killed after change ${change}, ${method}`).toEqual([]);
    if (method === undefined) break;
    killed.add(method);
  }
  expect([...killed]).toEqual(
    expect.arrayContaining(["ReconfigVM_Task", "DeleteDatastoreFile_Task", "Destroy_Task"]),
  );
});
