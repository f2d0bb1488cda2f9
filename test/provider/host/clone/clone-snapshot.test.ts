/** The snapshot that a clone of a running machine takes: who shares it, and what of a source's snapshots is removed. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  apiSnapshots,
  freezeSource,
  type SnapshotWay,
  withoutLeftSnapshots,
} from "../../../../provider/host/clone/clone-snapshot.ts";
import {
  type CloneSource,
  findCloneSource,
  readCloneSource,
} from "../../../../provider/host/clone/clone-source.ts";
import { chainOf } from "../../../../provider/host/vm/reading/disk-chain.ts";
import { ownSession } from "../../../../provider/host/vm/unfinished/session-owner.ts";
import { takeSnapshot } from "../../../../provider/host/vm/vm-snapshots.ts";
import { retrieveAll } from "../../../../provider/vim/reads/property-collector.ts";
import type { VirtualMachineConfigInfo } from "../../../../schema/index.ts";
import { RECORDED } from "../../../support/simulated-host.ts";
import { told } from "../../../support/told.ts";
import { CloneLab } from "../../resources/clone-lab.ts";
import { failure } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" }, taskDurationMs: 5, ...RECORDED });
  await clones.golden({ powerOn: true });
});

afterEach(async () => {
  await clones.lab.close();
});

const LEFT = "pulumi-esxi-direct copies the disks, session 0123456789abcdef";
const WAYS = [["api"], ["ssh"]] as const;

async function take(name: string): Promise<void> {
  const { host, raw } = clones.lab;
  const vm = { ref: { type: "VirtualMachine", value: raw.vm("golden").moid }, name: "golden" };
  await takeSnapshot(
    host,
    vm,
    { name, memory: false, quiesce: false },
    { signal: new AbortController().signal },
  );
}

/** Names of the source's snapshots on the raw host, each before those that build on it. */
async function snapshots(): Promise<string[]> {
  type Tree = { readonly name: string; readonly childSnapshotList?: readonly Tree[] | undefined };
  const flat = (trees: readonly Tree[] = []): string[] =>
    trees.flatMap(({ name, childSnapshotList }) => [name, ...flat(childSnapshotList)]);
  const found = await retrieveAll(clones.lab.host.client, "VirtualMachine", ["name", "snapshot"]);
  const golden = found.find(({ properties }) => properties.name === "golden");
  return flat(golden?.properties.snapshot?.rootSnapshotList);
}

const nameOf = (session: string) => `pulumi-esxi-direct copies the disks, session ${session}`;
/** Another process, which called the host so long ago, in seconds. */
const otherSession = async (ago: number) => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const session = await ownSession(clones.lab.connect());
  vi.setSystemTime(Date.now() + 1000 * ago);
  return session;
};

const wish = (transport: string) => ({ transport, poweredOnSource: "snapshot", powerOn: false });

test.each(WAYS)(
  "what a dead run left is removed, and the owner's snapshots around it stay (%s)",
  async (way) => {
    for (const name of ["before", LEFT, "after", `about ${LEFT}`]) await take(name);
    const disk = await clones.lab.raw.rawDisk("golden");
    await clones.create("student", wish(way));
    expect(await snapshots()).toEqual(["before", "after", `about ${LEFT}`]);
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
  },
);

test.each(WAYS)("what a dead run left last is removed before the disks are looked at (%s)", async (way) => {
  await take(LEFT);
  const disk = await clones.lab.raw.rawDisk("golden");
  await clones.create("student", wish(way));
  expect(await snapshots()).toEqual([]);
  expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
  expect(clones.lab.texts("status")).toEqual(
    expect.arrayContaining([
      'removing the snapshot that an interrupted run left on "golden"',
      'taking a snapshot of "golden"',
    ]),
  );
});

test("a fault that passes, at a look at who builds on the source, leaves no snapshot", async () => {
  const method = "SearchDatastoreSubFolders_Task";
  clones.lab.raw.simulator.faults.add({ method, action: { fault: "SystemError" }, count: 1 });
  await clones.create("student", wish("api"));
  expect(clones.lab.raw.count(method)).toBeGreaterThan(1);
  expect(await snapshots()).toEqual([]);
});

test("each clone takes a snapshot of its own if the one before is done, without the guest's memory or help", async () => {
  for (const name of ["one", "two"]) await clones.create(name, wish("api"));
  expect(clones.lab.raw.count("CreateSnapshot_Task")).toBe(2);
  expect(await readFile(clones.lab.raw.recording, "utf8")).toContain(
    "<memory>false</memory><quiesce>false</quiesce>",
  );
  expect(await snapshots()).toEqual([]);
});

test("a machine that is off is copied without a snapshot", async () => {
  await clones.lab.raw.simulator.behindBack.powerOff(clones.lab.raw.vm("golden").moid);
  await clones.create("student", wish("api"));
  expect(clones.lab.raw.count("CreateSnapshot_Task")).toBe(0);
  expect(clones.lab.texts("status")).not.toContain('taking a snapshot of "golden"');
});

test("a snapshot that cannot be taken fails that clone alone", async () => {
  clones.lab.raw.simulator.faults.add({
    method: "CreateSnapshot_Task",
    count: 1,
    action: { taskFault: "SystemError", message: "not now" },
  });
  expect((await failure(clones.create("one", wish("api")))).message).toContain("not now");
  await clones.create("two", wish("api"));
  expect(await snapshots()).toEqual([]);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOn", "two: poweredOff"]);
});

test.each([
  ["api", "CreateSnapshot_Task", undefined],
  ["ssh", "ssh.exec", "'vmsvc/snapshot.create'"],
] as const)(
  "over %s a snapshot that was taken although no answer came is copied from and removed, and the owner's stays",
  async (transport, method, entity) => {
    await take("before");
    clones.lab.raw.simulator.faults.add({ method, ...(entity && { entity }), count: 1, action: "loseReply" });
    await clones.create("one", wish(transport));
    expect(await snapshots()).toEqual(["before"]);
    expect(clones.lab.texts("warn")).toEqual([]);
  },
);

test.each([
  ["api", "CreateSnapshot_Task", undefined],
  ["ssh", "ssh.exec", "'vmsvc/snapshot.create'"],
] as const)(
  "over %s a snapshot that was not taken fails the clone, and nothing of it stays",
  async (transport, method, entity) => {
    clones.lab.raw.simulator.faults.add({
      method,
      ...(entity && { entity }),
      count: 1,
      action: "disconnect",
    });
    await failure(clones.create("one", wish(transport)));
    expect(await snapshots()).toEqual([]);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOn"]);
  },
);

test.each([
  ["and the owner's stays", ["before"]],
  ["and was the only one", []],
])("a snapshot whose removal was not answered is gone, %s", async (_, owners) => {
  for (const name of owners) await take(name);
  clones.lab.raw.simulator.faults.add({ method: "RemoveSnapshot_Task", count: 1, action: "loseReply" });
  await clones.create("one", wish("api"));
  expect(await snapshots()).toEqual(owners);
  expect(clones.lab.texts("warn")).toEqual([]);
});

test("a removal that does not end is given up after ten minutes, and told", async () => {
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout");
  clones.lab.raw.simulator.faults.add({
    method: "CreateSnapshot_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => {
      if (moment === "after")
        timeout.mockImplementation((ms) => (ms === 600_000 ? limit.signal : new AbortController().signal));
    },
  });
  clones.lab.raw.simulator.faults.add({
    method: "RemoveSnapshot_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "after" ? limit.abort(new Error("ten minutes are over")) : undefined),
  });
  try {
    await clones.create("student", wish("api"));
  } finally {
    timeout.mockRestore();
  }
  expect(clones.lab.texts("warn").join()).toMatch(/of "golden" could not be removed.*ten minutes are over/);
});

describe("a snapshot that another run has left", () => {
  const { signal } = new AbortController();
  /** The source as it is when that is gone, and what was read of it before. */
  const without = async (way = apiSnapshots(clones.lab.host)) => {
    const source = await findCloneSource(clones.lab.host, "golden");
    return { source, now: await withoutLeftSnapshots(clones.lab.host, source, way, clones.options(signal)) };
  };

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("goes from a source that is off, too", async () => {
    await take(LEFT);
    await clones.lab.raw.simulator.behindBack.powerOff(clones.lab.raw.vm("golden").moid);
    const { now } = await without();
    expect(await snapshots()).toEqual([]);
    expect(now.snapshots).toEqual([]);
  });

  test("goes although its machine cannot be looked at for a moment", async () => {
    await take(LEFT);
    vi.spyOn(clones.lab.host.vms, "byReference").mockResolvedValue(undefined);
    await without();
    expect(await snapshots()).toEqual([]);
  });

  test("stays if that run called the host in the last fifteen seconds", async () => {
    const name = nameOf(await otherSession(14.9));
    await take(name);
    const { now } = await without();
    expect(await snapshots()).toEqual([name]);
    expect(now.snapshots).toEqual([name]);
  });

  test("goes if that run has been silent for fifteen, and the source is read again", async () => {
    const name = nameOf(await otherSession(15));
    await take(name);
    const { source, now } = await without();
    expect(await snapshots()).toEqual([]);
    expect([source.snapshots, now.snapshots]).toEqual([[name], []]);
  });

  test("stays if it is this run's own: another of its clones is at work, whatever the host tells of sessions", async () => {
    const name = nameOf(await ownSession(clones.lab.host));
    await take(name);
    told(clones.lab.host, "sessionList", () => []);
    await without();
    expect(await snapshots()).toEqual([name]);
  });

  test("stays if somebody's machine builds on what it holds", async () => {
    const [base = ""] = clones.lab.raw.diskPaths("golden");
    await take(LEFT);
    await new Stranger(clones.lab).vm("theirs", [{ on: base }]);
    const error = await failure(without());
    expect(error.message).toMatch(
      /"theirs" build on .*not possible to remove the snapshot that an interrupted run left on it/,
    );
    expect(await snapshots()).toEqual([LEFT]);
  });

  test("is not looked for on a source that has none of that name", async () => {
    await take("mine");
    const list = vi.fn<SnapshotWay["list"]>(async () => []);
    const { now } = await without({ ...apiSnapshots(clones.lab.host), list });
    expect(list).not.toHaveBeenCalled();
    expect(now.snapshots).toEqual(["mine"]);
  });

  test("is seen although it was taken after the source was read", async () => {
    const source = await findCloneSource(clones.lab.host, "golden");
    await take(LEFT);
    const way = apiSnapshots(clones.lab.host);
    const now = await withoutLeftSnapshots(clones.lab.host, source, way, clones.options(signal));
    expect(await snapshots()).toEqual([]);
    expect(now.snapshots).toEqual([]);
  });

  test("is seen when the task that makes it has ended", async () => {
    // Long enough for two looks at it, however slow the machine is.
    await clones.lab.raw.restart({ taskDurationMs: 2000 });
    await clones.lab.restart();
    const source = await findCloneSource(clones.lab.host, "golden");
    await clones.lab.host.client.call(source.ref, "CreateSnapshot_Task", {
      name: "being made",
      memory: false,
      quiesce: false,
    });
    const way = apiSnapshots(clones.lab.host);
    const now = await withoutLeftSnapshots(clones.lab.host, source, way, clones.options(signal));
    expect([source.snapshots, now.snapshots]).toEqual([[], ["being made"]]);
  });

  test("costs no call on a source that is off and has no snapshots", async () => {
    const { host } = clones.lab;
    const source = await findCloneSource(host, "golden");
    clones.lab.raw.simulator.requests.clear();
    const off = { ...source, powerState: "poweredOff" as const };
    await withoutLeftSnapshots(host, off, apiSnapshots(host), clones.options(signal));
    expect(clones.lab.raw.count()).toBe(0);
  });
});

test.each(WAYS)(
  "two clones at once share one snapshot, which is there until both are copied (%s)",
  async (way) => {
    const copying =
      way === "api" ? { method: "CopyVirtualDisk_Task" } : { method: "ssh.exec", entity: "'-i'" };
    const seen: number[] = [];
    clones.lab.raw.simulator.faults.add({
      ...copying,
      after: 1,
      count: 1,
      delayMs: 500,
      action: "continue",
      onWork: async () => void seen.push((await snapshots()).length),
    });
    const disk = await clones.lab.raw.rawDisk("golden");
    const [one, two] = await Promise.all(["one", "two"].map((name) => clones.create(name, wish(way))));
    expect([one?.outs.powerState, two?.outs.powerState]).toEqual(["poweredOff", "poweredOff"]);
    expect(seen).toEqual([1, 1]);
    expect(await snapshots()).toEqual([]);
    for (const name of ["one", "two"]) expect(await clones.lab.raw.rawDisk(name)).toBe(disk);
    const taken = clones.lab.raw.simulator.requests
      .entries()
      .filter(({ method, target }) => method === "CreateSnapshot_Task" || target.includes("snapshot.create"));
    expect(taken).toHaveLength(1);
  },
);

describe("what stands still", () => {
  const { signal } = new AbortController();
  const source = () => readCloneSource(clones.lab.host, goldenRef());
  const goldenRef = () => ({ type: "VirtualMachine", value: clones.lab.raw.vm("golden").moid });
  const freezing = (of: CloneSource) =>
    freezeSource(clones.lab.host, of, clones.options(signal), apiSnapshots(clones.lab.host));
  const files = ({ disks }: CloneSource) => disks.map((disk) => chainOf(disk)[0]);

  test("is looked at after the snapshot, when that of the last copy has been removed", async () => {
    const [base] = clones.lab.raw.diskPaths("golden");
    const first = await freezing(await source());
    expect(files(first.source)).toEqual([base]);
    // Its disk is the one that goes with the snapshot.
    const meanwhile = await source();
    expect(files(meanwhile)).not.toEqual([base]);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const removing = new Promise<void>((resolve) => {
      const onTask = () => {
        resolve();
        return held;
      };
      clones.lab.raw.simulator.faults.add({
        method: "RemoveSnapshot_Task",
        count: 1,
        action: "continue",
        onTask,
      });
    });
    const released = first.release();
    await removing;
    const second = freezing(meanwhile);
    expect(clones.lab.raw.count("CreateSnapshot_Task")).toBe(1);
    goOn();
    await released;
    expect(files((await second).source)).toEqual([base]);
    await (await second).release();
    expect(await snapshots()).toEqual([]);
  });

  describe("for copies that begin at the same time", () => {
    /** The first fails while it has its snapshot taken, and does so to all that share it. */
    const failing = (onTake: () => void = () => {}) => {
      const usual = apiSnapshots(clones.lab.host);
      const take = vi.fn<SnapshotWay["take"]>(usual.take).mockImplementationOnce(async () => {
        onTake();
        throw new Error("the first has failed");
      });
      const begin = async (by = signal) =>
        freezeSource(clones.lab.host, await source(), clones.options(by), { ...usual, take });
      return { take, begin };
    };

    test("is taken for the others if the one fails that was to take it, and they share it", async () => {
      const { take, begin } = failing();
      const [base] = clones.lab.raw.diskPaths("golden");
      const [first, ...others] = await Promise.allSettled([begin(), begin(), begin()]);
      expect(first).toMatchObject({ status: "rejected", reason: { message: "the first has failed" } });
      const frozen = others.map((other) => (other.status === "fulfilled" ? other.value : undefined));
      expect(frozen.map((one) => one && files(one.source))).toEqual([[base], [base]]);
      expect(take).toHaveBeenCalledTimes(2);
      await frozen[0]?.release();
      expect(await snapshots()).toHaveLength(1);
      await frozen[1]?.release();
      expect(await snapshots()).toEqual([]);
    });

    test("is not taken for one that is stopped while it waits, which ends with the reason for that", async () => {
      const stop = new AbortController();
      const { take, begin } = failing(() => stop.abort(new Error("^C")));
      const [first, second] = await Promise.allSettled([begin(), begin(stop.signal)]);
      expect(first).toMatchObject({ reason: { message: "the first has failed" } });
      expect(second).toMatchObject({ reason: { message: "^C" } });
      expect(take).toHaveBeenCalledTimes(1);
      expect(await snapshots()).toEqual([]);
    });
  });

  test("stays as long as the disk of a source that was powered off meanwhile is copied", async () => {
    const first = await freezing(await source());
    await clones.lab.raw.simulator.behindBack.powerOff(goldenRef().value);
    const off = await source();
    const second = await freezing(off);
    expect(files(second.source)).toEqual(files(off));
    await first.release();
    expect(await snapshots()).toHaveLength(1);
    await second.release();
    expect(await snapshots()).toEqual([]);
  });

  test("is removed again, and nothing is copied, if somebody has changed the disks meanwhile", async () => {
    const before = await source();
    told(clones.lab.host, "config", (value) => {
      const config = value as VirtualMachineConfigInfo;
      const device = config.hardware.device?.map((one) =>
        one.$type === "VirtualDisk" ? { ...one, backing: { ...one.backing, parent: undefined } } : one,
      );
      return { ...config, hardware: { ...config.hardware, device } };
    });
    expect((await failure(freezing(before))).message).toMatch(
      /^esxi1: the disks of "golden" were changed by others while it was to be copied\. Nothing was created\./,
    );
    vi.restoreAllMocks();
    expect(await snapshots()).toEqual([]);
  });

  test("goes although its machine cannot be looked at for a moment", async () => {
    const first = await freezing(await source());
    vi.spyOn(clones.lab.host.vms, "byReference").mockResolvedValue(undefined);
    await first.release();
    vi.restoreAllMocks();
    expect(clones.lab.texts("warn")).toEqual([]);
    expect(await snapshots()).toEqual([]);
  });

  test("stays, and is told, if somebody builds on the disk that would go", async () => {
    const first = await freezing(await source());
    await clones.lab.raw.simulator.behindBack.powerOff(goldenRef().value);
    const [delta = ""] = files(await source());
    await new Stranger(clones.lab).vm("theirs", [{ on: delta }]);
    const disk = await clones.lab.raw.rawDisk("theirs");
    await first.release();
    expect(clones.lab.texts("warn").join()).toMatch(
      /of "golden" could not be removed.*"theirs" build on.*not possible to remove the snapshot of which it was copied/,
    );
    expect(await snapshots()).toHaveLength(1);
    expect(await clones.lab.raw.rawDisk("theirs")).toBe(disk);
  });

  test.each([0, 1, 2])(
    "goes although a look before its removal fails, the one after %i others",
    async (after) => {
      const first = await freezing(await source());
      clones.lab.raw.simulator.requests.clear();
      clones.lab.raw.simulator.faults.add({
        method: "RetrievePropertiesEx",
        after,
        count: 1,
        action: { fault: "SystemError", message: "not now", properties: { reason: "a test" } },
      });
      await first.release();
      expect(clones.lab.raw.simulator.requests.entries().filter(({ faultRule }) => faultRule)).toHaveLength(
        1,
      );
      expect(clones.lab.texts("warn")).toEqual([]);
      expect(await snapshots()).toEqual([]);
    },
  );

  test("stays until another run's copies are made, which has taken a snapshot after it", async () => {
    const first = await freezing(await source());
    const name = `pulumi-esxi-direct copies the disks, session ${await ownSession(clones.lab.connect())}`;
    await take(name);
    const other = (await apiSnapshots(clones.lab.host).list(await source(), signal)).find(
      (one) => one.name === name,
    );
    const looks = () => clones.lab.raw.count("CurrentTime");
    const before = looks();
    const released = first.release();
    // Whether the other run is at work is looked at again and again.
    await expect.poll(() => looks() - before).toBeGreaterThan(1);
    expect(await snapshots()).toHaveLength(2);
    await other?.remove(signal);
    await released;
    expect(clones.lab.texts("warn")).toEqual([]);
    expect(await snapshots()).toEqual([]);
  });

  describe("is looked at again before its snapshot goes", () => {
    const NOBODY = "0123456789abcdef";
    /** What lies where a name of ours has the part that is the same in all of them. */
    const alike = (session: string) =>
      nameOf(session).replace(/^.*(?=.{16}$)/, (same) => "x".repeat(same.length));

    afterEach(() => {
      vi.useRealTimers();
    });

    test.each<[string, number, number, (own: string, other: string) => string[]]>([
      ["if another run that is at work took one after it", 2, 14.9, (own, other) => [own, nameOf(other)]],
      ["not if that run has been silent for fifteen seconds", 1, 15, (own, other) => [own, nameOf(other)]],
      ["not if that run has ended", 1, 0, (own) => [own, nameOf(NOBODY)]],
      ["not if that one was taken before it", 1, 0, (own, other) => [nameOf(other), own]],
      ["not if only people took some after it", 1, 0, (own, other) => [own, "mine", alike(other)]],
      ["not for another one of its own", 1, 0, (own) => [own, own]],
      ["if people took one in between", 2, 0, (own, other) => [own, "mine", nameOf(other)]],
    ])("%s", async (_, looks, ago, names) => {
      const other = await otherSession(ago);
      const way = apiSnapshots(clones.lab.host);
      let [own, looked] = ["", 0];
      const list: SnapshotWay["list"] = async () => {
        const there = ++looked === 1 ? names(own, other) : [own];
        return there.map((name) => ({ name, remove: async () => {} }));
      };
      const take: SnapshotWay["take"] = (source, name, by) => {
        own = name;
        return way.take(source, name, by);
      };
      const { host } = clones.lab;
      const frozen = await freezeSource(host, await source(), clones.options(signal), { take, list });
      await frozen.release();
      expect(looked).toBe(looks);
      expect(clones.lab.texts("warn")).toEqual([]);
      expect(await snapshots()).toEqual([]);
    });
  });

  test("is copied of a clone that begins while another is copied over SSH", async () => {
    const disk = await clones.lab.raw.rawDisk("golden");
    let second: Promise<unknown> = Promise.resolve();
    const copying = { method: "ssh.exec", entity: "'-i'", count: 1, action: "continue" } as const;
    const begun = new Promise<void>((resolve) => {
      clones.lab.raw.simulator.faults.add({
        ...copying,
        onWork: async (moment) => {
          if (moment === "after") return;
          second = clones.create("two", wish("ssh"));
          await begun;
        },
      });
      clones.lab.raw.simulator.faults.add({ ...copying, onWork: () => resolve() });
    });
    await clones.create("one", wish("ssh"));
    await second;
    for (const name of ["one", "two"]) expect(await clones.lab.raw.rawDisk(name)).toBe(disk);
    expect(await snapshots()).toEqual([]);
  });
});

test.each(WAYS)("a copy that fails leaves its source without a snapshot (%s)", async (way) => {
  clones.lab.raw.simulator.faults.add(
    way === "api"
      ? { method: "CopyVirtualDisk_Task", action: { taskFault: "FileFault", message: "no" } }
      : { method: "ssh.exec", entity: "'-i'", action: { status: 1, stderr: "no\n" } },
  );
  const before = await clones.lab.raw.contents();
  await failure(clones.create("student", wish(way)));
  expect(await snapshots()).toEqual([]);
  const { vms, files } = await clones.lab.raw.contents();
  expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
});

test("a snapshot that cannot be removed is told by its name, and the clone stands", async () => {
  clones.lab.raw.simulator.faults.add({
    method: "RemoveSnapshot_Task",
    action: { taskFault: "SystemError", message: "not now" },
  });
  await clones.create("student", wish("api"));
  expect(clones.lab.texts("warn").join()).toMatch(/snapshot ".+" of "golden" could not be removed.*not now/);
  expect(clones.lab.raw.count("RemoveSnapshot_Task")).toBe(3);
  expect(await snapshots()).toHaveLength(1);
});
