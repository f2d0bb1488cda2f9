/** Which machines need which files: what a look finds, and when an earlier one serves. */
import { mkdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ageClock } from "../../../../provider/clock.ts";
import { fileUses } from "../../../../provider/host/file-use/file-uses.ts";
import type { DynamicProperty, RetrieveResult } from "../../../../schema/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const GOLDEN = "[datastore1] golden/golden.vmdk";
const at = (path: string) => ({ datastore: "datastore1", path });

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  const datastores = ["datastore1", "ssd"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
  lab = await Lab.open({ datastores });
  stranger = new Stranger(lab);
  await stranger.vm("golden");
  await stranger.vm("clone", [{ on: GOLDEN }]);
  await stranger.vm("kept");
  await stranger.snapshot("kept");
  await mkdir(lab.raw.simulator.localFile("[datastore1] deep/er"), { recursive: true });
  await stranger.vm("deep", ["new"], "[datastore1] deep/er/deep.vmx");
});

afterAll(() => lab.close());

beforeEach(() => lab.restart());

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  lab.raw.simulator.faults.clear();
  for (const { moid } of lab.raw.simulator.vms()) lab.raw.simulator.behindBack.setUnreadable(moid, undefined);
});

const moid = (name: string) => lab.raw.vm(name).moid;
const hide = (name: string, tells: "everything" | "path" | "nothing" = "everything") =>
  lab.raw.simulator.behindBack.setUnreadable(moid(name), { state: "inaccessible", tells });
const reads = () => lab.raw.count("RetrievePropertiesEx");
const looksIntoFolders = () =>
  lab.raw.count("SearchDatastore_Task") + lab.raw.count("SearchDatastoreSubFolders_Task");

/** Lets the host leave out a property, also as a part of one that holds it. */
function leaveOut(left: string): void {
  const { call } = lab.host.client;
  vi.spyOn(lab.host.client, "call").mockImplementation((async (...args: Parameters<typeof call>) => {
    const answer: unknown = await Reflect.apply(call, lab.host.client, args);
    if (args[1] !== "RetrievePropertiesEx") return answer;
    const { objects = [], ...rest } = answer as RetrieveResult;
    const told = objects.map(({ propSet, ...object }) => ({
      ...object,
      propSet: propSet?.filter(({ name }) => name !== left).map(without),
    }));
    return { ...rest, objects: told };
  }) as typeof call);
  const without = (property: DynamicProperty): DynamicProperty => {
    if (!left.startsWith(`${property.name}.`)) return property;
    const parts = Object.entries(property.val as object);
    const told = parts.filter(([part]) => `${property.name}.${part}` !== left);
    return { ...property, val: Object.fromEntries(told) };
  };
}

/** Lets the host name the golden disk, where the clone has it, by the number of its volume. */
function unname(): void {
  const { call } = lab.host.client;
  vi.spyOn(lab.host.client, "call").mockImplementation((async (...args: Parameters<typeof call>) => {
    const answer: unknown = await Reflect.apply(call, lab.host.client, args);
    if (args[1] !== "RetrievePropertiesEx") return answer;
    const { objects = [], ...rest } = answer as RetrieveResult;
    const told = objects.map((object) => {
      if (object.obj.value !== moid("clone")) return object;
      const text = JSON.stringify(object).replaceAll(GOLDEN, "[] /vmfs/volumes/5e2c-1/golden/golden.vmdk");
      return JSON.parse(text) as typeof object;
    });
    return { ...rest, objects: told };
  }) as typeof call);
}

/** `name as` of who needs that file. */
const users = async (file: string) =>
  (await fileUses(lab.host))
    .of(file)
    .map(({ name, as, unread }) => [name, as, ...(unread ? [unread] : [])].join(" "));
const usersBelow = async (path: string) =>
  (await fileUses(lab.host))
    .below(at(path))
    .map(({ name, as, unread }) => [name, as, ...(unread ? [unread] : [])].join(" "));

describe("a look", () => {
  test("finds devices, what they build on, and what the host counts among a machine's files", async () => {
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base"]);
    expect(await users("[datastore1] golden/golden-flat.vmdk")).toEqual(
      expect.arrayContaining(["golden device", "clone base"]),
    );
    expect(await users("[datastore1] golden/golden.vmx")).toEqual(["golden own"]);
    expect(await users("[datastore1] golden/vmware.log")).toEqual([]);
    expect(await users("no datastore path")).toEqual([]);
    const layout = (await fileUses(lab.host)).below(at("kept")).map(({ as }) => as);
    expect(layout).toContain("snapshot");
  });

  test("finds a file where the host tells only its volume's number", async () => {
    unname();
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base"]);
    expect(await users("[datastore1] golden/golden-flat.vmdk")).toContain("clone base");
    expect(await usersBelow("golden")).toContain("clone base");
    expect(await usersBelow("golden/golden.vmdk")).toEqual(["golden device", "clone base"]);
    expect(await usersBelow("gold")).toEqual([]);
    expect(await usersBelow("golden/golden.vmdk/x")).toEqual([]);
    expect(await users("[datastore1] other/golden.vmdk")).toEqual([]);
  });

  test("finds files that the host alone tells of", async () => {
    const snapshot = (await lab.raw.contents()).files.find((file) => /kept\/.*\.vmsn$/.test(file)) ?? "";
    expect(await users(snapshot)).toEqual(["kept snapshot"]);
  });

  test("finds what it is told where the host leaves out files, or what devices a snapshot has", async () => {
    const snapshot = (await lab.raw.contents()).files.find((file) => /kept\/.*\.vmsn$/.test(file)) ?? "";
    leaveOut("layoutEx.file");
    expect(await users(snapshot)).toEqual([]);
    expect((await fileUses(lab.host)).snapshotDisks(moid("kept"))).toHaveLength(1);
    await lab.restart();
    vi.restoreAllMocks();
    leaveOut("config.hardware.device");
    expect((await fileUses(lab.host)).snapshotDisks(moid("kept"))).toEqual([]);
    expect(await users(snapshot)).toEqual(["kept own"]);
  });

  test("tells the disks of a machine's snapshots, and of none that is not there", async () => {
    const uses = await fileUses(lab.host);
    expect(uses.snapshotDisks(moid("kept"))).toEqual([["[datastore1] kept/kept.vmdk"]]);
    expect(uses.snapshotDisks(moid("golden"))).toEqual([]);
    expect(uses.snapshotDisks("none")).toEqual([]);
  });
});

describe("a later look", () => {
  test("finds the same for one short call where nothing has changed", async () => {
    const first = await users(GOLDEN);
    const before = reads();
    expect(await users(GOLDEN)).toEqual(first);
    expect(reads() - before).toBe(1);
  });

  test("knows whether a machine runs", async () => {
    const isOff = async () => (await fileUses(lab.host)).of("[datastore1] golden/golden.vmx")[0]?.isOff;
    await stranger.vm("runner");
    const runs = async () => (await fileUses(lab.host)).of("[datastore1] runner/runner.vmdk")[0]?.isOff;
    expect([await isOff(), await runs()]).toEqual([true, true]);
    await lab.raw.simulator.behindBack.powerOn(moid("runner"));
    expect([await isOff(), await runs()]).toEqual([true, false]);
    await lab.raw.simulator.behindBack.powerOff(moid("runner"));
    expect([await isOff(), await runs()]).toEqual([true, true]);
    expect(await users("[datastore1] runner/runner.vmdk")).toContain("runner device");
    await lab.raw.simulator.behindBack.destroy(moid("runner"));
    expect(await users("[datastore1] runner/runner.vmdk")).toEqual([]);
  });

  test("costs one short call where a machine was only powered off", async () => {
    await lab.raw.simulator.behindBack.powerOn(moid("golden"));
    await users(GOLDEN);
    await lab.raw.simulator.behindBack.powerOff(moid("golden"));
    const before = reads();
    const [golden] = (await fileUses(lab.host)).of(GOLDEN);
    expect(reads() - before).toBe(1);
    expect(golden).toMatchObject({ name: "golden", isOff: true });
  });

  test.each(["versions", "no versions"])(
    "reads a machine that has changed, at a host that tells %s",
    async (told) => {
      if (told === "no versions") leaveOut("config.changeVersion");
      await users(GOLDEN);
      await stranger.attach("kept", GOLDEN);
      expect(await users(GOLDEN)).toContain("kept device");
      await stranger.detach("kept", GOLDEN);
      expect(await users(GOLDEN)).not.toContain("kept device");
    },
  );

  test("is made where the overview is older than what is asked for", async () => {
    const start = ageClock.now();
    const now = vi.spyOn(ageClock, "now").mockReturnValue(start);
    const overview = lab.host.vms.overview();
    await overview.inventory();
    expect(overview.startedAt).toBe(start);
    await stranger.vm("late");
    now.mockReturnValue(start + 1);
    expect(lab.host.vms.overview()).toBe(overview);
    expect(await users("[datastore1] late/late.vmx")).toEqual(["late own"]);
    await lab.raw.simulator.behindBack.destroy(moid("late"));
  });

  test("is not made where the overview was begun at that very moment", async () => {
    const start = ageClock.now();
    vi.spyOn(ageClock, "now").mockReturnValue(start);
    await users(GOLDEN);
    const before = reads();
    await fileUses(lab.host, start);
    expect(reads() - before).toBe(0);
  });

  test("is made though the time of day was set back since the last one", async () => {
    await users(GOLDEN);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    await stranger.vm("late");
    expect(await users("[datastore1] late/late.vmx")).toEqual(["late own"]);
    await lab.raw.simulator.behindBack.destroy(moid("late"));
  });

  test("is new after one that has failed", async () => {
    lab.raw.simulator.faults.add({
      method: "RetrievePropertiesEx",
      after: 1,
      action: { fault: "SystemError" },
    });
    await lab.host.vms
      .overview()
      .inventory()
      .catch(() => {});
    await failure(fileUses(lab.host, 0));
    lab.raw.simulator.faults.clear();
    expect((await fileUses(lab.host, 0)).of(GOLDEN)).toHaveLength(2);
  });

  test("is at all machines after a later one that has failed", async () => {
    const overview = lab.host.vms.overview();
    await users(GOLDEN);
    lab.raw.simulator.faults.add({ method: "RetrievePropertiesEx", action: { fault: "SystemError" } });
    await failure(fileUses(lab.host));
    lab.raw.simulator.faults.clear();
    expect(lab.host.vms.overview()).toBe(overview);
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base"]);
  });
});

describe("a machine that the host cannot read", () => {
  test("needs what its disks build on, at the first look and at a later one", async () => {
    hide("clone");
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base seen"]);
    await lab.restart();
    lab.raw.simulator.behindBack.setUnreadable(moid("clone"), undefined);
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base"]);
    hide("clone");
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base seen"]);
    expect(await users("[datastore1] golden/golden-flat.vmdk")).toContain("clone base seen");
    expect(await usersBelow("golden")).toContain("clone base seen");
    expect(await users("[datastore1] golden")).toEqual([]);
  });

  test("may have all that lies beside it, and is in the way of the folders above it", async () => {
    hide("deep");
    expect(await users("[datastore1] deep/er/anything.iso")).toEqual([expect.stringMatching(/deep.* own$/)]);
    expect(await users("[datastore1] deep")).toEqual([]);
    expect(await usersBelow("deep")).toEqual([expect.stringMatching(/deep.* own$/)]);
    expect(await users("no datastore path")).toEqual([]);
  });

  test.each(["first", "later"])("has no disks that others have, at the %s look", async (which) => {
    if (which === "later") await users(GOLDEN);
    hide("clone", "nothing");
    await lab.host.vms.overview().inventory();
    lab.raw.simulator.requests.clear();
    await users(GOLDEN);
    // Of all disks on the host only its own is looked into.
    const folders = lab.raw.simulator.requests.entries().filter(({ method }) => method === "folder");
    expect(folders.map(({ target }) => decodeURIComponent(target).replace(/\?.*/, ""))).toEqual([
      "/folder/clone/clone.vmdk",
      "/folder/golden/golden.vmdk",
    ]);
  });

  test("keeps its disks in the folder of its path on another datastore, unless a machine that is read lives there", async () => {
    const disk = "[ssd] clone/clone.vmdk";
    await mkdir(lab.raw.simulator.localFile("[ssd] clone"), { recursive: true });
    await stranger.copyDisk(GOLDEN, disk);
    hide("clone");
    expect(await users(disk)).toEqual(["clone own"]);
    expect(await users("[ssd] clone/clone-flat.vmdk")).toEqual(["clone own"]);
    const folder = { datastore: "ssd", path: "clone" };
    expect((await fileUses(lab.host)).below(folder).map(({ name }) => name)).toEqual(["clone"]);
    await stranger.vm("other", [{ attach: disk }]);
    await lab.restart();
    expect(await users(disk)).toEqual(["other device"]);
    await stranger.detach("other", disk);
    await lab.restart();
    expect(await users(disk)).toEqual(["clone own"]);
    await stranger.vm("resident", [], "[ssd] clone/resident.vmx");
    await lab.restart();
    expect(await users(disk)).toEqual([]);
    for (const name of ["other", "resident"]) await lab.raw.simulator.behindBack.destroy(moid(name));
  });

  test("is not looked at again as long as it stays so, and is when it can be read", async () => {
    hide("clone");
    await users(GOLDEN);
    const [before, looked] = [reads(), looksIntoFolders()];
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base seen"]);
    expect([reads() - before, looksIntoFolders() - looked]).toEqual([1, 0]);
    lab.raw.simulator.behindBack.setUnreadable(moid("clone"), undefined);
    expect(await users(GOLDEN)).toEqual(["golden device", "clone base"]);
  });
});
