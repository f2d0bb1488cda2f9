/** The copy of a machine that is moved: what it has, in which order it comes, and what the host says on the way. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { draftName } from "../../../../provider/host/clone/clone-files.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { copyMachine } from "../../../../provider/host/move/copy-machine.ts";
import { planMove } from "../../../../provider/host/move/move-plan.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, type Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { MARK, twoDatastores } from "./machine-to-move.ts";

const { signal } = new AbortController();

let lab: Lab;
let vm: ObservedVm;
let said: string[];

beforeAll(async () => {
  lab = await twoDatastores();
  await new Stranger(lab).vm("vm", ["new", "new"]);
  await new Stranger(lab).vm("one");
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid);
  await lab.raw.simulator.behindBack.powerOff(lab.raw.vm("vm").moid);
  const ref = { type: "VirtualMachine", value: lab.raw.vm("vm").moid };
  vm = (await lab.host.vms.byReference(ref)) as ObservedVm;
});

afterAll(() => lab.close());

beforeEach(() => {
  said = [];
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
  await rm(lab.raw.simulator.localFile("[big] vm"), { recursive: true, force: true });
  await rm(lab.raw.simulator.localFile("[big] one"), { recursive: true, force: true });
});

const files = async () => (await lab.raw.contents()).files.filter((file) => file.startsWith("[big]"));
const target = { datastore: "big", folder: "vm", staying: [] };

async function copy(mark = MARK, which = vm, until = signal): Promise<void> {
  const folder = parseDatastorePath(mark.to.replace(/\/[^/]*$/, "")).path;
  const plan = await planMove(lab.host, which, { ...target, folder }, signal);
  await copyMachine(lab.host, which, plan, mark, { signal: until, onStatus: (text) => said.push(text) });
}

const fails = (rule: FaultRule) => lab.raw.simulator.faults.add(rule);
const uuids = async (folder: string) => {
  const manager = (await lab.host.facts()).content.virtualDiskManager;
  if (manager === undefined) throw new Error("The host has no manager of disks.");
  return Promise.all(
    ["vm.vmdk", "vm_1.vmdk"].map((name) =>
      lab.host.client.call(manager, "QueryVirtualDiskUuid", { name: `${folder}/${name}` }),
    ),
  );
};

test("has the disks with their identity, what goes along, the settings and the flag, and no draft", async () => {
  await copy();
  const own = (await lab.raw.contents()).files.filter((file) => file.startsWith("[datastore1] vm/"));
  const carried = own.filter((file) => /\/$|\.(vmdk|nvram|vmx|vmsd|vmxf)$/.test(file));
  expect(await files()).toEqual(
    [...carried.map((file) => file.replace("datastore1", "big")), `[big] vm/${MARK.flag}/`].sort(),
  );
  expect(await uuids("[big] vm")).toEqual(await uuids("[datastore1] vm"));
  expect(said).toContain("moving to [big]: disk 1 of 2, 0%");
  expect(said).toContain("moving to [big]: disk 2 of 2, 0%");
});

test("of a machine with one disk is told so", async () => {
  const ref = { type: "VirtualMachine", value: lab.raw.vm("one").moid };
  const one = (await lab.host.vms.byReference(ref)) as ObservedVm;
  await copy({ ...MARK, from: one.vmxPath, to: "[big] one/one.vmx" }, one);
  expect(said).toContain("moving to [big]: the disk, 0%");
});

test("begins with the flag and ends with the file with its settings", async () => {
  for (const [method, there] of [
    ["CopyVirtualDisk_Task", [`[big] vm/`, `[big] vm/${MARK.flag}/`]],
    ["CopyDatastoreFile_Task", expect.arrayContaining(["[big] vm/vm.vmdk", "[big] vm/vm_1.vmdk"])],
  ] as const) {
    const seen: string[][] = [];
    fails({
      method,
      count: 1,
      action: "continue",
      onWork: async (moment) => void (moment === "before" && seen.push(await files())),
    });
    await copy();
    expect(seen).toEqual([there]);
    expect(seen[0]).not.toContain("[big] vm/vm.vmx");
    await rm(lab.raw.simulator.localFile("[big] vm"), { recursive: true });
  }
});

test("has a disk that is not whole under a name that says whose it is, as every release has named it", async () => {
  fails({ method: "MoveVirtualDisk_Task", action: { taskFault: "SystemError", message: "not now" } });
  expect((await failure(copy())).message).toContain("not now");
  const draft = draftName({ urn: "move", digest: MARK.flag }, 0);
  expect(await files()).toEqual([
    "[big] vm/",
    `[big] vm/${draft.replace(".vmdk", "-flat.vmdk")}`,
    `[big] vm/${draft}`,
    `[big] vm/${MARK.flag}/`,
  ]);
});

test.each(["QueryVirtualDiskUuid", "SetVirtualDiskUuid"])(
  "waits for no answer to %s in a run that is to end",
  async (method) => {
    const stop = new AbortController();
    fails({ method, count: 1, action: "hang", onWork: () => stop.abort(new Error("^C")) });
    expect((await failure(copy(MARK, vm, stop.signal))).message).toBe("^C");
  },
);

test("keeps the identity of disks to which the host gave the same, without a word", async () => {
  await copy();
  const set = lab.raw.count("SetVirtualDiskUuid");
  expect(set).toBe(2);
  await rm(lab.raw.simulator.localFile("[big] vm"), { recursive: true });
  const { call } = lab.host.client;
  vi.spyOn(lab.host.client, "call").mockImplementation(((...args: Parameters<typeof call>) =>
    args[1] === "QueryVirtualDiskUuid"
      ? Promise.resolve("60 00 C2 9a")
      : Reflect.apply(call, lab.host.client, args)) as typeof call);
  await copy();
  expect(lab.raw.count("SetVirtualDiskUuid")).toBe(set);
});

test("is made into an empty folder that is there, and into none that somebody has put something into meanwhile", async () => {
  await mkdir(lab.raw.simulator.localFile("[big] vm"));
  await copy();
  await rm(lab.raw.simulator.localFile("[big] vm"), { recursive: true });
  fails({
    method: "MakeDirectory",
    count: 1,
    action: "continue",
    onWork: async (moment) => {
      if (moment === "after") return;
      await mkdir(lab.raw.simulator.localFile("[big] vm"));
      await writeFile(lab.raw.simulator.localFile("[big] vm/theirs.txt"), "x");
    },
  });
  expect((await failure(copy())).message).toMatch(
    /somebody has just made the folder \[big\] vm to which "vm" was to be moved/,
  );
  expect(await files()).toEqual(["[big] vm/", "[big] vm/theirs.txt"]);
});

test("goes without a file that the machine names and does not have, and not without one that cannot be copied", async () => {
  const missing = { taskFault: "FileNotFound", message: "gone", properties: { file: "vm.nvram" } };
  fails({ method: "CopyDatastoreFile_Task", count: 1, action: missing });
  await copy();
  expect(await files()).toContain("[big] vm/vm.vmx");
  await rm(lab.raw.simulator.localFile("[big] vm"), { recursive: true });
  lab.raw.simulator.faults.clear();
  fails({
    method: "CopyDatastoreFile_Task",
    count: 1,
    action: { taskFault: "SystemError", message: "not now" },
  });
  expect((await failure(copy())).message).toContain("not now");
  expect(await files()).not.toContain("[big] vm/vm.vmx");
});

test("does not end without the file with its settings", async () => {
  const missing = { taskFault: "FileNotFound", message: "gone", properties: { file: "vm.vmx" } };
  fails({ method: "CopyDatastoreFile_Task", action: missing });
  expect((await failure(copy())).message).toContain("gone");
});
