/** Folders of clones in which others have files too: before, and while a clone is made. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flagOf } from "../../../../provider/host/shell/ssh-folder.ts";
import { CloneLab } from "../clone-lab.ts";
import { killAt } from "../kill-at.ts";
import { failure } from "../lab.ts";
import { Stranger } from "../stranger.ts";

let clones: CloneLab;
let stranger: Stranger;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
  stranger = new Stranger(clones.lab);
  await clones.golden();
});

afterEach(async () => {
  await clones.lab.close();
});

/** Files that somebody has put into a folder. */
async function put(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = clones.lab.raw.simulator.localFile(`[datastore1] ${folder}/${name}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${name} of a colleague`);
  }
}

const inFolder = async (folder: string) =>
  (await clones.lab.raw.contents()).files.filter(
    (file) => file.startsWith(`[datastore1] ${folder}/`) && !file.endsWith("/"),
  );

test.each([{ mode: "full" }, { mode: "linked" }, { mode: "full", transport: "ssh" }])(
  "a folder with files in it is refused for %j, and nothing is written",
  async (settings) => {
    await put("data", "data.vmdk", "other.vmdk", "copying-0.vmdk", "notes.txt");
    const before = await stranger.digests(["[datastore1]"]);
    const { message } = await failure(clones.create("student", { folder: "data", ...settings }));
    expect(message).toMatch(/\[datastore1\] data has files in it already, and they are left alone/);
    expect(await stranger.digests(["[datastore1]"])).toEqual(before);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  },
);

test.each([{ mode: "full" }, { mode: "linked" }])(
  "a folder that was made for a machine which the host does not make goes again, for %j",
  async (settings) => {
    const before = (await clones.lab.raw.contents()).files;
    const fails = {
      method: "CreateVM_Task",
      action: { taskFault: "SystemError", message: "not now" },
    } as const;
    clones.lab.raw.simulator.faults.add(fails);
    const { message } = await failure(clones.create("student", { folder: "data", ...settings }));
    expect(message).toContain("not now");
    expect((await clones.lab.raw.contents()).files).toEqual(before);
  },
);

test("a folder that was there stays when no machine is made in it", async () => {
  await mkdir(clones.lab.raw.simulator.localFile("[datastore1] data"));
  const before = (await clones.lab.raw.contents()).files;
  clones.lab.raw.simulator.faults.add({ method: "CreateVM_Task", action: { taskFault: "SystemError" } });
  await failure(clones.create("student", { folder: "data" }));
  expect((await clones.lab.raw.contents()).files).toEqual(before);
});

test("a folder into which somebody puts a file stays when no machine is made in it", async () => {
  clones.lab.raw.simulator.faults.add({
    method: "CreateVM_Task",
    action: { taskFault: "SystemError" },
    onWork: (moment) => (moment === "before" ? put("data", "notes.txt") : undefined),
  });
  await failure(clones.create("student", { folder: "data" }));
  expect(await inFolder("data")).toEqual(["[datastore1] data/notes.txt"]);
});

test.each([
  ["has taken its name", "student.vmdk"],
  ["has taken none of its names", "theirs.vmdk"],
])(
  "a copy that fails where somebody %s leaves that file and all others as they are",
  async (_what, theirs) => {
    const { faults } = clones.lab.raw.simulator;
    faults.add({ method: "CopyVirtualDisk_Task", count: 1, delayMs: 400, action: "continue" });
    faults.add({
      method: "MoveVirtualDisk_Task",
      count: theirs === "student.vmdk" ? 0 : 1,
      action: { taskFault: "NoDiskSpace" },
    });
    const create = failure(clones.create("student", { folder: "data/student" }));
    await clones.lab.raw.until(
      () => clones.lab.raw.simulator.vms().some(({ name }) => name === "student"),
      "the machine is there",
    );
    await put("data/student", theirs, "copying-0.vmdk", "notes.txt");
    const before = await stranger.digests(["[datastore1] data"]);
    await create;
    const left = await inFolder("data");
    expect(left.sort()).toEqual(
      [theirs, "copying-0.vmdk", "notes.txt"].map((name) => `[datastore1] data/student/${name}`).sort(),
    );
    expect(before).toMatchObject(await stranger.digests(["[datastore1] data"]));
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  },
);

test("a copy by hand of a half-made machine, with its mark and its name, is not taken for ours", async () => {
  const doomed = clones.lab.connect();
  const { call } = doomed.client;
  const killed = killAt(doomed, 1, "after");
  void clones.create("student", { powerOn: false }, clones.lab.context(undefined, doomed)).catch(() => {});
  await killed;
  const isIdle = () =>
    clones.lab.raw.simulator.tasks().every(({ completeTime }) => completeTime !== undefined);
  await clones.lab.raw.until(isIdle, "the machine is there");
  clones.lab.raw.simulator.expireSessions();
  await clones.lab.restart();
  doomed.client.call = call;
  const local = (path: string) => clones.lab.raw.simulator.localFile(`[datastore1] ${path}`);
  await cp(local("student"), local("copied"), { recursive: true });
  await clones.lab.register("[datastore1] copied/student.vmx");
  const before = await stranger.digests(["[datastore1]"]);
  const { message } = await failure(clones.create("student", { powerOn: false }));
  expect(message).toMatch(/The host has 2 of that name, so one may be a copy by hand/);
  expect(await stranger.digests(["[datastore1]"])).toEqual(before);
  expect((await clones.lab.raw.contents()).vms).toHaveLength(3);
});

test("over SSH what an interrupted run left goes, and what others put beside it stays", async () => {
  const settings = { transport: "ssh", powerOn: false };
  const first = await clones.create("student", settings);
  const mark = clones.lab.ownerMark(clones.lab.raw.vm("student"));
  await clones.delete(first);
  if (mark === undefined) throw new Error("The clone has no mark.");
  const theirs = ["notes.txt", "theirs.vmdk", "student_7.vmdk"];
  await put("student", flagOf(mark), "student.vmx-draft", "copying-0.vmdk", ...theirs);
  const clone = await clones.create("student", settings);
  expect(clone.outs.vmxPath).toBe("[datastore1] student_1/student_1.vmx");
  const left = await inFolder("student");
  expect(left).toEqual(
    expect.arrayContaining(theirs.slice(0, 2).map((name) => `[datastore1] student/${name}`)),
  );
  expect(left.filter((file) => /copying|creating|draft/.test(file))).toEqual([]);
  await clones.delete(clone);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
});
