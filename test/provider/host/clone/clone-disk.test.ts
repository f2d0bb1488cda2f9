/** A disk is copied under a temporary name and gets its own when it is whole; each test looks at the raw host. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { copyDisk } from "../../../../provider/host/clone/clone-disk.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { retrieveOne } from "../../../../provider/vim/reads/property-collector.ts";
import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { diskWith } from "../file-use/machines.ts";

const GOLDEN = "[datastore1] golden/golden.vmdk";
const DRAFT = "[datastore1] golden/draft.vmdk";
const TARGET = "[datastore1] golden/copy.vmdk";
const STOP = new Error("^C");

type Job = Parameters<typeof copyDisk>[1];

let lab: Lab;
let run: AbortController;
let said: number[];

beforeEach(async () => {
  lab = await Lab.open({ taskDurationMs: 5 });
  await new Stranger(lab).vm("golden");
  run = new AbortController();
  said = [];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await lab.close();
});

const copy = (more: Partial<Job> = {}) =>
  copyDisk(lab.host, {
    disk: diskWith([GOLDEN]),
    draft: parseDatastorePath(DRAFT),
    target: parseDatastorePath(TARGET),
    diskProvisioning: "thin",
    signal: run.signal,
    onProgress: (percent) => said.push(percent),
    ...more,
  });

/** Which of the two names a disk has now. */
async function names(): Promise<string[]> {
  const { files } = await lab.raw.contents();
  return [DRAFT, TARGET].filter((file) => files.includes(file));
}

const bytes = (disk: string) =>
  readFile(lab.raw.simulator.localFile(disk.replace(".vmdk", "-flat.vmdk")), "latin1");

/** Stops the run when the host has begun that, before it answers. */
const stopAfter = (method: string) =>
  lab.raw.simulator.faults.add({
    method,
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "after" ? run.abort(STOP) : undefined),
  });

test("a copy has the bytes of the disk, and its own name alone", async () => {
  await copy();
  expect(await names()).toEqual([TARGET]);
  expect(await bytes(TARGET)).toBe(await bytes(GOLDEN));
  expect(said[0]).toBe(0);
});

test.each([
  ["thin", "thin"],
  ["thick", "preallocated"],
  ["eagerZeroedThick", "eagerZeroedThick"],
] as const)(
  "a %s copy is asked for by the host's word, with its size",
  async (diskProvisioning, diskType) => {
    const call = vi.spyOn(lab.host.client, "call");
    await copy({ diskProvisioning });
    const destSpec = create("FileBackedVirtualDiskSpec", {
      diskType,
      adapterType: "lsiLogic",
      capacityKb: 1024,
    });
    expect(call).toHaveBeenCalledWith(expect.anything(), "CopyVirtualDisk_Task", {
      sourceName: GOLDEN,
      destName: DRAFT,
      destSpec,
    });
  },
);

test("a copy that fails has not got its name, and the error is the host's", async () => {
  lab.raw.simulator.faults.add({
    method: "CopyVirtualDisk_Task",
    action: { taskFault: "FileFault", message: "no room" },
  });
  expect((await failure(copy())).message).toContain("no room");
  expect(await names()).toEqual([]);
  expect(lab.raw.count("MoveVirtualDisk_Task")).toBe(0);
  expect(lab.raw.count("CancelTask")).toBe(0);
});

test("one whose name somebody else has taken keeps the temporary one, and theirs stays", async () => {
  await new Stranger(lab).copyDisk(GOLDEN, TARGET);
  const before = await readFile(lab.raw.simulator.localFile(TARGET), "latin1");
  await failure(copy());
  expect(await names()).toEqual([DRAFT, TARGET]);
  expect(await readFile(lab.raw.simulator.localFile(TARGET), "latin1")).toBe(before);
});

test("a run that is stopped ends its copy, and waits until it has ended", async () => {
  const { client } = lab.host;
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  const call = client.call.bind(client);
  const cancelled: ManagedObjectReference[] = [];
  // The simulated host cancels no copy, so this one ends when it is told to.
  const cancelling: typeof call = async (self, method, params, options) => {
    if (method !== "CancelTask") return call(self, method, params, options);
    cancelled.push(self);
    end();
    return undefined as never;
  };
  vi.spyOn(client, "call").mockImplementation(cancelling);
  lab.raw.simulator.faults.add({
    method: "CopyVirtualDisk_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "after" ? run.abort(STOP) : undefined),
    onTask: () => held,
  });
  expect(await failure(copy())).toBe(STOP);
  const [task] = cancelled;
  if (task === undefined) throw new Error("Nothing was cancelled.");
  const { "info.state": state } = await retrieveOne(client, task, "Task", ["info.state"]);
  expect([cancelled.length, state]).toEqual([1, "success"]);
  expect(lab.raw.count("MoveVirtualDisk_Task")).toBe(0);
  expect(await names()).toEqual([DRAFT]);
});

test.each(["cancels nothing", "ends no copy that it has cancelled"])(
  "a run that is stopped does not wait for a host that %s",
  async (what) => {
    const { client } = lab.host;
    const call = client.call.bind(client);
    const [patience, timeout] = [new AbortController(), AbortSignal.timeout.bind(AbortSignal)];
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) =>
      ms === 3000 ? patience.signal : timeout(ms),
    );
    let cancels = 0;
    const cancelling: typeof call = (self, method, params, options) => {
      if (method !== "CancelTask") return call(self, method, params, options);
      cancels++;
      return what === "cancels nothing"
        ? call(self, method, params, options)
        : Promise.resolve(undefined as never);
    };
    vi.spyOn(client, "call").mockImplementation(cancelling);
    lab.raw.simulator.faults.add({
      method: "CopyVirtualDisk_Task",
      action: "continue",
      onWork: (moment) => (moment === "after" ? run.abort(STOP) : undefined),
      onTask: () => new Promise(() => {}),
    });
    lab.raw.simulator.faults.add({ method: "CancelTask", action: "hang" });
    const copying = failure(copy());
    await vi.waitFor(() => expect(cancels).toBe(1));
    patience.abort();
    expect(await copying).toBe(STOP);
  },
);

test("that the host cancels nothing is not what is told of a run that was stopped", async () => {
  stopAfter("CopyVirtualDisk_Task");
  lab.raw.simulator.faults.add({ method: "CancelTask", action: { fault: "NotSupported", message: "never" } });
  expect(await failure(copy())).toBe(STOP);
});

test("a run that was stopped before it copies has nothing to cancel", async () => {
  run.abort(STOP);
  expect(await failure(copy())).toBe(STOP);
  expect([lab.raw.count("CopyVirtualDisk_Task"), lab.raw.count("CancelTask")]).toEqual([0, 0]);
});

test("a whole copy of a run that was stopped does not get its name", async () => {
  const { copies } = lab.host;
  const runs = copies.run.bind(copies);
  vi.spyOn(copies, "run").mockImplementation(async (work, signal) => {
    const done = await runs(work, signal);
    run.abort(STOP);
    return done;
  });
  expect(await failure(copy())).toBe(STOP);
  expect(await names()).toEqual([DRAFT]);
});

test("a run that is stopped while the copy gets its name lets it have it", async () => {
  stopAfter("MoveVirtualDisk_Task");
  await copy();
  expect(await names()).toEqual([TARGET]);
});

test("a host without a manager of disks, and a disk without a file, are told before anything is made", async () => {
  const nothing = /cannot copy a disk: its API has no VirtualDiskManager/;
  expect(
    (await failure(copy({ disk: create("VirtualDisk", { key: 2000, capacityInKB: 1024 }) }))).message,
  ).toMatch(nothing);
  const facts = await lab.host.facts();
  const { virtualDiskManager: _, ...content } = facts.content;
  vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, content });
  expect((await failure(copy())).message).toMatch(nothing);
  expect(lab.raw.count("CopyVirtualDisk_Task")).toBe(0);
});
