/** Commands of a host's shell, as a host carries them out: files, folders, disks and machines. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import type { ExecOptions, SshExec } from "../../../../provider/ssh/exec.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const ROOT = "/vmfs/volumes/datastore1";
const { signal } = new AbortController();
const bytes = (text: string) => new TextEncoder().encode(text);

let lab: Lab;
let shell: EsxiShell;

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" }, behaviour: { lsNames: "masked" } });
  shell = await shellOf(lab.host).open();
});

afterAll(() => lab.close());

const local = (path: string) => lab.raw.simulator.localFile(`[datastore1] ${path}`);
const files = async () => (await lab.raw.contents()).files.map((file) => file.replace("[datastore1] ", ""));
const content = (path: string) => readFile(local(path), "utf8");

beforeEach(() => mkdir(local("a")));

afterEach(async () => {
  lab.raw.simulator.faults.clear();
  for (const { moid } of lab.raw.simulator.vms()) await lab.raw.simulator.behindBack.destroy(moid);
  for (const file of await files()) await rm(local(file), { recursive: true, force: true });
});

test("a folder is made once, below one that is there, or with all that are missing", async () => {
  await shell.makeFolder(`${ROOT}/a/b`, signal);
  for (const path of ["a/b", "c/d"])
    expect(await failure(shell.makeFolder(`${ROOT}/${path}`, signal))).toBeInstanceOf(CommandError);
  await shell.makeFolders(`${ROOT}/c/d`, signal);
  await shell.makeFolders(`${ROOT}/c/d`, signal);
  expect(await files()).toEqual(["a/", "a/b/", "c/", "c/d/"]);
});

test("a folder's names are listed as they are, with hidden ones, and no folder has none", async () => {
  await writeFile(local("a/.hidden"), "");
  await writeFile(local("a/why?"), "");
  expect(await shell.list(`${ROOT}/a`, signal)).toEqual([".hidden", "why?"]);
  await mkdir(local("a/b"));
  await writeFile(local("a/b/deep"), "");
  await writeFile(local("a/Übung.vmx"), "");
  expect((await shell.list(`${ROOT}/a`, signal))?.sort()).toEqual(
    [".hidden", "b", "why?", "Übung.vmx"].sort(),
  );
  expect(await shell.list(`${ROOT}/gone`, signal)).toBeUndefined();
  expect(await shell.list(`${ROOT}/a/b/deep`, signal)).toBeUndefined();
});

test("a look that fails is no look that found nothing", async () => {
  for (const action of [
    { status: 2, stderr: "not now\n" },
    { status: 127, stderr: "test: not found\n" },
  ] as const) {
    lab.raw.simulator.faults.clear();
    lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "'test'", action });
    expect((await failure(shell.list(`${ROOT}/a`, signal))).message).toContain(action.stderr.trim());
    expect((await failure(shell.readFile(`${ROOT}/gone`, signal))).message).toContain(action.stderr.trim());
  }
});

test("a file is written whole or in place, and read whole or in part", async () => {
  await shell.writeFile(`${ROOT}/a/whole`, bytes("whole"), signal);
  await shell.writeInPlace(`${ROOT}/a/place`, bytes("in place"), signal);
  await shell.upload(
    `${ROOT}/a/sent`,
    (async function* () {
      yield bytes("se");
      yield bytes("nt");
    })(),
    { bytes: 4, signal },
  );
  expect([await content("a/whole"), await content("a/place"), await content("a/sent")]).toEqual([
    "whole",
    "in place",
    "sent",
  ]);
  expect(await files()).toEqual(["a/", "a/place", "a/sent", "a/whole"]);
  const text = async (read: Promise<Uint8Array | undefined>) =>
    Buffer.from((await read) ?? "nothing").toString();
  expect(await text(shell.readFile(`${ROOT}/a/whole`, signal))).toBe("whole");
  expect(await text(shell.readHead(`${ROOT}/a/whole`, 3, signal))).toBe("who");
  expect(await text(shell.readHeadIfThere(`${ROOT}/a/whole`, 3, signal))).toBe("who");
  expect(await shell.readFile(`${ROOT}/a/gone`, signal)).toBeUndefined();
  expect(await shell.readHeadIfThere(`${ROOT}/a/gone`, 3, signal)).toBeUndefined();
  await shell.copyFile(`${ROOT}/a/whole`, `${ROOT}/a/copy`, signal);
  expect(await content("a/copy")).toBe("whole");
});

test("a file that is there and cannot be read is no file that is gone, nor is one of a lost connection", async () => {
  await writeFile(local("a/locked"), "");
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'cat'",
    count: 1,
    action: { status: 1, stderr: "busy\n" },
  });
  expect((await failure(shell.readFile(`${ROOT}/a/locked`, signal))).message).toContain("busy");
  lab.raw.simulator.faults.add({ method: "ssh.exec", count: 2, action: "disconnect" });
  await failure(shell.readFile(`${ROOT}/a/gone`, signal));
  lab.raw.simulator.faults.clear();
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "'head'", count: 1, action: "disconnect" });
  await failure(shell.readHeadIfThere(`${ROOT}/a/gone`, 3, signal));
});

test("a file is moved over another one, or only where nothing has its name", async () => {
  for (const name of ["a/from", "a/to", "b"]) await writeFile(local(name), name);
  expect(await shell.moveIfFree(`${ROOT}/a/from`, `${ROOT}/b`, signal)).toBe(false);
  // `mv` would put it into a folder of that name.
  expect(await shell.moveIfFree(`${ROOT}/b`, `${ROOT}/a`, signal)).toBe(false);
  expect([await content("a/from"), await content("b")]).toEqual(["a/from", "b"]);
  expect(await shell.moveIfFree(`${ROOT}/a/from`, `${ROOT}/a/new`, signal)).toBe(true);
  expect(await files()).toEqual(["a/", "a/new", "a/to", "b"]);
  await shell.move(`${ROOT}/a/new`, `${ROOT}/a/to`, signal);
  expect([await files(), await content("a/to")]).toEqual([["a/", "a/to", "b"], "a/from"]);
});

test("what is removed is what was named, and a folder only if nothing is in it", async () => {
  for (const name of ["a/one", "a/two", "a/three"]) await writeFile(local(name), "");
  lab.raw.simulator.requests.clear();
  await shell.removeFiles([], signal);
  expect(lab.raw.count("ssh.exec")).toBe(0);
  await shell.removeFiles([`${ROOT}/a/one`, `${ROOT}/a/gone`], signal);
  expect(await shell.removeFolder(`${ROOT}/a`, signal)).toBe(false);
  expect(await files()).toEqual(["a/", "a/three", "a/two"]);
  await shell.removeFiles([`${ROOT}/a/two`, `${ROOT}/a/three`], signal);
  expect([
    await shell.removeFolder(`${ROOT}/a`, signal),
    await shell.removeFolder(`${ROOT}/a`, signal),
  ]).toEqual([true, true]);
  await shell.makeFolders(`${ROOT}/a/b`, signal);
  await writeFile(local("c"), "");
  await shell.removeTree(`${ROOT}/a`, signal);
  await shell.removeTree(`${ROOT}/a`, signal);
  expect(await files()).toEqual(["c"]);
});

test("the name of a datastore is a link to its UUID", async () => {
  const real = await shell.realPath(ROOT, signal);
  expect(real).toMatch(/^\/vmfs\/volumes\/[0-9a-f-]{30,}$/);
  expect(await shell.list(real, signal)).toEqual(["a"]);
});

test("a machine's life", async () => {
  const stranger = new Stranger(lab);
  await stranger.vm("vm");
  await stranger.vm("theirs");
  const { moid } = lab.raw.vm("vm");
  await shell.createSnapshot(moid, "first", signal);
  await shell.createSnapshot(moid, "second", signal);
  const [first, second] = await shell.snapshots(moid, signal);
  expect([first?.name, second?.name]).toEqual(["first", "second"]);
  await shell.removeSnapshot(moid, first?.id ?? "", signal);
  expect(await lab.raw.snapshots("vm")).toEqual(["second: "]);
  await shell.reload(moid, signal);
  await shell.powerOn(moid, signal);
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  await shell.powerOff(moid, signal);
  expect(await shell.question(moid, signal)).toBeUndefined();
  const [listed] = (await shell.listVms(signal)).filter(({ name }) => name === "vm");
  await shell.unregister(listed?.vmid ?? "", signal);
  expect((await lab.raw.contents()).vms).toEqual(["theirs: poweredOff"]);
  const again = await shell.register(`${ROOT}/vm/vm.vmx`, signal);
  expect(lab.raw.vm("vm").moid).toBe(again);
  await shell.destroy(again, signal);
  expect([(await lab.raw.contents()).vms, (await files()).filter((file) => file.startsWith("vm/"))]).toEqual([
    ["theirs: poweredOff"],
    [],
  ]);
});

test("whatever a host is asked ends with its run", async () => {
  const ran: ExecOptions[] = [];
  const exec = vi.fn(async (_command: readonly string[], options: ExecOptions = {}) => {
    ran.push(options);
    return { stdout: "1", stderr: "", stdoutBytes: bytes("?") };
  });
  const ssh: SshExec = { host: "esxi1", exec };
  const told = new EsxiShell(ssh);
  const question = { id: "1", messageId: undefined, text: "", choices: [{ number: "0", label: "yes" }] };
  const stream = (async function* () {})();
  const works: ((at: AbortSignal) => Promise<unknown>)[] = [
    (at) => told.makeFolder("/a", at),
    (at) => told.list("/a", at),
    (at) => told.readTwice("/a", at),
    (at) => told.readHeadIfThere("/a", 1, at),
    (at) => told.writeFile("/a", bytes(""), at),
    (at) => told.writeInPlace("/a", bytes(""), at),
    (at) => told.upload("/a", stream, { bytes: 1, signal: at }).catch(() => {}),
    (at) => told.makeFolders("/a", at),
    (at) => told.move("/a", "/b", at),
    (at) => told.moveIfFree("/a", "/b", at),
    (at) => told.removeTree("/a", at),
    (at) => told.realPath("/a", at),
    (at) => told.copyFile("/a", "/b", at),
    (at) => told.removeFiles(["/a"], at),
    (at) => told.removeFolder("/a", at),
    (at) => told.cloneDisk("/a", "/b", "thin", { signal: at }),
    (at) => told.createDisk("/a", 1, "thin", at),
    (at) => told.renameDisk("/a", "/b", at),
    (at) => told.deleteDisk("/a", at),
    (at) => told.growDisk("/a", 1, at),
    (at) => told.extendDisk("1", 1, { bus: 0, unit: 0 }, at),
    (at) => told.listVms(at),
    (at) => told.register("/a", at),
    (at) => told.unregister("1", at),
    (at) => told.destroy("1", at),
    (at) => told.createSnapshot("1", "a", at),
    (at) => told.snapshots("1", at),
    (at) => told.removeSnapshot("1", "1", at),
    (at) => told.reload("1", at),
    (at) => told.powerOn("1", at),
    (at) => told.powerOff("1", at),
    (at) => told.shutDown("1", at),
    (at) => told.question("1", at),
    (at) => told.answer("1", question, /yes/, at),
    (at) => told.accepts("127.0.0.1", 1, 1, at),
    (at) => told.esxcli(["network"], at),
    (at) => told.vimCmd(["vmsvc"], at),
  ];
  for (const work of works) {
    const { signal: own } = new AbortController();
    ran.length = 0;
    await work(own);
    expect(ran.length, String(work)).toBeGreaterThan(0);
    for (const options of ran) expect(options.signal, String(work)).toBe(own);
  }
});
