/** A move that has not come to its end is taken back: what it made goes, and nothing else. */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { draftName } from "../../../../provider/host/clone/clone-files.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { leavingFolder } from "../../../../provider/host/file-use/remove-folder.ts";
import { machineAt, takeMoveBack, untilMoveRests } from "../../../../provider/host/move/take-back.ts";
import { MOVE_KEY, type MoveMark } from "../../../../provider/host/vm/reading/move-mark.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { failure, type Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { MARK, twoDatastores } from "./machine-to-move.ts";

const { signal } = new AbortController();
/** As the copy of its first disk is called before it is whole. */
const DRAFT = draftName({ urn: "move", digest: MARK.flag }, 0);
const OTHERS_DRAFT = draftName({ urn: "move", digest: "another" }, 0);

let lab: Lab;
let stranger: Stranger;
let before: readonly string[];
/** Files of the machine itself, which a copy has too. */
let home: Readonly<Record<string, string>>;

beforeAll(async () => {
  lab = await twoDatastores();
  stranger = new Stranger(lab);
});

afterAll(() => lab.close());

beforeEach(async () => {
  before = await files();
  await stranger.vm("vm");
  await put("[datastore1] vm/vm.nvram", "[datastore1] vm/data/theirs.txt");
  await set({ [MOVE_KEY]: JSON.stringify(MARK), "uuid.action": "keep" });
  home = await own();
});

afterEach(async () => {
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { moid } of simulator.vms()) await simulator.behindBack.destroy(moid);
  const left = (await files()).filter((file) => !before.includes(file));

  for (const file of left) await rm(simulator.localFile(file), { recursive: true, force: true });
});

const files = async () => (await lab.raw.contents()).files;
const arrived = async () =>
  (await files()).filter((file) => file.startsWith("[big]") && !before.includes(file));
/** All of the machine's files but the one with its settings. */
const own = async () => {
  const { "[datastore1] vm/vm.vmx": _, ...others } = await stranger.digests(["[datastore1] vm/"]);
  return others;
};

async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = lab.raw.simulator.localFile(path);
    await mkdir(dirname(file), { recursive: true });
    if (path.endsWith("/")) await mkdir(file, { recursive: true });
    else await writeFile(file, path);
  }
}

async function set(settings: Readonly<Record<string, string>>): Promise<void> {
  const extraConfig = Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { extraConfig });
}

async function seen(): Promise<ObservedVm> {
  const moid = lab.raw.simulator.vms().find(({ vmxPath }) => vmxPath === MARK.from)?.moid ?? "";
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: moid });
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

const takeBack = async (mark: MoveMark = MARK) => takeMoveBack(lab.host, await seen(), mark, signal);

/** What a move has made at the new place when all is copied. */
async function copied(): Promise<void> {
  await put(`[big] vm/${MARK.flag}/`, "[big] vm/vm.nvram");
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", "[big] vm/vm.vmdk");
  await copyFile(lab.raw.simulator.localFile(MARK.from), lab.raw.simulator.localFile(MARK.to));
}

/** Fails unless the machine is what it was before the move, and forgets it. */
async function expectBack(): Promise<void> {
  expect(await own()).toEqual(home);
  const vm = lab.raw.vm("vm");
  expect(vm).toMatchObject({ vmxPath: MARK.from, powerState: "poweredOff" });
  expect(lab.extraConfig(vm, MOVE_KEY)).toBeUndefined();
  expect(lab.extraConfig(vm, "uuid.action")).toBeUndefined();
}

test("all that was copied goes with its folder, and the machine forgets the move", async () => {
  await copied();
  await takeBack();
  expect(await arrived()).toEqual([]);
  await expectBack();
});

test("what the user has said of its identity stays", async () => {
  await takeBack({ ...MARK, keepsUuid: false });
  expect(lab.extraConfig(lab.raw.vm("vm"), "uuid.action")).toBe("keep");
  expect(lab.extraConfig(lab.raw.vm("vm"), MOVE_KEY)).toBeUndefined();
});

test("a disk that was not whole goes too", async () => {
  await put(`[big] vm/${MARK.flag}/`);
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", `[big] vm/${DRAFT}`);
  await takeBack();
  expect(await arrived()).toEqual([]);
  await expectBack();
});

test("disks go by the host's manager of disks, and each once", async () => {
  await copied();
  lab.raw.simulator.requests.clear();
  await takeBack();
  expect(lab.raw.count("DeleteVirtualDisk_Task")).toBe(1);
});

test("what somebody has put beside the copies stays, with the folder", async () => {
  await copied();
  const theirs = [
    "[big] vm/notes.txt",
    `[big] vm/${OTHERS_DRAFT}`,
    "[big] vm/other.vmdk",
    "[big] vm/data",
    "[big] vm/more/vm.vmx",
  ];
  await put(...theirs);
  const digests = await stranger.digestsOf(theirs);
  await takeBack();
  expect((await arrived()).sort()).toEqual(["[big] vm/", "[big] vm/more/", ...theirs].sort());
  expect(await stranger.digestsOf(theirs)).toEqual(digests);
  await expectBack();
});

test("a folder that has the name of one of the machine's files stays", async () => {
  await put(`[big] vm/${MARK.flag}/`, "[big] vm/vm.nvram/theirs.txt", "[big] vm/vm.vmx/theirs.txt");
  await takeBack();
  expect(await arrived()).toEqual([
    "[big] vm/",
    "[big] vm/vm.nvram/",
    "[big] vm/vm.nvram/theirs.txt",
    "[big] vm/vm.vmx/",
    "[big] vm/vm.vmx/theirs.txt",
  ]);
});

test("the flag goes last: as long as anything of the copy is there, it says whose that is", async () => {
  await copied();
  const seen: string[][] = [];
  lab.raw.simulator.faults.add({
    method: "DeleteDatastoreFile_Task",
    action: "continue",
    onWork: async (moment) => {
      if (moment === "before") seen.push(await arrived());
    },
  });
  await takeBack();
  const flagged = seen.filter((there) => there.includes(`[big] vm/${MARK.flag}/`));
  expect(flagged.length).toBeGreaterThan(1);
  expect(flagged.at(-1)).toEqual(["[big] vm/", `[big] vm/${MARK.flag}/`]);
});

test("without the flag all that is there is another's", async () => {
  await put("[big] vm/vm.nvram", "[big] vm/vm.vmx");
  await takeBack();
  expect(await arrived()).toEqual(["[big] vm/", "[big] vm/vm.nvram", "[big] vm/vm.vmx"]);
  await expectBack();
});

test("the folder of a run that was killed before it had a flag goes", async () => {
  await put("[big] vm/");
  await takeBack();
  expect(await arrived()).toEqual([]);
  await expectBack();
});

test("a folder whose removal was begun goes, and one that somebody uses since does not", async () => {
  const aside = `[big] ${leavingFolder(parseDatastorePath("[big] vm")).path}`;
  await put(`${aside}/theirs.txt`);
  await takeBack();
  expect(await arrived()).toEqual([`${aside}/`, `${aside}/theirs.txt`]);
  await rm(lab.raw.simulator.localFile(`${aside}/theirs.txt`));
  await takeBack();
  expect(await arrived()).toEqual([]);
});

test("a machine whose home is gone loses what says by itself that it is the move's", async () => {
  await put(`[big] vm/${MARK.flag}/`, "[big] vm/vm.vmx", "[big] vm/vm.nvram");
  await stranger.copyDisk("[datastore1] vm/vm.vmdk", `[big] vm/${DRAFT}`);
  const gone = { ...MARK, from: "[datastore1] gone/vm.vmx" };
  await takeBack(gone);
  expect(await arrived()).toEqual(["[big] vm/", "[big] vm/vm.nvram"]);
});

test("a copy that was registered goes out of the inventory, and its files go", async () => {
  await copied();
  await lab.register(MARK.to);
  expect(lab.raw.simulator.vms()).toHaveLength(2);
  await takeBack();
  expect(lab.raw.simulator.vms().map(({ vmxPath }) => vmxPath)).toEqual([MARK.from]);
  expect((await lab.host.vms.entries()).length).toBe(1);
  expect(await arrived()).toEqual([]);
  await expectBack();
});

test("a copy that somebody has started stays, with all that it has", async () => {
  await copied();
  await lab.register(MARK.to);
  const copy = lab.raw.simulator.vms().find(({ vmxPath }) => vmxPath === MARK.to);
  await lab.raw.simulator.behindBack.powerOn(copy?.moid ?? "");
  const digests = await stranger.digests(["[big]"]);
  expect((await failure(takeBack())).message).toMatch(/somebody has started the copy at \[big\] vm\/vm\.vmx/);
  expect(await stranger.digests(["[big]"])).toEqual(digests);
  expect(lab.raw.simulator.vms()).toHaveLength(2);
});

test("a copy whose disk another machine has stays, and so does all else", async () => {
  await copied();
  await stranger.vm("user", ["new", { attach: "[big] vm/vm.vmdk" }]);
  const digests = await stranger.digests(["[big] vm/"]);
  expect((await failure(takeBack())).message).toMatch(
    /"user" uses \[big\] vm\/vm\.vmdk, so it is not possible to remove what an interrupted move left/,
  );
  expect(await stranger.digests(["[big] vm/"])).toEqual(digests);
  expect(lab.extraConfig(lab.raw.vm("vm"), MOVE_KEY)).toBe(JSON.stringify(MARK));
});

test("nothing is removed while the host still copies for a run that was killed", async () => {
  await copied();
  let isEnded = false;
  lab.raw.simulator.faults.add({
    method: "CopyVirtualDisk_Task",
    action: "continue",
    onTask: async () => {
      await expect.poll(() => lab.raw.count("WaitForUpdatesEx"), { interval: 1 }).toBeGreaterThan(asked);
      expect(await arrived()).toContain("[big] vm/vm.vmdk");
      isEnded = true;
    },
  });
  const dead = lab.connect();
  const manager = (await dead.facts()).content.virtualDiskManager;
  if (manager === undefined) throw new Error("The host has no manager of disks.");
  const asked = lab.raw.count("WaitForUpdatesEx");
  await dead.client.call(manager, "CopyVirtualDisk_Task", {
    sourceName: "[datastore1] vm/vm.vmdk",
    destName: `[big] vm/${DRAFT}`,
  });
  await takeBack();
  expect(isEnded).toBe(true);
  expect(await arrived()).toEqual([]);
  expect(await untilMoveRests(lab.host, signal)).toBe(false);
});

test("the machine at a place is the one of that identity, or one of which the host does not tell", async () => {
  const vm = await seen();
  const at = (instanceUuid: string, place = MARK.from) => machineAt(lab.host, { instanceUuid }, place);
  expect((await at(vm.instanceUuid))?.moid).toBe(vm.moid);
  expect((await at(vm.instanceUuid.toUpperCase()))?.moid).toBe(vm.moid);
  expect(await at(vm.instanceUuid, MARK.to)).toBeUndefined();
  expect(await at("52000000-0000-0000-0000-000000000000")).toBeUndefined();
});
