import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apiWrites } from "../../../support/api-writes.ts";
import { CloneLab, GIVEN_MAC } from "../clone-lab.ts";
import { failure } from "../lab.ts";
import { editFiles } from "../raw-vmx.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

const writes = () => apiWrites(clones.lab.raw.simulator);

const ssh = { transport: "ssh" };

describe("a full clone over SSH", () => {
  test("is not moved: the preview says so, and an update before it shuts the machine down", async () => {
    await clones.golden();
    const clone = await clones.create("student", ssh);
    const moved = { ...ssh, folder: "elsewhere" };
    const refusals = [await failure(clones.diff(clone, moved)), await failure(clones.update(clone, moved))];
    for (const { message } of refusals) {
      expect(message).toMatch(/"student" \(\[datastore1\] student\/student.vmx\) cannot be moved over SSH/);
    }
    const { vmxPath, powerState } = clones.lab.raw.vm("student");
    expect({ vmxPath, powerState }).toEqual({ vmxPath: clone.outs.vmxPath, powerState: "poweredOn" });
    expect(writes()).toEqual(expect.not.arrayContaining(["RegisterVM_Task", "CopyVirtualDisk_Task"]));
  });

  test("does not get a MAC address that its source was given", async () => {
    await clones.golden({ networkInterfaces: [{ network: "VM Network", macAddress: GIVEN_MAC }] });
    await clones.create("student", ssh);
    expect(clones.macAddresses("student")).toEqual([expect.not.stringMatching(GIVEN_MAC)]);
  });

  test("has disks of its own with the same bytes, without one write through the API", async () => {
    const golden = await clones.golden();
    const disk = await clones.lab.raw.rawDisk("golden");
    const before = writes().length;
    const clone = await clones.create("student 1", { ...ssh, source: golden.id, memory: 256 });
    expect(await clones.lab.raw.rawDisk("student 1")).toBe(disk);
    expect(clone.outs).toMatchObject({ name: "student 1", powerState: "poweredOn", memory: 256 });
    expect(clone.outs.uuid).not.toBe(golden.outs.uuid);
    expect(clone.outs.macAddresses).not.toEqual(golden.outs.macAddresses);
    expect(writes().slice(before)).toEqual([]);
    const changed = await clones.update(clone, { ...ssh, source: golden.id, memory: 512, name: "renamed" });
    expect(changed.outs).toMatchObject({ memory: 512, name: "renamed", powerState: "poweredOn" });
    await clones.delete(changed);
    expect(writes().slice(before)).toEqual([]);
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
    await clones.lab.delete(golden);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: [], files: [] });
  });

  test("inherits nothing that this package remembers of its source", async () => {
    await clones.golden({ disks: [{ label: "data", size: 0.01 }], autoStart: { enabled: true, order: 1 } });
    await clones.create("student", { ...ssh, powerOn: false });
    const own = (name: string) =>
      (clones.lab.raw.vm(name).config.extraConfig ?? [])
        .map(({ key }) => key)
        .filter((key) => key.startsWith("pulumi-esxi-direct."));
    expect(own("golden").length).toBeGreaterThan(1);
    expect(own("student")).toEqual(["pulumi-esxi-direct.owner"]);
  });

  test("copies a running source from a snapshot, of which nothing stays", async () => {
    await clones.golden({ powerOn: true });
    const before = await clones.lab.raw.contents();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student", { ...ssh, poweredOnSource: "snapshot", powerOn: false });
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    await clones.delete(clone);
    expect(await clones.lab.raw.contents()).toEqual(before);
  });

  test("works with names that a shell would trip over", async () => {
    const golden = await clones.golden({ name: 'it\'s $(id) "x" 100% Prüfung' });
    for (const name of ["a'b", '$(touch x) "y"', "50% [z]", "Übung ".padEnd(80, "x")]) {
      const clone = await clones.create(name, { ...ssh, source: golden.outs.name });
      expect(clone.outs).toMatchObject({ name, powerState: "poweredOn" });
      await clones.delete(clone);
    }
    expect((await clones.lab.raw.contents()).vms).toHaveLength(1);
  });

  test("many at once share one connection", async () => {
    await clones.golden();
    const disk = await clones.lab.raw.rawDisk("golden");
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    const made = await Promise.all(names.map((name) => clones.create(name, ssh)));
    for (const name of names) expect(await clones.lab.raw.rawDisk(name)).toBe(disk);
    expect(new Set(made.map(({ outs }) => outs.uuid)).size).toBe(8);
    expect(clones.lab.raw.simulator.ssh?.connections()).toBe(1);
    await Promise.all(made.map((clone) => clones.delete(clone)));
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("is how a host with a free licence is cloned on, whoever chooses the way", async () => {
    const golden = await clones.golden();
    const disk = await clones.lab.raw.rawDisk("golden");
    await clones.lab.raw.restart({ license: "free" });
    await clones.lab.restart();
    const clone = await clones.create("student", { source: golden.id, annotation: "mine" });
    expect(clone.outs).toMatchObject({ powerState: "poweredOn", annotation: "mine" });
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    const changed = await clones.update(clone, { source: golden.id, powerOn: false, annotation: "yours" });
    expect(changed.outs).toMatchObject({ powerState: "poweredOff", annotation: "yours" });
    await clones.delete(changed);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
  });

  test("answers the question whether it was moved or copied by its words", async () => {
    await clones.golden();
    const clone = await clones.create("student", { ...ssh, powerOn: false });
    // What a machine has that stood in another folder when it ran last.
    const elsewhere = 'uuid.location = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 01"';
    await editFiles(clones.lab.raw, "student", { vmx: (text) => `${text.trimEnd()}\n${elsewhere}\n` });
    await clones.lab.restart();
    const before = clones.lab.raw.vm("student").uuid;
    const running = await clones.update(clone, ssh);
    expect(running.outs).toMatchObject({ powerState: "poweredOn" });
    expect(clones.lab.raw.vm("student").uuid).not.toBe(before);
    expect(clones.lab.raw.count("AnswerVM")).toBe(0);
  });
});
