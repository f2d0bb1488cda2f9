/** Files of ours that other machines need: in their devices, in their snapshots, or as disks that theirs build on. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ageClock } from "../../../provider/clock.ts";
import { formatDatastorePath } from "../../../provider/host/datastore/datastore-path.ts";
import { stagingFolder } from "../../../provider/host/datastore/place-claim.ts";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, type Managed } from "./lab.ts";
import { Managed as HostResource } from "./managed.ts";
import { ResourceLab } from "./resource-lab.ts";
import { Stranger } from "./stranger.ts";

const GIB = 1024 ** 3;
const OFF = { powerOn: false, datastore: "datastore1" };
const SYSTEM = { label: "system", size: 0.001 };
const DATA = { label: "data", size: 0.001 };
const ELSEWHERE = { ...DATA, datastore: "datastore2" };

let vms: ResourceLab;
let stranger: Stranger;

beforeEach(async () => {
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * GIB }));
  vms = await ResourceLab.of(scratchVm, "ScratchVm", { datastores });
  stranger = new Stranger(vms.lab);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await vms.lab.close();
});

/** A machine of ours with two disks, as an earlier run has made it; and the paths of those. */
async function ours(data = DATA): Promise<{ vm: Managed; system: string; data: string }> {
  const vm = await vms.create("ours", { ...OFF, disks: [SYSTEM, data] });
  await vms.lab.restart();
  const [system = "", second = ""] = stranger.diskPaths("ours");
  return { vm, system, data: second };
}

/** What somebody else can do to need a disk of ours. */
const NEEDS = [
  ["attaches", (disk: string) => stranger.vm("theirs", ["new", { attach: disk }])],
  ["builds on", (disk: string) => stranger.vm("theirs", [{ on: disk }], disk.replace(/\].*/, "]"))],
  [
    "has a snapshot with",
    async (disk: string) => {
      await stranger.vm("theirs", ["new", { attach: disk }]);
      await stranger.snapshot("theirs");
      const leaf = stranger.diskPaths("theirs")[1] ?? "";
      await stranger.detach("theirs", leaf);
    },
  ],
] as const;

const PLACES = [
  ["beside the machine", DATA],
  ["on another datastore", ELSEWHERE],
] as const;

describe.each(NEEDS)("a disk that another machine %s", (_what, need) => {
  test.each(PLACES)(
    "%s is not deleted with its entry, does not grow, and does not go with its machine",
    async (_where, entry) => {
      const { vm, data } = await ours(entry);
      await need(data);
      const before = await stranger.digests([
        "[datastore1] ours",
        "[datastore2] ours",
        "[datastore1] theirs",
      ]);
      const attempts = [
        () => vms.update(vm, { ...OFF, disks: [SYSTEM] }),
        () => vms.update(vm, { ...OFF, disks: [SYSTEM, { ...entry, size: 0.002 }] }),
        () => vms.delete(vm),
      ];
      for (const attempt of attempts) {
        const { message } = await failure(attempt());
        expect(message).toMatch(/"theirs".* (use|need|build on).*Nothing was changed/);
      }
      const after = await stranger.digests(["[datastore1] ours", "[datastore2] ours", "[datastore1] theirs"]);
      expect(after).toEqual(before);
      await vms.lab.raw.simulator.behindBack.powerOn(vms.lab.raw.vm("theirs").moid);
      expect((await vms.lab.raw.contents()).vms).toEqual(["ours: poweredOff", "theirs: poweredOn"]);
    },
  );
});

test.each(NEEDS)(
  "a disk that another machine %s since all machines were looked at in this run is seen all the same",
  async (_what, need) => {
    const { vm, data } = await ours();
    await vms.delete(await vms.create("gone", OFF));
    await need(data);
    const before = await stranger.digests(["[datastore1] ours", "[datastore1] theirs"]);
    for (const attempt of [
      () => vms.update(vm, { ...OFF, disks: [SYSTEM] }),
      () => vms.update(vm, { ...OFF, disks: [SYSTEM, { ...DATA, size: 0.002 }] }),
      () => vms.delete(vm),
    ]) {
      expect((await failure(attempt())).message).toMatch(
        /"theirs".* (use|need|build on).*Nothing was changed/,
      );
    }
    expect(await stranger.digests(["[datastore1] ours", "[datastore1] theirs"])).toEqual(before);
  },
);

test("a disk that another machine gets while ours takes its time to power off does not go with it, whatever the time of day", async () => {
  const { raw } = vms.lab;
  const vm = await vms.create("ours", { ...OFF, powerOn: true, disks: [SYSTEM] });
  await stranger.vm("theirs");
  const [disk = ""] = stranger.diskPaths("ours");
  let later = 0;
  const { now } = ageClock;
  vi.spyOn(ageClock, "now").mockImplementation(() => now() + later);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  raw.simulator.faults.add({
    method: "PowerOffVM_Task",
    action: "continue",
    onTask: async () => {
      await stranger.attach("theirs", disk);
      later = 2_500;
      vi.setSystemTime(Date.now() - 3_600_000);
    },
  });
  expect((await failure(vms.delete(vm))).message).toMatch(/"theirs" uses .*Nothing was changed/);
  expect((await raw.contents()).files).toContain(disk);
  expect((await raw.contents()).vms).toEqual(["ours: poweredOff", "theirs: poweredOff"]);
});

test("a disk that nobody needs any more goes with its entry, and its machine goes without a trace", async () => {
  const { vm, data } = await ours();
  await stranger.vm("theirs", [{ on: data }]);
  await failure(vms.update(vm, { ...OFF, disks: [SYSTEM] }));
  await vms.lab.raw.simulator.behindBack.destroy(vms.lab.raw.vm("theirs").moid);
  const changed = await vms.update(vm, { ...OFF, disks: [SYSTEM] });
  expect(stranger.diskPaths("ours")).toHaveLength(1);
  await vms.delete(changed);
  const { files } = await vms.lab.raw.contents();
  expect(files.filter((file) => file.includes("ours"))).toEqual([]);
});

test("a disk that this run has just given to another machine does not go, though all were looked at before", async () => {
  const { vm, data } = await ours();
  await vms.delete(await vms.create("gone", OFF));
  const other = await vms.create("other", { ...OFF, disks: [{ label: "borrowed", attach: data }] });
  const { message } = await failure(vms.update(vm, { ...OFF, disks: [SYSTEM] }));
  expect(message).toMatch(/"other" uses/);
  await vms.delete(other);
  await vms.update(vm, { ...OFF, disks: [SYSTEM] });
  expect(stranger.diskPaths("ours")).toHaveLength(1);
});

test("a disk that somebody has put in the place of ours, with its identity, is taken out and stays", async () => {
  const { vm, data } = await ours();
  const theirs = await stranger.copyDisk(data, "[datastore1] theirs.vmdk");
  await stranger.detach("ours", data);
  await stranger.attach("ours", theirs);
  const before = await stranger.digests(["[datastore1]"]);
  await vms.update(vm, { ...OFF, disks: [SYSTEM] });
  expect(stranger.diskPaths("ours")).toHaveLength(1);
  expect(await stranger.digests(["[datastore1]"])).toMatchObject({ [theirs]: before[theirs] });
});

test("a machine whose snapshots hold a disk that was attached to it is not deleted before those are removed", async () => {
  await stranger.vm("theirs");
  const [disk = ""] = stranger.diskPaths("theirs");
  const vm = await vms.create("ours", { ...OFF, disks: [SYSTEM, { label: "borrowed", attach: disk }] });
  await vms.lab.restart();
  const before = await stranger.digests(["[datastore1] theirs"]);
  await stranger.snapshot("ours");
  const { message } = await failure(vms.delete(vm));
  expect(message).toMatch(/snapshots of "ours" hold \[datastore1\] theirs\/theirs.vmdk/);
  await stranger.removeSnapshots("ours");
  await vms.delete(vm);
  expect(Object.keys(await stranger.digests(["[datastore1] theirs"]))).toEqual(Object.keys(before));
  expect((await vms.lab.raw.contents()).vms).toEqual(["theirs: poweredOff"]);
});

test("a folder in which another machine's snapshot has a disk is not deleted with all that is in it", async () => {
  const folders = new HostResource(vms.lab, "DatastoreFolder", datastoreFolder);
  const folder = await folders.create({ path: "shelf", datastore: "datastore1", forceDestroy: true });
  await stranger.vm("theirs");
  await stranger.copyDisk(stranger.diskPaths("theirs")[0] ?? "", "[datastore1] shelf/data.vmdk");
  await stranger.attach("theirs", "[datastore1] shelf/data.vmdk");
  await stranger.snapshot("theirs");
  await stranger.detach("theirs", stranger.diskPaths("theirs")[1] ?? "");
  await vms.lab.restart();
  const before = await stranger.digests(["[datastore1] shelf", "[datastore1] theirs"]);
  const { message } = await failure(folders.delete(folder));
  expect(message).toMatch(/"theirs" needs .*shelf.*Remove those snapshots first/);
  expect(await stranger.digests(["[datastore1] shelf", "[datastore1] theirs"])).toEqual(before);
  await stranger.removeSnapshots("theirs");
  await folders.delete(folder);
  expect((await vms.lab.raw.contents()).files.filter((file) => file.includes("shelf"))).toEqual([]);
});

test("what an interrupted run left of an upload stays as long as a machine lies in it", async () => {
  const urn = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:DatastoreFile::it";
  const place = { datastore: "datastore1", path: "x.iso" };
  const left = formatDatastorePath(stagingFolder({ place, urn, content: "of then" }));
  await stranger.vm("theirs", ["new"], `${left}/theirs.vmx`);
  const before = await stranger.digests([left]);
  await vms.lab.write("x.iso", "an image");
  const file = new HostResource(vms.lab, "DatastoreFile", datastoreFile);
  const wish = { path: "x.iso", datastore: "datastore1", source: "x.iso" };
  expect((await failure(file.create(wish))).message).toMatch(
    /"theirs" uses .*remove what an interrupted run left/,
  );
  expect(await stranger.digests([left])).toEqual(before);
});

test("what lies beside a machine that the host cannot read is not deleted with its folder", async () => {
  const folders = new HostResource(vms.lab, "DatastoreFolder", datastoreFolder);
  const folder = await folders.create({ path: "shelf", datastore: "datastore1", forceDestroy: true });
  await stranger.vm("theirs", ["new"], "[datastore1] shelf/theirs/theirs.vmx");
  await vms.lab.restart();
  const before = await stranger.digests(["[datastore1] shelf"]);
  const { moid } = vms.lab.raw.vm("theirs");
  for (const tells of ["everything", "path"] as const) {
    vms.lab.raw.simulator.behindBack.setUnreadable(moid, { state: "inaccessible", tells });
    expect((await failure(folders.delete(folder))).message).toMatch(
      /uses \[datastore1\] shelf, so it is not possible/,
    );
  }
  expect(await stranger.digests(["[datastore1] shelf"])).toEqual(before);
});

describe.each(["everything", "path", "nothing"] as const)(
  "a disk on which a machine builds that the host cannot read, and of which it tells %s",
  (tells) => {
    const SIZED = { ...OFF, disks: [{ label: "data", size: 0.125 }] };
    let base: Managed;

    beforeEach(async () => {
      base = await vms.create("base", SIZED);
      await stranger.vm("dim", [{ on: stranger.diskPaths("base")[0] ?? "" }]);
      const { moid } = vms.lab.raw.vm("dim");
      vms.lab.raw.simulator.behindBack.setUnreadable(moid, { state: "invalid", tells });
      await vms.lab.restart();
    });

    const REFUSED =
      /the disks of "[^"]+" build on those of "base".*Let the host read the unreadable machines again, or unregister/;

    test("is neither deleted nor grown, nor is its machine powered on or moved", async () => {
      const before = await stranger.digests(["[datastore1]"]);
      const larger = { ...SIZED, disks: [{ label: "data", size: 0.25 }] };
      const errors = [
        await failure(vms.delete(base)),
        await failure(vms.update(base, larger)),
        await failure(vms.update(base, { ...SIZED, disks: [] })),
        await failure(vms.update(base, { ...SIZED, powerOn: true })),
      ];
      for (const { message } of errors) expect(message).toMatch(REFUSED);
      expect(await stranger.digests(["[datastore1]"])).toEqual(before);
    });

    test("goes when that machine is gone", async () => {
      const { simulator } = vms.lab.raw;
      const folder = dirname(simulator.localFile(vms.lab.raw.vm("dim").vmxPath));
      await simulator.behindBack.unregister(vms.lab.raw.vm("dim").moid);
      expect((await failure(vms.delete(base))).message).toMatch(/not in its inventory need .*dim\/dim\.vmx/);
      await rm(folder, { recursive: true });
      await vms.delete(base);
      expect((await vms.lab.raw.contents()).vms).toEqual([]);
    });

    test("keeps no other machine from being deleted", async () => {
      const other = await vms.create("other", SIZED);
      await stranger.vm("clone", [{ on: stranger.diskPaths("other")[0] ?? "" }]);
      await vms.lab.restart();
      await vms.lab.raw.simulator.behindBack.destroy(vms.lab.raw.vm("clone").moid);
      await vms.delete(other);
    });
  },
);

test("while the disks of a machine that the host cannot read cannot be looked at, none on their datastore goes", async () => {
  const base = await vms.create("base", { ...OFF, disks: [{ size: 0.125 }] });
  await stranger.vm("dim");
  const { moid } = vms.lab.raw.vm("dim");
  vms.lab.raw.simulator.behindBack.setUnreadable(moid, { state: "invalid" });
  await vms.lab.restart();
  const rule = { method: "folder", action: { status: 500 } } as const;
  vms.lab.raw.simulator.faults.add(rule);
  const before = await stranger.digests(["[datastore1]"]);
  expect((await failure(vms.delete(base))).message).toMatch(
    /the host cannot read "dim", whose disks may build on those of "base", so it is not possible to delete it/,
  );
  expect(await stranger.digests(["[datastore1]"])).toEqual(before);
  vms.lab.raw.simulator.faults.clear();
  await vms.lab.restart();
  await vms.delete(base);
});
