/** What the disks of a machine build on that its host cannot read: found in their descriptors. One host, at which nothing is changed. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { DatastorePath } from "../../../../../provider/host/datastore/datastore-path.ts";
import { basesOfUnreadable } from "../../../../../provider/host/file-use/from-files/unreadable-disks.ts";
import { readDatastores } from "../../../../../provider/host/inventory/datastores.ts";
import type { UnreadableVm } from "../../../../../provider/host/vm/reading/unreadable-vm.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type { FaultRule } from "../../../../../simulator/index.ts";
import { Lab } from "../../../resources/lab.ts";

let lab: Lab;

/** A disk's descriptor, with the name of the disk that it builds on. */
const descriptor = (parent?: string) =>
  [
    "# Disk DescriptorFile",
    "version=1",
    'createType="vmfs"',
    ...(parent === undefined ? [] : [`parentFileNameHint="${parent}"`]),
  ].join("\n");

async function put(path: string, content: string): Promise<void> {
  const file = lab.raw.simulator.localFile(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

beforeAll(async () => {
  const datastores = ["datastore1", "ssd", "away"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
  lab = await Lab.open({ datastores });
  // A chain of three: beside each other, then in another folder by the number of its volume.
  await put("[datastore1] clone/clone.vmdk", descriptor("middle.vmdk"));
  await put("[datastore1] clone/clone-flat.vmdk", "not text");
  await put("[datastore1] clone/clone-delta.vmdk", descriptor("never.vmdk"));
  await put("[datastore1] clone/notes.txt", descriptor("never.vmdk"));
  await put("[datastore1] clone/middle.vmdk", descriptor("/vmfs/volumes/5f1-22/golden/golden.vmdk"));
  await put("[datastore1] clone/deeper/deep.vmdk", descriptor("deepest.vmdk"));
  await put("[datastore1] golden/golden.vmdk", descriptor());
  await put("[ssd] clone/far.vmdk", descriptor("parent.vmdk"));
  await put("[ssd] clone/far-flat.vmdk", "not text");
  await put("[away] clone/away.vmdk", descriptor("parent.vmdk"));
});

afterAll(() => lab.close());

beforeEach(() => lab.raw.simulator.requests.clear());

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
  lab.raw.simulator.behindBack.setAway("away", false);
});

const vm = (vmxPath: string | undefined): UnreadableVm => ({
  moid: "9",
  name: "clone",
  connectionState: "inaccessible",
  vmxPath,
  instanceUuid: undefined,
  files: undefined,
});

const bases = (
  vmxPath: string | undefined,
  has = (_: string) => false,
  livesIn: (folder: DatastorePath) => boolean = () => true,
) => basesOfUnreadable(lab.host, vm(vmxPath), { has, livesIn });

const OWN = "[datastore1] clone/clone.vmx";
const MIDDLE = { datastore: "datastore1", path: "clone/middle.vmdk" };
const GOLDEN = { datastore: undefined, path: "golden/golden.vmdk" };
const DEEPEST = { datastore: "datastore1", path: "clone/deeper/deepest.vmdk" };
const FAR = { datastore: "ssd", path: "clone/parent.vmdk" };
const AWAY = { datastore: "away", path: "clone/parent.vmdk" };

test("of a machine whose folder is known its disks are looked into, down the chain, and no others", async () => {
  const { files, unseen } = await bases(OWN);
  // The clone's disk, and the one beside it on which it builds, which is looked into by itself too.
  expect(files).toEqual([MIDDLE, GOLDEN, GOLDEN]);
  expect(unseen).toEqual([]);
  expect(lab.raw.count("SearchDatastore_Task")).toBe(1);
  expect(lab.raw.count("SearchDatastoreSubFolders_Task")).toBe(0);
});

test("a chain is followed to other datastores, by the numbers of their volumes", async () => {
  const ssd = (await readDatastores(lab.host)).find(({ name }) => name === "ssd");
  const number = ssd?.url.split("/").filter(Boolean).at(-1);
  await put("[datastore1] over/over.vmdk", descriptor(`/vmfs/volumes/${number}/clone/far.vmdk`));
  const { files } = await bases("[datastore1] over/over.vmx");
  expect(files).toEqual([{ datastore: "ssd", path: "clone/far.vmdk" }, FAR]);
  await rm(lab.raw.simulator.localFile("[datastore1] over"), { recursive: true });
});

test("a disk that another machine has is not looked into", async () => {
  const asked: string[] = [];
  const isOthers = (file: string) => asked.push(file) > 0 && file.endsWith("middle.vmdk");
  expect((await bases(OWN, isOthers)).files).toEqual([MIDDLE, GOLDEN]);
  expect(asked.sort()).toEqual(["[datastore1] clone/clone.vmdk", "[datastore1] clone/middle.vmdk"]);
});

test("of one of which only the volume's number is known every datastore may have the folder", async () => {
  const { files, unseen } = await bases("[] /vmfs/volumes/5f1-22/clone/clone.vmx");
  expect(files).toEqual([MIDDLE, GOLDEN, GOLDEN, FAR, AWAY]);
  expect(unseen).toEqual([]);
  expect(lab.raw.count("SearchDatastore_Task")).toBe(3);
});

test("of one of which the host tells no place all disks of all datastores are looked into", async () => {
  const { files, unseen } = await bases(undefined);
  expect(files).toHaveLength(6);
  expect(files).toEqual(expect.arrayContaining([MIDDLE, GOLDEN, DEEPEST, FAR, AWAY]));
  expect(unseen).toEqual([]);
  expect(lab.raw.count("SearchDatastoreSubFolders_Task")).toBe(3);
});

test("disks in a folder of that path on other datastores are its own, and are looked into too", async () => {
  const asked: unknown[] = [];
  const nobodyLives = (folder: DatastorePath) => asked.push(folder) < 0;
  expect(await bases(OWN, undefined, nobodyLives)).toEqual({
    files: [MIDDLE, GOLDEN, GOLDEN, FAR, AWAY],
    elsewhere: ["[ssd] clone/far.vmdk", "[away] clone/away.vmdk"],
    unseen: [],
  });
  expect(asked).toEqual(["ssd", "away"].map((datastore) => ({ datastore, path: "clone" })));
});

test("there, a disk that another machine has is not its own, nor is one where another machine lives", async () => {
  const { elsewhere, files } = await bases(
    OWN,
    (file) => file === "[ssd] clone/far.vmdk",
    ({ datastore }) => datastore === "away",
  );
  expect(elsewhere).toEqual([]);
  expect(files).toEqual([MIDDLE, GOLDEN, GOLDEN]);
});

test("a datastore that cannot be looked into for such a folder may have anything", async () => {
  lab.raw.simulator.faults.add({
    method: "SearchDatastore_Task",
    after: 1,
    count: 1,
    action: { taskFault: "SystemError", message: "not now" },
  });
  expect(await bases(OWN, undefined, () => false)).toEqual({
    files: [MIDDLE, GOLDEN, GOLDEN, AWAY],
    elsewhere: ["[away] clone/away.vmdk"],
    unseen: ["ssd"],
  });
});

test("a machine at the top of its datastore has no such folder on others", async () => {
  await put("[ssd] top.vmdk", descriptor("parent.vmdk"));
  expect(await bases("[datastore1] top.vmx", undefined, () => false)).toEqual({
    files: [],
    elsewhere: [],
    unseen: [],
  });
  await rm(lab.raw.simulator.localFile("[ssd] top.vmdk"));
});

test("a folder that is not there has nothing, and that is known", async () => {
  expect(await bases("[datastore1] gone/gone.vmx")).toEqual({ files: [], elsewhere: [], unseen: [] });
});

test("a datastore that is away has no disk that anybody could delete, and is looked into when it is back", async () => {
  lab.raw.simulator.behindBack.setAway("away", true);
  await lab.restart();
  expect(await bases("[] /vmfs/volumes/5f1-22/clone/clone.vmx")).toEqual({
    files: [MIDDLE, GOLDEN, GOLDEN, FAR],
    elsewhere: [],
    unseen: [],
  });
  expect(await bases("[away] clone/clone.vmx")).toEqual({ files: [], elsewhere: [], unseen: [] });
  expect(lab.raw.count("SearchDatastore_Task")).toBe(2);
  lab.raw.simulator.behindBack.setAway("away", false);
  expect((await bases("[away] clone/clone.vmx")).files).toEqual([AWAY]);
});

test.each([
  ["SystemError", 1],
  // A folder of it was deleted during each search.
  ["FileNotFound", 3],
])(
  "a datastore that cannot be looked into (%s) may have anything, and the others are looked into all the same",
  async (fault, count) => {
    lab.raw.simulator.faults.add({
      method: "SearchDatastoreSubFolders_Task",
      count,
      action: { taskFault: fault, message: "not now" },
    });
    const { files, unseen } = await bases(undefined);
    expect(unseen).toEqual(["datastore1"]);
    expect(files).toEqual([FAR, AWAY]);
  },
);

test("a disk that cannot be read makes its datastore one that may have anything", async () => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 500 } });
  expect((await bases(OWN)).unseen).toEqual(["datastore1"]);
});

test.each([
  ["begins no task", "call", undefined],
  ["does not say what it has found", "waitForTask", undefined],
  ["says something else", "waitForTask", [create("FileInfo", { path: "clone.vmdk" })]],
  ["does not say in which folder", "waitForTask", [create("HostDatastoreBrowserSearchResults", {})]],
] as const)("a host that %s has not been looked into", async (_, method, answer) => {
  const { client } = lab.host;
  const { call } = client;
  if (method === "waitForTask") vi.spyOn(client.updates, method).mockResolvedValue(answer);
  else
    vi.spyOn(client, method).mockImplementation(((...args: Parameters<typeof call>) =>
      args[1] === "SearchDatastore_Task"
        ? Promise.resolve(answer)
        : Reflect.apply(call, client, args)) as typeof call);
  expect(await bases(OWN)).toEqual({ files: [], elsewhere: [], unseen: ["datastore1"] });
});

test("a chain that goes round ends where none can be longer, and so does one that leads out of what is there", async () => {
  await put("[ssd] round/a.vmdk", descriptor("b.vmdk"));
  await put("[ssd] round/b.vmdk", descriptor("a.vmdk"));
  const { files } = await bases("[ssd] round/round.vmx");
  expect(files).toHaveLength(64);
  await put("[ssd] lost/lost.vmdk", descriptor("x/gone.vmdk"));
  expect((await bases("[ssd] lost/lost.vmx")).files).toEqual([
    { datastore: "ssd", path: "lost/x/gone.vmdk" },
  ]);
  await put("[ssd] odd/odd.vmdk", descriptor("/vmfs/volumes/5f1-22"));
  expect((await bases("[ssd] odd/odd.vmx")).files).toEqual([
    { datastore: "ssd", path: "odd/vmfs/volumes/5f1-22" },
  ]);
  await put("[ssd] text/text.vmdk", "no descriptor at all");
  expect(await bases("[ssd] text/text.vmx")).toEqual({ files: [], elsewhere: [], unseen: [] });
  await put("[ssd] below/below.vmdk", descriptor("x/vmfs/volumes/5f1-22/base.vmdk"));
  expect((await bases("[ssd] below/below.vmx")).files).toEqual([
    { datastore: "ssd", path: "below/x/vmfs/volumes/5f1-22/base.vmdk" },
  ]);
});

test("a parent on a volume by its name is looked for there", async () => {
  await put("[ssd] link/link.vmdk", descriptor("/vmfs/volumes/ssd/base dir/base.vmdk"));
  await put("[ssd] base dir/base.vmdk", descriptor("/vmfs/volumes/ssd/first.vmdk"));
  expect((await bases("[ssd] link/link.vmx")).files).toEqual([
    { datastore: "ssd", path: "base dir/base.vmdk" },
    { datastore: "ssd", path: "first.vmdk" },
  ]);
});

test.each<[string, FaultRule]>([
  ["a search", { method: "SearchDatastore_Task", action: "hang" }],
  ["its task", { method: "SearchDatastore_Task", action: "continue", onTask: () => new Promise(() => {}) }],
  ["a file", { method: "folder", action: "hang" }],
])("a look for which the host does not end %s ends after a minute", async (_, rule) => {
  await bases(OWN);
  const patience = new AbortController();
  const limit = vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(patience.signal);
  lab.raw.simulator.faults.add(rule);
  lab.raw.simulator.requests.clear();
  const looking = bases(OWN);
  await vi.waitFor(() => expect(lab.raw.count(String(rule.method))).toBe(1));
  expect(limit).toHaveBeenCalledWith(60_000);
  patience.abort();
  expect((await looking).unseen).toEqual(["datastore1"]);
});
