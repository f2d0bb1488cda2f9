import { afterEach, beforeEach, expect, test } from "vitest";
import type { VirtualDevice, VirtualDisk } from "../../../schema/index.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { CloneLab } from "./clone-lab.ts";
import type { Managed } from "./lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * 1024 ** 3 }));
  clones = await CloneLab.open({ datastores });
});

afterEach(async () => {
  await clones.lab.close();
});

const GOLDEN_GB = tinyOva.rawSize / 1024 ** 3;
const on1 = (settings: object) => ({ datastore: "datastore1", powerOn: false, ...settings });
const rawDisks = (name: string) =>
  (clones.lab.raw.vm(name).config.hardware.device ?? []).filter(
    (device): device is VirtualDisk => device.$type === "VirtualDisk",
  );
const fileOf = ({ backing }: VirtualDevice) =>
  backing && "fileName" in backing ? String(backing.fileName) : "";
const sizes = (name: string) => rawDisks(name).map(({ capacityInKB }) => capacityInKB / 1024 ** 2);

test("an OVA's disk grows where it is listed, and stays where it is not", async () => {
  const larger = { disks: [{ size: 1 }, { label: "data", size: 0.25, datastore: "datastore2" }] };
  const vm = await clones.lab.create(on1(larger));
  expect(sizes("vm")).toEqual([1, 0.25]);
  const [own, data = ""] = rawDisks("vm").map(fileOf);
  expect(data).toMatch(/^\[datastore2\] vm\//);
  const read = (await clones.lab.read(vm)) as Managed;
  expect(read.outs.disks).toEqual([
    { label: "disk0", size: 1 },
    { label: "data", size: 0.25, datastore: "datastore2" },
  ]);
  expect((await clones.lab.diff(read, on1(larger))).changes).toBe(false);
  const without = await clones.lab.update(read, on1({ disks: [] }));
  expect(rawDisks("vm").map(fileOf)).toEqual([own]);
  expect((await clones.lab.raw.contents()).files).not.toContain(data);
  await clones.lab.delete(without);
  expect((await clones.lab.raw.contents()).files.filter((file) => file.endsWith(".vmdk"))).toEqual([]);
});

test("a disk that was made elsewhere goes with its machine", async () => {
  const vm = await clones.lab.create(on1({ disks: [{}, { size: 0.25, datastore: "datastore2" }] }));
  expect(
    (await clones.lab.raw.contents()).files.filter((file) => /^\[datastore2\].*\.vmdk$/.test(file)),
  ).not.toEqual([]);
  await clones.lab.delete(vm);
  expect((await clones.lab.raw.contents()).files.filter((file) => file.endsWith(".vmdk"))).toEqual([]);
});

test("a full clone's disk grows, a linked one's does not, and its source is left alone", async () => {
  await clones.golden({ datastore: "datastore1" });
  const source = await clones.lab.raw.rawDisk("golden");
  const full = await clones.create("full", on1({ disks: [{ size: 1 }, { label: "data", size: 0.25 }] }));
  expect(sizes("full")).toEqual([1, 0.25]);
  const linked = on1({ mode: "linked", disks: [{ size: 1 }] });
  const { failures } = await clones.check("linked", linked);
  expect(failures).toEqual([
    {
      property: "disks.0.size",
      reason: expect.stringMatching(/"disk0" of a linked clone.*cannot be extended/),
    },
  ]);
  const extra = on1({ mode: "linked", disks: [{}, { label: "data", size: 0.25 }] });
  const made = await clones.create("other", extra);
  expect(sizes("other")).toEqual([GOLDEN_GB, 0.25]);
  const read = (await clones.read(made)) as Managed;
  expect((await clones.diff(read, extra)).changes).toBe(false);
  await clones.delete(made);
  await clones.delete(full);
  expect(await clones.lab.raw.rawDisk("golden")).toBe(source);
});

test("a clone has its own labels, not its source's", async () => {
  await clones.golden({
    datastore: "datastore1",
    disks: [{ label: "disk0" }, { label: "data", size: 0.25, keepOnRemove: true }],
  });
  const clone = await clones.create("full", on1({ disks: [{}, { label: "disk1", size: 0.5 }] }));
  expect(sizes("full")).toEqual([GOLDEN_GB, 0.5]);
  expect(clone.outs.disks).toEqual([{ label: "disk0" }, { label: "disk1", size: 0.5 }]);
  await clones.delete(clone);
  expect((await clones.lab.raw.contents()).files.filter((file) => file.includes("full"))).toEqual([]);
});

test("a run that is killed after a disk was made finds it again, and a create that failed goes on", async () => {
  const vm = await clones.lab.create(on1({}));
  const both = on1({ disks: [{}, { label: "data", size: 0.25 }] });
  await clones.lab.update(vm, both);
  // State knows nothing of that update.
  const again = await clones.lab.update(vm, both);
  expect(sizes("vm")).toEqual([GOLDEN_GB, 0.25]);
  expect(again.outs.disks).toEqual([{ label: "disk0" }, { label: "data", size: 0.25 }]);
});
