/** The host's own calls for files: what they do, what is asked for once more, and what of their faults is told. */
import { mkdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { apiFiles } from "../../../../provider/host/datastore/api-files.ts";
import {
  copyFile,
  deleteDisk,
  deleteFile,
  makeFolder,
  moveFile,
} from "../../../../provider/host/datastore/datastore-files.ts";
import { placeFolder } from "../../../../provider/host/datastore/place-folder.ts";
import { isTaken } from "../../../../provider/host/lost-answer.ts";
import { readFolderMark } from "../../../../provider/host/marks/file-marks.ts";
import { TransportError } from "../../../../provider/vim/soap/transport-error.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { ownFolder } from "../own-folder.ts";

const { signal } = new AbortController();
const GIB = 1024 ** 3;

let lab: Lab;
let count = 0;
/** A folder of each test's own. */
let root = "";

beforeAll(async () => {
  const datastores = ["datastore1", "share"].map((name) => ({ name, capacityBytes: GIB }));
  lab = await Lab.open({ datastores });
  await new Stranger(lab).vm("vm");
});

afterAll(() => lab.close());

beforeEach(async () => {
  root = `[datastore1] test${count++}`;
  await mkdir(local(root));
});

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

const { local, at, text, files, known, put } = ownFolder(() => ({ lab, root }));

/** Makes requests of that method fail, and counts those that come. */
function fails(rule: FaultRule): () => number {
  lab.raw.simulator.requests.clear();
  lab.raw.simulator.faults.add(rule);
  return () => lab.raw.simulator.requests.entries().filter(({ method }) => method === rule.method).length;
}

const FAULT = { fault: "SystemError", message: "not now", properties: { reason: "a test" } };

describe("a folder", () => {
  test("is made with those above it, once, and seen at once", async () => {
    expect(await known()).toEqual([]);
    expect(await makeFolder(lab.host, at("a/b"), signal)).toBe(true);
    expect(await known()).toEqual(["a"]);
    expect(await makeFolder(lab.host, at("a/b"), signal)).toBe(false);
    expect(await files()).toEqual(["a/", "a/b/"]);
  });

  test("is not made by a run that has ended", async () => {
    const reason = new Error("^C");
    expect(await failure(makeFolder(lab.host, at("a"), AbortSignal.abort(reason)))).toBe(reason);
    expect(await files()).toEqual([]);
  });

  test("that the host does not make is an error", async () => {
    fails({ method: "MakeDirectory", action: FAULT });
    expect((await failure(makeFolder(lab.host, at("a"), signal))).message).toContain("not now");
  });

  test("is not made at a host without a manager of files", async () => {
    const facts = await lab.host.facts();
    const content = { ...facts.content, fileManager: undefined };
    vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, content });
    expect((await failure(makeFolder(lab.host, at("a"), signal))).message).toContain(
      "no access to the files",
    );
  });
});

describe("a file", () => {
  const remove = (name = "a", by = signal) => deleteFile(lab.host, `${root}/${name}`, by);

  test("goes, at once for those who look, and need not be there", async () => {
    await put("a");
    expect(await known()).toEqual(["a"]);
    await remove();
    expect(await known()).toEqual([]);
    await remove();
    expect(await files()).toEqual([]);
  });

  test("that the host refuses to delete is asked for once", async () => {
    await put("a");
    const asked = fails({ method: "DeleteDatastoreFile_Task", action: FAULT });
    expect((await failure(remove())).message).toContain("not now");
    expect(asked()).toBe(1);
  });

  test.each([
    [1, ["disconnect"], []],
    [2, ["disconnect", "disconnect"], ["a"]],
  ] as const)("is asked for once more if no answer came, %i times", async (times, _, left) => {
    await put("a");
    const asked = fails({ method: "DeleteDatastoreFile_Task", count: times, action: "disconnect" });
    const deleted = remove();
    if (times === 1) await deleted;
    else await failure(deleted);
    expect(asked()).toBe(2);
    expect(await files()).toEqual(left);
  });

  test("is asked for once by a run that is to end, and of a host that is silent", async () => {
    await put("a");
    const stop = new AbortController();
    const asked = fails({
      method: "DeleteDatastoreFile_Task",
      action: "disconnect",
      onWork: () => stop.abort(new Error("^C")),
    });
    await failure(remove("a", stop.signal));
    expect(asked()).toBe(1);
    const silent = new TransportError("no answer", { host: "esxi1", requestSent: "unknown" });
    silent.isSilence = true;
    const task = vi.spyOn(lab.host, "task").mockRejectedValue(silent);
    expect(await failure(remove())).toBe(silent);
    expect(task).toHaveBeenCalledTimes(1);
  });

  test("on a datastore that is away is not taken for gone", async () => {
    lab.raw.simulator.behindBack.setAway("share", true);
    expect((await failure(deleteFile(lab.host, "[share] a", signal))).message).toMatch(
      /"share" of esxi1 is not .*not gone/,
    );
    lab.raw.simulator.behindBack.setAway("share", false);
    await deleteFile(lab.host, "[share] a", signal);
  });

  test("is copied over one that is there", async () => {
    await put("a", "b");
    await copyFile(lab.host, at("a"), at("b"), signal);
    expect([await text("a"), await text("b")]).toEqual(["a", "a"]);
  });

  test("is not waited for by a run that is to end while it is copied", async () => {
    await put("a");
    const stop = new AbortController();
    const reason = new Error("^C");
    const onTask = () => stop.abort(reason);
    fails({ method: "CopyDatastoreFile_Task", count: 1, action: "continue", onTask });
    expect(await failure(copyFile(lab.host, at("a"), at("b"), stop.signal))).toBe(reason);
  });

  test("is sent over one that is there, and seen at once", async () => {
    await put("b");
    expect(await known()).toEqual(["b"]);
    const send = async (name: string) => {
      const bytes = Buffer.from(`new ${name}`);
      const body = (async function* () {
        yield bytes;
      })();
      const file = { what: name, target: at(name), body, bytes: bytes.length, signal };
      await apiFiles(lab.host).send(file);
    };
    await send("a");
    expect(await known()).toEqual(["a", "b"]);
    await send("b");
    expect([await text("a"), await text("b")]).toEqual(["new a", "new b"]);
  });

  test("is moved over one that is there only if it is to, and seen at once", async () => {
    await put("a", "b");
    expect((await failure(moveFile(lab.host, at("a"), at("b"), false, signal))).message).toContain("exists");
    expect(await text("b")).toBe("b");
    expect(await known()).toEqual(["a", "b"]);
    await moveFile(lab.host, at("a"), at("b"), true, signal);
    expect(await known()).toEqual(["b"]);
    expect(await text("b")).toBe("a");
  });

  test("is moved although no answer says so, and not if both places have one, or none", async () => {
    await put("a");
    fails({ method: "MoveDatastoreFile_Task", count: 1, action: "loseReply" });
    await moveFile(lab.host, at("a"), at("b"), false, signal);
    expect(await files()).toEqual(["b"]);
    for (const there of [["a", "b"], ["a"]]) {
      await put(...there);
      fails({ method: "MoveDatastoreFile_Task", count: 1, action: "disconnect" });
      expect((await failure(moveFile(lab.host, at("a"), at("b"), false, signal))).message).toContain("esxi1");
      lab.raw.simulator.faults.clear();
    }
    fails({ method: "MoveDatastoreFile_Task", count: 1, action: "disconnect" });
    await failure(moveFile(lab.host, at("gone"), at("gone too"), false, signal));
    fails({ method: "MoveDatastoreFile_Task", count: 1, action: "disconnect" });
    await failure(moveFile(lab.host, at("no/a"), at("b"), false, signal));
  });
});

describe("a disk", () => {
  const remove = (name: string) => deleteDisk(lab.host, `${root}/${name}`, signal);

  test("goes with its extents, by the host's manager of disks", async () => {
    await new Stranger(lab).copyDisk("[datastore1] vm/vm.vmdk", `${root}/a.vmdk`);
    expect((await files()).sort()).toEqual(["a-flat.vmdk", "a.vmdk"]);
    const asked = fails({ method: "DeleteDatastoreFile_Task", action: FAULT });
    await remove("a.vmdk");
    expect(await files()).toEqual([]);
    expect(asked()).toBe(0);
  });

  test("that is none for the host goes as the file that it is, with the extent of its name alone", async () => {
    await put("a.vmdk", "a-flat.vmdk", "b-flat.vmdk", "a.vmdk.txt");
    await remove("a.vmdk");
    expect(await files()).toEqual(["a.vmdk.txt", "b-flat.vmdk"]);
    await remove("a.vmdk");
  });

  test.each(["x-flat.vmdk", "x-delta.vmdk", "x-sesparse.vmdk"])("%s goes as a file", async (name) => {
    await put(name, `${name}.txt`);
    const asked = fails({ method: "DeleteVirtualDisk_Task", action: "continue" });
    await remove(name);
    expect(await files()).toEqual([`${name}.txt`]);
    expect(asked()).toBe(0);
  });

  test("goes with its extents whatever stands in the middle of its name", async () => {
    await new Stranger(lab).copyDisk("[datastore1] vm/vm.vmdk", `${root}/x-flat.vmdk of b.vmdk`);
    await remove("x-flat.vmdk of b.vmdk");
    expect(await files()).toEqual([]);
  });

  test("goes as a file where the host has no manager of disks", async () => {
    await put("a.vmdk");
    const facts = await lab.host.facts();
    const content = { ...facts.content, virtualDiskManager: undefined };
    vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, content });
    await remove("a.vmdk");
    expect(await files()).toEqual([]);
  });

  test.each([
    ["is locked", { taskFault: "FileLocked", message: "somebody has it" }],
    ["may be gone already, for all that is known", "disconnect"],
  ] as const)("stays if it %s", async (_, action) => {
    await put("a.vmdk", "a-flat.vmdk");
    fails({ method: "DeleteVirtualDisk_Task", action });
    await failure(remove("a.vmdk"));
    expect(await files()).toEqual(["a-flat.vmdk", "a.vmdk"]);
  });
});

describe("a folder that is placed", () => {
  const claim = () => ({ place: at("iso"), urn: "urn", content: "" });
  const place = (by = signal) => placeFolder(lab.host, claim(), by);
  const isMarked = async () => (await readFolderMark(lab.host, claim().place, signal))?.urn === "urn";

  test("is there with its mark, and its staging folder says until the end whose it is", async () => {
    await place();
    expect(await isMarked()).toBe(true);
    expect((await files()).filter((file) => /^iso\.pulumi-esxi-direct-[^/]*\/$/.test(file))).toHaveLength(1);
  });

  test("is another's if somebody was faster, and stays as it is", async () => {
    await put("iso/theirs.txt");
    expect(await failure(place())).toSatisfy(isTaken);
    expect(await isMarked()).toBe(false);
    expect(await files()).toEqual(["iso/", "iso/theirs.txt"]);
    expect(await text("iso/theirs.txt")).toBe("iso/theirs.txt");
  });

  test("leaves nothing if it cannot be moved to its place, whatever else goes wrong then", async () => {
    fails({ method: "MoveDatastoreFile_Task", action: FAULT });
    expect((await failure(place())).message).toContain("not now");
    expect(await files()).toEqual([]);
    fails({ method: "DeleteDatastoreFile_Task", action: { ...FAULT, message: "not that either" } });
    expect((await failure(place())).message).toContain("not now");
  });

  test("is not begun by a run that is to end, and is told if it was made meanwhile", async () => {
    const reason = new Error("^C");
    expect(await failure(place(AbortSignal.abort(reason)))).toBe(reason);
    expect(await files()).toEqual([]);
    const stop = new AbortController();
    fails({ method: "MakeDirectory", action: "continue", onWork: () => stop.abort(reason) });
    await place(stop.signal);
    expect(await files()).toContain("iso/");
  });
});
