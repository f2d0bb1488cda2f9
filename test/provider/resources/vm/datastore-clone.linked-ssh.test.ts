/** Linked clones through the host's shell. */
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { takeSnapshot } from "../../../../provider/host/vm/vm-snapshots.ts";
import { CloneLab } from "../clone-lab.ts";
import { failure } from "../lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

const LINKED = { mode: "linked" };

/** The same host with a licence that lets the API only read. */
async function onFreeHost(): Promise<void> {
  await clones.lab.raw.restart({ license: "free" });
  await clones.lab.restart();
  clones.lab.raw.simulator.requests.clear();
}

const commands = (name: string) =>
  clones.lab.raw.simulator.requests
    .entries()
    .filter(({ method, target }) => `${method} ${target}`.includes(name)).length;

describe("a linked clone over SSH", () => {
  test("holds what differs from its source alone, and goes without a trace", async () => {
    const golden = await clones.golden();
    await onFreeHost();
    const { vms, files } = await clones.lab.raw.contents();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student 1", { ...LINKED, source: golden.id, memory: 256 });
    expect(clone.outs).toMatchObject({
      name: "student 1",
      mode: "linked",
      powerState: "poweredOn",
      memory: 256,
      clonedFrom: { name: "golden", instanceUuid: golden.id },
    });
    expect(await clones.lab.raw.rawDisk("student 1")).toBe(disk);
    const own = (await clones.lab.raw.contents()).files.filter(
      (file) => file.includes("student 1/") && file.includes(".vmdk"),
    );
    expect(own).toEqual([
      expect.stringContaining("student 1/student 1-sesparse.vmdk"),
      expect.stringContaining("student 1/student 1.vmdk"),
    ]);
    expect(await clones.diff(clone, { ...LINKED, source: golden.id, memory: 256 })).toMatchObject({
      changes: false,
    });
    await clones.delete(clone);
    expect(await clones.lab.raw.contents()).toMatchObject({ vms, files });
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
  });

  test("builds on the snapshot of a source to which nobody has written since", async () => {
    const golden = await clones.golden();
    const ref = { type: "VirtualMachine", value: clones.lab.raw.vm("golden").moid };
    const wish = { name: "frozen", description: "", memory: false, quiesce: false };
    await takeSnapshot(clones.lab.host, { ref, name: "golden" }, wish, {
      signal: new AbortController().signal,
    });
    await onFreeHost();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student", { ...LINKED, source: golden.id });
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    expect([commands("solo/registervm"), commands("snapshot.create")]).toEqual([1, 0]);
    await clones.delete(clone);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("many at once have the host make a child of the source's disks once", async () => {
    const golden = await clones.golden();
    await onFreeHost();
    const disk = await clones.lab.raw.rawDisk("golden");
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    const made = await Promise.all(
      names.map((name) => clones.create(name, { ...LINKED, source: golden.id })),
    );
    for (const name of names) expect(await clones.lab.raw.rawDisk(name)).toBe(disk);
    expect([commands("snapshot.create"), commands("solo/registervm")]).toEqual([1, names.length + 1]);
    const { message } = await failure(clones.lab.delete(golden));
    expect(message).toMatch(/build on those of "golden".*delete it/);
    await Promise.all(made.map((clone) => clones.delete(clone)));
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("keeps a source from being started or deleted that was made over SSH itself, and one of no inventory does so too", async () => {
    await clones.golden();
    await onFreeHost();
    const template = await clones.create("template", { powerOn: false });
    const linked = { ...LINKED, source: "template", powerOn: false };
    const clone = await clones.create("student", linked);
    const refusals = async () => {
      const starting = await failure(clones.update(template, { powerOn: true }));
      return [starting.message, (await failure(clones.delete(template))).message];
    };
    for (const message of await refusals()) expect(message).toMatch(/"student" build on those of "template"/);
    const shell = await shellOf(clones.lab.host).open();
    const { signal } = new AbortController();
    await shell.unregister(String(clone.outs.moid), signal);
    await clones.lab.restart();
    for (const message of await refusals())
      expect(message).toMatch(
        /not in its inventory need \[datastore1\] template\/template\.vmdk: .*student\/student\.vmx/,
      );
    await shell.register("/vmfs/volumes/datastore1/student/student.vmx", signal);
    await clones.lab.restart();
    await clones.delete(await clones.update(clone, linked));
    await clones.delete(template);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("leaves a file that somebody has put beside what the host made for it, and says so", async () => {
    const golden = await clones.golden();
    await onFreeHost();
    const { simulator } = clones.lab.raw;
    const strangers = async () =>
      (await clones.lab.raw.contents()).files.filter((file) => file.includes("pulumi-linking-"));
    let theirs = "";
    simulator.faults.add({
      method: "ssh.exec",
      entity: "snapshot.create",
      count: 1,
      action: "continue",
      onWork: async (moment) => {
        if (moment === "after") return;
        const [folder = ""] = await strangers();
        theirs = `${folder}notes.txt`;
        await writeFile(simulator.localFile(theirs), "somebody's");
      },
    });
    const clone = await clones.create("student", { ...LINKED, source: golden.id });
    expect(theirs).toMatch(/student\/pulumi-linking-\w+\/notes\.txt$/);
    expect(await strangers()).toEqual([theirs.replace("notes.txt", ""), theirs]);
    expect(clones.lab.texts("warn").join()).toMatch(
      /pulumi-linking-.* stays: somebody has put notes\.txt into it/,
    );
    await clones.delete(clone);
    expect(await readFile(simulator.localFile(theirs), "utf8")).toBe("somebody's");
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("goes on when the one fails that was to have them made", async () => {
    const golden = await clones.golden();
    await onFreeHost();
    const { simulator } = clones.lab.raw;
    simulator.faults.add({
      method: "ssh.exec",
      entity: "snapshot.create",
      count: 1,
      action: "disconnect",
    });
    const ended = await Promise.allSettled(
      ["one", "two"].map((name) => clones.create(name, { ...LINKED, source: golden.id })),
    );
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const { vms, files } = await clones.lab.raw.contents();
    expect(vms).toHaveLength(2);
    expect(files.filter((file) => /pulumi-(linking|creating)/.test(file))).toEqual([]);
  });
});
