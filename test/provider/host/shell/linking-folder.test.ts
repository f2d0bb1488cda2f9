/** The folder in which the host makes the first children of a source's disks: what of it goes, and what stays. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isLinking, linkingName } from "../../../../provider/host/clone/linking-name.ts";
import { makeFolder } from "../../../../provider/host/datastore/datastore-files.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import {
  clearLinking,
  isUncleared,
  removeLinking,
  unregisterSurely,
} from "../../../../provider/host/shell/linking-folder.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { SshFiles } from "../ssh-files.ts";

const ROOT = "/vmfs/volumes/datastore1";
const MARK = { urn: "urn:1", digest: "d" };
const NAME = linkingName(MARK);
const FOLDER = parseDatastorePath("[datastore1] student");
const PLACE = parseDatastorePath(`[datastore1] student/${NAME}`);
const PATH = `${ROOT}/student/${NAME}`;

let lab: Lab;
let files: SshFiles;
let shell: EsxiShell;
let warned: string[];

beforeAll(async () => {
  lab = await Lab.open();
});

afterAll(() => lab.close());

beforeEach(() => {
  files = new SshFiles(ROOT, `${ROOT}/student`);
  shell = new EsxiShell(files);
  warned = [];
});

const { signal } = new AbortController();
const options = { signal, onWarning: (text: string) => void warned.push(text) };
const left = () => files.names(PATH);

/** The folder as it is once the snapshot is taken: of one disk the source's name is known, the other was a child already. */
function make(...others: readonly string[]): void {
  files.put(PATH, ...OURS, ...others);
  const disks = ["golden-000001.vmdk", `${ROOT}/golden/data-000004.vmdk`];
  files.paths.set(
    `${PATH}/linking.vmx`,
    disks.map((file, index) => `scsi0:${index}.fileName = "${file}"\n`).join(""),
  );
}

const OURS = [
  "golden-000001.vmdk",
  "golden-000001-sesparse.vmdk",
  "data-000001.vmdk",
  "data-000001-delta.vmdk",
  "linking.vmsd",
  "linking.vmx",
  "linking.vmx-draft",
  "linking.vmx~",
  "linking.vmxf",
  "linking.nvram",
  "linking-Snapshot1.vmsn",
  "linking-Snapshot12.vmsn",
  "linking-aux.xml",
  "vmware.log",
  "vmware-1.log",
  "vmware-12.log",
];

const STRANGE = [
  "notes.txt",
  "golden.vmdk",
  "golden-flat.vmdk",
  "other-000001.vmdk",
  "other-000001-delta.vmdk",
  "golden-000001.vmdk.txt",
  "golden-1.vmdk",
  "linking.txt",
  "my-linking.vmx",
  "linking.vmx.old",
  "linking-Snapshot1.vmsn.old",
  "my-vmware.log",
  "vmware.log.gz",
];

describe("the folder of a machine that links to a source's disks", () => {
  test("goes with all that was made in it, the machine's file last: it tells which disks are ours", async () => {
    make();
    await clearLinking(shell, PLACE, options);
    expect(left()).toBeUndefined();
    expect(files.changes).toEqual([
      expect.stringMatching(/^rm -f .*golden-000001\.vmdk/),
      `rm -f ${PATH}/linking.vmx`,
      `rmdir ${PATH}`,
    ]);
    expect(files.changes[0]).not.toContain("linking.vmx ");
    expect(warned).toEqual([]);
  });

  test("stays with what somebody else has put into it, which is told", async () => {
    make(...STRANGE);
    await clearLinking(shell, PLACE, options);
    expect(left()).toEqual(STRANGE);
    expect(warned).toEqual([
      expect.stringMatching(
        /^esxi1: the folder \[datastore1\] student\/pulumi-linking-\w+,.* stays: somebody has put notes\.txt, .*vmware\.log\.gz into it/,
      ),
    ]);
  });

  test("keeps disks of which nothing says that the host made them for us", async () => {
    for (const vmx of [undefined, "no machine at all"]) {
      files.put(PATH, "golden-000001.vmdk", "linking.vmx-draft");
      if (vmx !== undefined) files.paths.set(`${PATH}/linking.vmx`, vmx);
      await clearLinking(shell, PLACE, options);
      expect(left()).toEqual(["golden-000001.vmdk"]);
      expect(warned.splice(0)).toHaveLength(1);
    }
  });

  test("goes with children that the machine's file does not name yet: it names the source's disk", async () => {
    files.put(PATH, "golden-000001.vmdk", "golden-000001-delta.vmdk", "linking.vmx");
    files.paths.set(`${PATH}/linking.vmx`, `scsi0:0.fileName = "${ROOT}/golden/golden.vmdk"\n`);
    await clearLinking(shell, PLACE, options);
    expect([left(), warned]).toEqual([undefined, []]);
  });

  test("goes as it was begun by a run that was stopped before", async () => {
    for (const names of [[], ["linking.vmx-draft"], ["linking.vmx"]]) {
      files.put(PATH, ...names);
      await clearLinking(shell, PLACE, options);
      expect(left()).toBeUndefined();
    }
    await clearLinking(shell, PLACE, options);
    expect(warned).toEqual([]);
  });

  test("is left as it is if two reads of the machine's file differ", async () => {
    make();
    let reads = 0;
    files.before = (command) =>
      command.startsWith("cat") && ++reads === 1 ? { exitCode: 0, stdout: "" } : undefined;
    expect((await failure(clearLinking(shell, PLACE, options))).message).toContain("two reads");
    expect(files.changes).toEqual([]);
  });

  test("is not cleared while anything of ours is in it, or nothing", async () => {
    const uncleared = () => isUncleared(shell, PLACE, signal);
    files.put(PATH);
    expect(await uncleared()).toBe(true);
    files.put(PATH, "notes.txt");
    expect(await uncleared()).toBe(false);
    files.put(PATH, "linking.vmsd");
    expect(await uncleared()).toBe(true);
  });
});

describe("what an interrupted run left of it", () => {
  const remove = () => removeLinking(lab.host, shell, FOLDER, MARK, options);

  test("goes without what others have put beside it", async () => {
    make("notes.txt");
    await remove();
    expect(left()).toEqual(["notes.txt"]);
    expect(warned).toHaveLength(1);
  });

  test("goes with the machine in the inventory, which alone is taken out, and before any file", async () => {
    make();
    const stranger = new Stranger(lab);
    await stranger.vm("beside");
    await stranger.vm("vm", [], `[datastore1] student/${NAME}/linking.vmx`);
    const { moid } = lab.raw.vm("vm");
    files.before = (command) => {
      if (!command.startsWith("vim-cmd")) return undefined;
      void lab.raw.simulator.behindBack.unregister(moid);
      return { exitCode: 0 };
    };
    await remove();
    expect(files.changes.map((command) => command.split(" ").slice(0, 3).join(" "))).toEqual([
      `vim-cmd vmsvc/unregister ${moid}`,
      expect.stringMatching(/^rm -f /),
      `rm -f ${PATH}/linking.vmx`,
      `rmdir ${PATH}`,
    ]);
    expect(lab.raw.simulator.vms().map(({ name }) => name)).toContain("beside");
    expect(left()).toBeUndefined();
  });

  test("stays if the run is to end while the host is asked which machines it has", async () => {
    make();
    const stop = new AbortController();
    lab.afterReads(1, async () => stop.abort(new Error("^C")));
    const removing = removeLinking(lab.host, shell, FOLDER, MARK, { ...options, signal: stop.signal });
    expect((await failure(removing)).message).toBe("^C");
    expect(files.changes).toEqual([]);
    lab.raw.simulator.faults.clear();
  });

  test("is nothing if there is no such folder", async () => {
    files.put(`${ROOT}/student/pulumi-linking-other`, "linking.vmx");
    await remove();
    expect(files.changes).toEqual([]);
  });

  test("stays if somebody's machine has a disk of it", async () => {
    make();
    const stranger = new Stranger(lab);
    const disk = `[datastore1] student/${NAME}/golden-000001.vmdk`;
    await stranger.vm("theirs");
    await makeFolder(lab.host, PLACE, signal);
    await stranger.copyDisk("[datastore1] theirs/theirs.vmdk", disk);
    await stranger.vm("user", ["new", { attach: disk }]);
    const before = left();
    expect((await failure(remove())).message).toMatch(
      /"user" uses .*golden-000001\.vmdk.*, so it is not possible to remove what an interrupted run left/,
    );
    expect(left()).toEqual(before);
    expect(files.changes).toEqual([]);
  });
});

test("only what is in such a folder counts as such a machine's", () => {
  expect(isLinking(`${PATH}/linking.vmx`)).toBe(true);
  expect(isLinking(`${ROOT}/student/student.vmx`)).toBe(false);
  expect(isLinking(`${ROOT}/my-pulumi-linking-1/a.vmx`)).toBe(false);
});

describe("a machine that is taken out of the inventory", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const busy = new VimCmdError("esxi1: a task is at work on it", "TaskInProgress");

  /** Takes it out with a command that ends so each time, the last for all further ones, and works at that one. */
  async function unregister(ends: readonly (Error | undefined)[], works = Number.POSITIVE_INFINITY) {
    const asked: unknown[] = [];
    let [tries, forgotten, took] = [0, 0, 0];
    const commands = {
      unregister: async (moid: string) => {
        asked.push(moid);
        took = performance.now() - began;
        const end = ends[Math.min(tries++, ends.length - 1)];
        if (end) throw end;
      },
    };
    const vms = {
      forget: () => forgotten++,
      these: async ([ref]: readonly ManagedObjectReference[]) => {
        if (forgotten !== tries) throw new Error("What was known is not forgotten.");
        if (ref?.type !== "VirtualMachine") throw new Error("That is no machine.");
        return new Map(tries < works ? [[ref.value, {}]] : []);
      },
    };
    const began = performance.now();
    const ended = unregisterSurely(
      { name: "esxi1", vms } as unknown as EsxiHost,
      commands as unknown as EsxiShell,
      "7",
      signal,
    ).then(
      () => "out",
      (error: Error) => error,
    );
    await vi.runAllTimersAsync();
    expect(new Set(asked)).toEqual(new Set(["7"]));
    return { outcome: await ended, tries, took };
  }

  test("is out if the host has it no longer, whatever the command said", async () => {
    expect(await unregister([undefined], 1)).toEqual({ outcome: "out", tries: 1, took: 0 });
    for (const end of [busy, new SshLostError("lost")])
      expect(await unregister([end], 1)).toEqual({ outcome: "out", tries: 1, took: 0 });
  });

  test("is taken out again while the host is busy, or says that it was and still has it", async () => {
    expect(await unregister([busy, undefined, busy], 3)).toEqual({ outcome: "out", tries: 3, took: 1000 });
  });

  test("is told after ten seconds, with the host's words if there are any", async () => {
    expect(await unregister([busy])).toEqual({ outcome: busy, tries: 20, took: 9500 });
    const { outcome, tries } = await unregister([undefined]);
    expect([String(outcome), tries]).toEqual([
      "Error: esxi1 still has the machine 7 that was unregistered.",
      20,
    ]);
  });

  test("is told at once if the command could not be given", async () => {
    const lost = new SshLostError("lost");
    expect(await unregister([lost])).toEqual({ outcome: lost, tries: 1, took: 0 });
  });
});
