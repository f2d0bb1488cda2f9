/** A machine with a disk on another datastore, while the host does not reach that one: the disk is not gone. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, Lab } from "./lab.ts";
import { Managed } from "./managed.ts";

const ISO = "[share] iso/tools.iso";
const GIB = 1024 ** 3;
const API = {};
const SSH = { license: "free", ssh: { listen: "127.0.0.1:0" } } as const;
const REFUSED =
  /esxi1: the disk .* of "a" is on a datastore that .*not possible to.*not gone, and nothing was changed/;

describe.each([
  ["that the host cannot access", "by the API", API, "away"],
  ["that the host cannot access", "over SSH", SSH, "away"],
  ["that the host does not list", "by the API", API, "unmounted"],
  ["that the host does not list", "over SSH", SSH, "unmounted"],
] as const)("on a datastore %s, %s,", (_state, _way, options, how) => {
  let lab: Lab;
  let vm: Managed;
  const wish = {
    name: "a",
    datastore: "local",
    powerOn: false,
    disks: [
      { label: "root", size: 0.0625 },
      { label: "data", size: 0.0625, datastore: "share", provisioning: "thin" },
    ],
    cdroms: [{ iso: ISO }],
  };

  beforeEach(async () => {
    const datastores = ["local", "share"].map((name) => ({ name, capacityBytes: GIB }));
    lab = await Lab.open({ datastores, ...options });
    const iso = lab.raw.simulator.localFile(ISO);
    await mkdir(dirname(iso));
    await writeFile(iso, "image");
    vm = new Managed(lab, "ScratchVm", scratchVm);
  });

  afterEach(() => lab.close());

  const vmxOfA = () => readFile(lab.raw.simulator.localFile("[local] a/a.vmx"), "utf8");

  async function setAway(away: boolean): Promise<void> {
    const { behindBack } = lab.raw.simulator;
    if (how === "away") behindBack.setAway("share", away);
    else await behindBack.setMounted("share", !away);
    await lab.restart();
  }

  test("a refresh keeps the disk, and a change of something else leaves it alone", async () => {
    const state = await vm.create(wish);
    await setAway(true);
    const read = await vm.read(state);
    expect(read?.outs).toMatchObject({ disks: wish.disks, cdroms: wish.cdroms });
    expect(await vm.diff(state, wish)).toMatchObject({ changes: false });
    const changed = await vm.update(state, { ...wish, memory: 512 });
    expect(changed.outs).toMatchObject({ memory: 512, disks: wish.disks, cdroms: wish.cdroms });
    await setAway(false);
    expect((await vm.read(changed))?.outs).toEqual(changed.outs);
    await vm.delete(changed);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: ["[share] iso/", ISO] });
  });

  test("what would change or delete the disk is refused, and nothing is changed", async () => {
    const state = await vm.create(wish);
    const before = await lab.raw.contents();
    const vmx = await vmxOfA();
    const [root, data] = wish.disks;
    await setAway(true);
    for (const disks of [
      [root],
      [root, { ...data, size: 0.125 }],
      [root, { ...data, mode: "independent_persistent" }],
    ])
      expect((await failure(vm.update(state, { ...wish, disks }))).message).toMatch(REFUSED);
    expect((await failure(vm.delete(state))).message).toMatch(REFUSED);
    await setAway(false);
    expect(await lab.raw.contents()).toMatchObject({ vms: before.vms, files: before.files });
    expect(await vmxOfA()).toBe(vmx);
    await vm.delete(state);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: ["[share] iso/", ISO] });
  });

  test("a disk that was attached may be taken out, and stays what it was", async () => {
    const donor = new Managed(lab, "ScratchVm", scratchVm, "donor");
    const kept = { label: "kept", size: 0.0625, datastore: "share", keepOnRemove: true };
    const given = await donor.create({ name: "donor", datastore: "local", powerOn: false, disks: [kept] });
    await donor.delete(given);
    const attach = "[share] donor/donor.vmdk";
    const [root] = wish.disks;
    const state = await vm.create({ ...wish, disks: [root, { label: "given", attach }] });
    await setAway(true);
    const without = await vm.update(state, { ...wish, disks: [root] });
    expect(without.outs).toMatchObject({ disks: [root] });
    await vm.delete(without);
    await setAway(false);
    expect(lab.raw.simulator.vms()).toEqual([]);
    expect((await lab.raw.contents()).files).toContain(attach);
  });
});
