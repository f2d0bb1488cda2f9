/** Files that are made to change by the host's shell: what they do, and what of a failure is told. The API has no part in it. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { FileControl } from "../../../../provider/host/datastore/file-control.ts";
import { HostError, TakenError } from "../../../../provider/host/host-error.ts";
import { PATIENCE } from "../../../../provider/host/shell/confirmed.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { sshFiles } from "../../../../provider/host/shell/ssh-files.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { ownFolder } from "../own-folder.ts";

const { signal } = new AbortController();
const usual = { ...PATIENCE };

let lab: Lab;
let control: FileControl;
let count = 0;
/** A folder of each test's own. */
let root = "";

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  control = sshFiles(lab.host, await shellOf(lab.host).open());
  await new Stranger(lab).vm("vm");
});

afterAll(() => lab.close());

beforeEach(async () => {
  Object.assign(PATIENCE, { afterSuccessMs: 1000, afterFailureMs: 0 });
  root = `[datastore1] test${count++}`;
  await mkdir(local(root));
});

afterEach(() => {
  Object.assign(PATIENCE, usual);
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

const { local, at, text, files, known, put } = ownFolder(() => ({ lab, root }));

/** Makes commands with that text fail, and counts those that come. */
function fails(entity: string, action: "disconnect" | "loseReply" | "continue" | string, times?: number) {
  const { faults, requests } = lab.raw.simulator;
  requests.clear();
  const isAction = action === "disconnect" || action === "loseReply" || action === "continue";
  faults.add({
    method: "ssh.exec",
    entity,
    ...(times !== undefined && { count: times }),
    action: isAction ? action : { status: 1, stderr: action },
  });
  return () => requests.entries().filter((request) => request.target.includes(entity)).length;
}

describe("a folder", () => {
  test("is made with those above it, once, and seen at once", async () => {
    expect(await known()).toEqual([]);
    expect(await control.makeFolder(at("a/b"), signal)).toBe(true);
    expect(await known()).toEqual(["a"]);
    const asked = fails("'mkdir'", "continue");
    expect(await control.makeFolder(at("a/b"), signal)).toBe(false);
    expect(asked()).toBe(0);
    expect(await files()).toEqual(["a/", "a/b/"]);
  });

  test("that is there since somebody looked is seen", async () => {
    expect(await known()).toEqual([]);
    await put("a/b");
    expect(await control.makeFolder(at("a"), signal)).toBe(false);
    expect(await known()).toEqual(["a"]);
  });

  test("that the host does not make is an error with its words", async () => {
    fails("'mkdir'", "mkdir: not today\n");
    const error = await failure(control.makeFolder(at("a"), signal));
    expect(error).toBeInstanceOf(HostError);
    expect(error.message).toMatch(/^esxi1: could not make the folder \[datastore1\] test\d+\/a: .*not today/);
    expect(await files()).toEqual([]);
  });

  test("goes with all that is in it", async () => {
    await put("a/b/c", "d");
    await control.deleteFile(at("a"), signal);
    expect(await files()).toEqual(["d"]);
  });
});

describe("a file", () => {
  test("goes, at once for those who look, and need not be there", async () => {
    await put("a");
    expect(await known()).toEqual(["a"]);
    await control.deleteFile(at("a"), signal);
    expect(await known()).toEqual([]);
    await control.deleteFile(at("a"), signal);
    expect(await files()).toEqual([]);
  });

  test("that the host refuses to delete is an error with its words, and stays", async () => {
    await put("a");
    const asked = fails("'rm'", "rm: can't remove 'a': Device or resource busy\n");
    expect((await failure(control.deleteFile(at("a"), signal))).message).toMatch(
      /^esxi1: could not delete \[datastore1\] test\d+\/a: .*resource busy/,
    );
    expect(asked()).toBe(1);
    expect(await files()).toEqual(["a"]);
  });

  test("that goes although no answer comes is gone", async () => {
    await put("a");
    const asked = fails("'rm'", "loseReply", 1);
    await control.deleteFile(at("a"), signal);
    // Nobody else can tell whether it has ended.
    expect(asked()).toBe(2);
    expect(await files()).toEqual([]);
  });

  test.each(["", "a/../..", "..", ".", "./a", "a//b", "a/./b", "a/."])(
    "with the path %j is nothing that is deleted, for a disk neither",
    async (path) => {
      const before = await lab.raw.contents();
      const asked = fails("", "continue");
      const place = { datastore: "datastore1", path };
      expect((await failure(control.deleteFile(place, signal))).message).toMatch(
        /^esxi1: \[datastore1\].* is nothing that may be deleted\.$/,
      );
      const disk = await failure(control.deleteDisk({ ...place, path: `${path}/x-flat.vmdk` }, signal));
      if (path !== "..") expect(disk.message).toContain("is nothing that may be deleted");
      expect(asked()).toBe(0);
      expect((await lab.raw.contents()).files).toEqual(before.files);
    },
  );

  test("is copied over one that is there, of the same size too, and seen at once", async () => {
    await put("a", "b", "long name");
    expect(await known()).toEqual(["a", "b", "long name"]);
    await control.copyFile(at("a"), at("b"), signal);
    await control.copyFile(at("a"), at("long name"), signal);
    await control.copyFile(at("a"), at("c"), signal);
    expect(await known()).toEqual(["a", "b", "c", "long name"]);
    expect([await text("a"), await text("b"), await text("c"), await text("long name")]).toEqual(
      Array(4).fill("a"),
    );
  });

  test("that could not be copied is not taken for copied because one of its size is there", async () => {
    await put("a", "b");
    fails("'cp'", "cp: not today\n");
    const error = await failure(control.copyFile(at("a"), at("b"), signal));
    expect(error.message).toMatch(/^esxi1: could not copy \[.*\/a to \[.*\/b: .*not today/);
    expect(await text("b")).toBe("b");
  });

  test("is copied again when the connection was lost", async () => {
    await put("a", "b");
    const asked = fails("'cp'", "disconnect", 1);
    await control.copyFile(at("a"), at("b"), signal);
    expect(asked()).toBe(2);
    expect(await text("b")).toBe("a");
  });

  test("that is half copied is told", async () => {
    await put("a long one");
    Object.assign(PATIENCE, { afterSuccessMs: 0 });
    lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "'cp'", action: { status: 0 } });
    await put("b");
    expect((await failure(control.copyFile(at("a long one"), at("b"), signal))).message).toMatch(
      /copy \[.*\/a long one to \[.*\/b ended well, but the host does not show/,
    );
    expect((await failure(control.copyFile(at("a long one"), at("c"), signal))).message).toContain(
      "does not show",
    );
  });

  test("that is not there is not copied", async () => {
    await put("b");
    expect((await failure(control.copyFile(at("a"), at("b"), signal))).message).toMatch(/could not copy/);
    expect((await failure(control.copyFile(at("a"), at("c"), signal))).message).toMatch(/could not copy/);
    expect(await files()).toEqual(["b"]);
  });

  test("is moved over one that is there only if it is to, and seen at once", async () => {
    await put("a", "b");
    expect(await known()).toEqual(["a", "b"]);
    const error = await failure(control.moveFile(at("a"), at("b"), false, signal));
    expect(error).toBeInstanceOf(TakenError);
    expect(error.message).toMatch(/could not move \[.*\/a to \[.*\/b: there is something of that name\.$/);
    expect([await text("a"), await text("b")]).toEqual(["a", "b"]);
    await control.moveFile(at("a"), at("b"), true, signal);
    expect(await known()).toEqual(["b"]);
    expect(await text("b")).toBe("a");
    await control.moveFile(at("b"), at("c"), false, signal);
    expect(await files()).toEqual(["c"]);
  });

  test("is never moved into a folder of that name", async () => {
    await put("a", "b/theirs");
    for (const force of [true, false])
      expect(await failure(control.moveFile(at("a"), at("b"), force, signal))).toBeInstanceOf(TakenError);
    expect(await files()).toEqual(["a", "b/", "b/theirs"]);
  });

  test("that is not there is not taken for moved because another one has the new name", async () => {
    await put("b");
    for (const force of [true, false]) {
      const error = await failure(control.moveFile(at("a"), at("b"), force, signal));
      expect(error.message).toMatch(/could not move \[.*\/a to \[.*\/b: there is nothing to move\.$/);
      expect(error).not.toBeInstanceOf(TakenError);
    }
    expect(await files()).toEqual(["b"]);
  });

  test("is moved although no answer says so, and once more when the connection was lost before", async () => {
    await put("a");
    const lost = fails("'mv'", "loseReply", 1);
    await control.moveFile(at("a"), at("b"), false, signal);
    expect(lost()).toBe(1);
    const never = fails("'mv'", "disconnect", 1);
    await control.moveFile(at("b"), at("c"), false, signal);
    expect(never()).toBe(2);
    await put("d");
    const over = fails("'mv'", "disconnect", 1);
    await control.moveFile(at("c"), at("d"), true, signal);
    expect(over()).toBe(2);
    expect(await files()).toEqual(["d"]);
    expect(await text("d")).toBe("a");
  });

  test("that the host does not move is an error with its words", async () => {
    await put("a");
    fails("'mv'", "mv: not today\n");
    expect((await failure(control.moveFile(at("a"), at("b"), false, signal))).message).toMatch(
      /^esxi1: could not move \[.*\/a to \[.*\/b: .*not today/,
    );
    expect(await files()).toEqual(["a"]);
  });
});

describe("a disk", () => {
  const remove = (name: string) => control.deleteDisk(at(name), signal);

  test("goes with its extents, by the host's tool for disks, and is gone for those who look", async () => {
    await new Stranger(lab).copyDisk("[datastore1] vm/vm.vmdk", `${root}/a.vmdk`);
    await put("b.vmdk");
    expect(await known()).toEqual(["a.vmdk", "b.vmdk"]);
    const asked = fails("'-U'", "continue");
    await remove("a.vmdk");
    expect(asked()).toBe(1);
    expect(await known()).toEqual(["b.vmdk"]);
    expect(await files()).toEqual(["b.vmdk"]);
  });

  test("that is none for the host goes as the file that it is, with the extent of its name alone", async () => {
    await put("a.vmdk", "a-flat.vmdk", "b-flat.vmdk", "a.vmdk.txt", "a.vmdk-flat.vmdk.txt");
    await remove("a.vmdk");
    expect(await files()).toEqual(["a.vmdk-flat.vmdk.txt", "a.vmdk.txt", "b-flat.vmdk"]);
    await remove("a.vmdk");
    await put("x.vmdk/y.vmdk", "x.vmdk/y-flat.vmdk");
    await remove("x.vmdk/y.vmdk");
    expect(await files()).toEqual(["a.vmdk-flat.vmdk.txt", "a.vmdk.txt", "b-flat.vmdk", "x.vmdk/"]);
  });

  test.each(["x-flat.vmdk", "x-delta.vmdk", "x-sesparse.vmdk"])("%s goes as a file", async (name) => {
    await put(name, `${name}.txt`);
    const asked = fails("'-U'", "continue");
    await remove(name);
    expect(await files()).toEqual([`${name}.txt`]);
    expect(asked()).toBe(0);
  });

  test("whose name only looks like an extent's goes by the tool", async () => {
    await put("x-flat.vmdk.vmdk");
    const asked = fails("'-U'", "continue");
    await remove("x-flat.vmdk.vmdk");
    expect(asked()).toBe(1);
    expect(await files()).toEqual([]);
  });

  test.each([
    ["somebody has open", "Failed to delete virtual disk: Failed to lock the file (16392).\n"],
    ["may be gone already, for all that is known", "disconnect"],
  ] as const)("that %s stays", async (_, action) => {
    await put("a.vmdk", "a-flat.vmdk");
    fails("'-U'", action);
    const error = await failure(remove("a.vmdk"));
    expect(error.message).toMatch(action === "disconnect" ? /lost/ : /lock/);
    expect(await files()).toEqual(["a-flat.vmdk", "a.vmdk"]);
  });

  test.each(["a.vmdk", "a-flat.vmdk", "a-delta.vmdk"])(
    "that the host does not delete is an error with its words, also for what no list shows: %s",
    async (name) => {
      await put(name);
      fails("'rm'", "rm: not today\n");
      for (const removed of [remove, () => control.deleteFile(at(name), signal)])
        expect((await failure(removed(name))).message).toMatch(
          /^esxi1: could not delete \[.*\.vmdk: .*not today/,
        );
      expect(await files()).toEqual([name]);
    },
  );

  test("whose descriptor goes and whose extent does not is an error", async () => {
    await put("a.vmdk", "a-flat.vmdk");
    lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'rm'",
      onWork: async (moment) => {
        if (moment === "before") await rm(local(`${root}/a.vmdk`), { force: true });
      },
      action: { status: 1, stderr: "rm: can't remove 'a-flat.vmdk': Device or resource busy\n" },
    });
    expect((await failure(remove("a.vmdk"))).message).toContain("resource busy");
    expect(await files()).toEqual(["a-flat.vmdk"]);
  });
});

describe("bytes on their way", () => {
  /** How often an upload looks whether the host still takes something. */
  const CLOCK_MS = 5_000;

  async function* stream(...chunks: readonly string[]) {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const send = (body: AsyncIterable<Uint8Array>, bytes: number, by = signal) =>
    control.send({ what: "a to esxi1", target: at("a"), body, bytes, signal: by });

  test("come over what was there, and are seen at once", async () => {
    expect(await known()).toEqual([]);
    await send(stream("ab", "cd"), 4);
    expect(await known()).toEqual(["a"]);
    expect(await text("a")).toBe("abcd");
    await send(stream("e"), 1);
    expect(await text("a")).toBe("e");
  });

  test("that the host shows to be fewer are an error", async () => {
    lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'ls' '-ln'",
      action: { status: 0, stdout: "-rw-------    1 0        0            4 Nov 29 10:00 /path\n" },
      onWork: async (moment) => {
        if (moment === "before") await writeFile(local(`${root}/a`), "abc");
      },
    });
    expect((await failure(send(stream("ab", "cd"), 4))).message).toBe(
      "Sending a to esxi1: the host shows 3 bytes of 4.",
    );
  });

  test("fail with what the source fails with, and with the reason of a run that is to end", async () => {
    const wrong = new Error("no more");
    async function* broken() {
      yield Buffer.from("ab");
      throw wrong;
    }
    expect(await failure(send(broken(), 4))).toBe(wrong);
    const stop = new AbortController();
    const reason = new Error("^C");
    async function* stopped() {
      yield Buffer.from("ab");
      stop.abort(reason);
      throw wrong;
    }
    expect(await failure(send(stopped(), 4, stop.signal))).toBe(reason);
  });

  test.each([
    [
      "cat: write error: No space left on device\n",
      "No space left on device. Make room on the datastore, or use another one.",
    ],
    ["cat: can't create '/x': Read-only file system\n", "Read-only file system."],
    ["", "ended with status 1."],
  ])("that the host refuses are an error with its words and what to do: %j", async (stderr, end) => {
    fails("/a'", stderr);
    const error = await failure(send(stream("ab", "cd"), 4));
    expect(error).toBeInstanceOf(HostError);
    expect(error.cause).toBeDefined();
    expect(error.message).toMatch(/^Sending a to esxi1 failed after 0\.0 of 0\.0 MB: \S/);
    expect(error.message.endsWith(end), error.message).toBe(true);
    expect(error.message).not.toContain("\n");
  });

  test("whose connection was lost are told as lost", async () => {
    fails("/a'", "disconnect");
    expect(await failure(send(stream("ab", "cd"), 4))).toBeInstanceOf(SshLostError);
  });

  test("leave no clock behind, however they end", async () => {
    const set = vi.spyOn(globalThis, "setInterval");
    const cleared = vi.spyOn(globalThis, "clearInterval");
    await send(stream("a"), 1);
    await failure(send(stream("a"), 2));
    const clocks = set.mock.results.flatMap(({ value }, call) =>
      set.mock.calls[call]?.[1] === CLOCK_MS ? [value] : [],
    );
    expect(clocks.length).toBe(2);
    expect(cleared.mock.calls.map(([clock]) => clock)).toEqual(expect.arrayContaining(clocks));
  });
});
