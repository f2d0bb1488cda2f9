/** Machines that are in no inventory, because somebody took them out or another host has them: what they need stays. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datastoreFile } from "../../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { FaultRule } from "../../../../../simulator/index.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { type InState, Managed } from "../../../resources/managed.ts";
import { Stranger } from "../../../resources/stranger.ts";

const DISK = "[datastore1] base/base.vmdk";
const ISO = "[datastore1] iso/x.iso";

let lab: Lab;
let stranger: Stranger;
let vms: Managed;
let base: InState;
const wish = { name: "base", datastore: "datastore1", powerOn: false, disks: [{ size: 0.0625 }] };

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  stranger = new Stranger(lab);
  vms = new Managed(lab, "ScratchVm", scratchVm);
  base = await vms.create(wish);
});

afterEach(() => lab.close());

const unregister = (name: string) => lab.raw.simulator.behindBack.unregister(lab.raw.vm(name).moid);
const digests = () =>
  stranger.digests(["[datastore1] base/base.vmdk", "[datastore1] base/base-flat", "[datastore1] s"]);

describe("a linked clone that somebody has taken out of the inventory", () => {
  const REFUSED =
    /esxi1: machines that are not in its inventory need \[datastore1\] base\/base\.vmdk: \[datastore1\] s1\/s1\.vmx, so it is not possible to (delete|grow|power).*would destroy them\. Nothing was changed\. Register those machines/;

  beforeEach(async () => {
    await stranger.vm("s1", [{ on: DISK }]);
    await unregister("s1");
  });

  test("keeps its base from being deleted, grown, taken out and powered on", async () => {
    const before = await digests();
    const grown = { ...wish, disks: [{ size: 0.125 }] };
    for (const change of [{ ...wish, powerOn: true }, grown])
      expect((await failure(vms.update(base, change))).message).toMatch(REFUSED);
    expect((await failure(vms.delete(base))).message).toMatch(REFUSED);
    expect(await digests()).toEqual(before);
    expect(lab.raw.simulator.vms()).toMatchObject([{ name: "base", powerState: "poweredOff" }]);
  });

  test("is no reason any more once its files are gone", async () => {
    await rm(dirname(lab.raw.simulator.localFile("[datastore1] s1/s1.vmx")), { recursive: true });
    await vms.delete(base);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  });

  test("is told as what it is when it is registered again", async () => {
    await lab.register("[datastore1] s1/s1.vmx");
    expect((await failure(vms.delete(base))).message).toMatch(/the disks of "s1" build on those of "base"/);
  });
});

test("a machine that has one of our disks keeps it from being deleted", async () => {
  await stranger.vm("s1", ["new", { attach: DISK }]);
  await unregister("s1");
  expect((await failure(vms.delete(base))).message).toMatch(
    /not in its inventory need \[datastore1\] base\/base\.vmdk/,
  );
  expect((await lab.raw.contents()).files).toContain(DISK);
});

test("an image in a drive is not deleted", async () => {
  const files = new Managed(lab, "DatastoreFile", datastoreFile);
  const iso = await files.create({
    path: "iso/x.iso",
    datastore: "datastore1",
    source: await lab.write("x.iso", "x"),
  });
  await stranger.vm("s1");
  await stranger.mount("s1", ISO);
  await unregister("s1");
  expect((await failure(files.delete(iso))).message).toMatch(
    /not in its inventory need \[datastore1\] iso\/x\.iso/,
  );
  expect((await lab.raw.contents()).files).toContain(ISO);
});

test("what a machine has in its own folder, and what is no .vmx file, is in nobody's way", async () => {
  await stranger.vm("s1", ["new", "new"]);
  await unregister("s1");
  await vms.delete(base);
  expect(lab.raw.simulator.vms()).toEqual([]);
  expect((await lab.raw.contents()).files).toContain("[datastore1] s1/s1_1.vmdk");
});

test.each(["NoPermission", "RestrictedVersion", "NotSupported", "CannotAccessFile"])(
  "where the host lets nobody search (%s), only registered machines count, and it is asked once",
  async (fault) => {
    const method = "SearchDatastoreSubFolders_Task";
    lab.raw.simulator.faults.add({ method, action: { fault } });
    const other = new Managed(lab, "ScratchVm", scratchVm, "other");
    const state = await other.create({ ...wish, name: "other" });
    lab.raw.simulator.requests.clear();
    await vms.delete(base);
    await other.delete(state);
    expect(lab.raw.count(method)).toBe(1);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  },
);

describe("a search that fails", () => {
  const method = "SearchDatastoreSubFolders_Task";
  const fails = (fault: string, count: number) =>
    lab.raw.simulator.faults.add({ method, action: { fault }, count });
  const REFUSED = /not in its inventory need \[datastore1\] base\/base\.vmdk/;

  beforeEach(async () => {
    await stranger.vm("s1", [{ on: DISK }]);
    await unregister("s1");
    await lab.restart();
  });

  test.each([
    ["a folder was deleted meanwhile", "FileNotFound", 2],
    ["of a fault that passes", "SystemError", 2],
  ])("because %s is made again", async (_, fault, count) => {
    fails(fault, count);
    expect((await failure(vms.delete(base))).message).toMatch(REFUSED);
    expect((await lab.raw.contents()).files).toContain(DISK);
  });

  test.each([
    ["FileNotFound", 9],
    ["SystemError", 3],
  ])("with %s %i times ends the deletion, and the next one searches again", async (fault, count) => {
    fails(fault, count);
    expect((await failure(vms.delete(base))).message).toMatch(
      /esxi1: the datastore "datastore1" could not be searched for machines.*SearchDatastoreSubFolders_Task failed.*Nothing was changed/,
    );
    expect((await failure(vms.delete(base))).message).toMatch(REFUSED);
    expect((await lab.raw.contents()).files).toContain(DISK);
  });
});

test("a file that this user may not read is in nobody's way, and one that cannot be read now is", async () => {
  await stranger.vm("s1", [{ on: DISK }]);
  await unregister("s1");
  const [never, now] = [403, 500].map((status) => ({ method: "folder", action: { status } }) as const);
  lab.raw.simulator.faults.add(now as FaultRule);
  await failure(vms.delete(base));
  expect((await lab.raw.contents()).files).toContain(DISK);
  lab.raw.simulator.faults.clear();
  lab.raw.simulator.faults.add(never as FaultRule);
  await lab.restart();
  await vms.delete(base);
  expect(lab.raw.simulator.vms()).toEqual([]);
});

test("machines that a run deletes are not read, and the search serves all of them", async () => {
  const states = [];
  for (const name of ["a", "b", "c"]) {
    const kind = new Managed(lab, "ScratchVm", scratchVm, name);
    states.push({ kind, state: await kind.create({ ...wish, name }) });
  }
  lab.raw.simulator.requests.clear();
  for (const { kind, state } of states) await kind.delete(state);
  const reads = lab.raw.simulator.requests.entries().filter(({ target }) => target.includes(".vmx"));
  expect(reads).toEqual([]);
  expect(lab.raw.count("SearchDatastoreSubFolders_Task")).toBeLessThanOrEqual(1);
  await vms.delete(base);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});
