import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { previewed } from "../preview/previewed.ts";
import { writesByApi } from "../writes-by-api.ts";

let lab: Lab;
let snapshot: Managed;

const WISH = { vm: "vm", name: "clean", description: 'before "the course" | 100 %' };
const MARK = / ?\[pulumi-esxi-direct [\da-f]{16}\]$/;

/** Name and description of each snapshot without its mark, by the `.vmsd` beside the machine. */
const onHost = async () =>
  (await lab.raw.snapshots("vm")).map((text) =>
    text.replace(MARK, "").replaceAll("|22", '"').replaceAll("|7C", "|"),
  );

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  await lab.create({ powerOn: false });
  await lab.raw.restart({ license: "free", behaviour: { freeFolderWrites: "refused" } });
  await lab.restart();
  lab.raw.simulator.requests.clear();
  snapshot = new Managed(lab, "VmSnapshot", vmSnapshot);
});

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await lab.close();
});

test("on a free host a snapshot is taken, renamed while the machine is off, and removed without those after it", async () => {
  const state = await snapshot.create(WISH);
  expect(state.outs).toMatchObject({ ...WISH, vmName: "vm", __phase: "done" });
  expect(await onHost()).toEqual([`clean: ${WISH.description}`]);
  expect(await snapshot.diff(state, WISH)).toMatchObject({ changes: false });
  const later = new Managed(lab, "VmSnapshot", vmSnapshot, "later");
  const second = await later.create({ vm: "vm", name: "later" });

  const other = { ...WISH, name: "50 % done", description: "ünïcode" };
  const renamed = await snapshot.update(state, other);
  expect((await snapshot.read(renamed))?.outs).toMatchObject(other);
  expect(await onHost()).toEqual(["50 % done: ünïcode", "later:"]);
  await snapshot.delete(renamed);
  await snapshot.delete(renamed);
  expect(await onHost()).toEqual(["later:"]);
  await later.delete(second);
  expect(await onHost()).toEqual([]);
  expect((await lab.raw.contents()).files.filter((file) => /-draft|-\d{6}\.vmdk/.test(file))).toEqual([]);
});

test("a snapshot of a machine that runs is taken, with its memory; its name waits until the machine is off", async () => {
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid);
  const state = await snapshot.create({ ...WISH, memory: true });
  expect(await snapshot.diff(state, { ...WISH, memory: true })).toMatchObject({ changes: false });
  const before = { ...WISH, memory: true };
  const other = { ...before, name: "other" };
  const error = await failure(snapshot.update(state, other));
  const refusal = /could not rename the snapshot "clean" of "vm": over SSH the machine must be off for that/;
  expect(error.message).toMatch(refusal);
  const preview = (args: typeof other) => previewed(lab, { kind: "VmSnapshot", args, before });
  expect(await preview(other)).toEqual({ failures: [expect.stringMatching(refusal)], warnings: [] });
  expect(await preview({ ...before, description: "other" })).toMatchObject({ failures: [expect.anything()] });
  // A new one takes its place.
  expect(await preview({ ...other, memory: false })).toEqual({ failures: [], warnings: [] });
  // The same run changes the machine, and may power it off.
  const off = { name: "vm", ovaPath: tinyOva.path, powerOn: false };
  await previewed(lab, { kind: "OvaDeployment", args: off, before: { ...off, powerOn: true } });
  expect(await preview(other)).toEqual({ failures: [], warnings: [] });
  expect(await lab.raw.snapshots("vm")).toEqual([expect.stringMatching(/^clean: .* memory\]$/)]);
  await snapshot.delete(state);
  expect(await onHost()).toEqual([]);
});

test("a snapshot whose answer was lost, or whose run was killed, is not taken twice", async () => {
  lab.raw.simulator.faults.add({
    ...{ method: "ssh.exec", entity: "snapshot.create", count: 1, action: "loseReply" },
  });
  await snapshot.create(WISH);
  // The run ended before Pulumi could write down what it had made.
  lab.restartAfterKill();
  const state = await snapshot.create(WISH);
  expect(await onHost()).toEqual([`clean: ${WISH.description}`]);
  await snapshot.delete(state);
  expect(await onHost()).toEqual([]);
});

test("of two snapshots the one that is meant gets another name, and none does if the file does not list it", async () => {
  await snapshot.create(WISH);
  const later = new Managed(lab, "VmSnapshot", vmSnapshot, "later");
  const second = await later.create({ vm: "vm", name: "later" });
  const renamed = await later.update(second, { vm: "vm", name: "renamed", description: "new" });
  expect(await onHost()).toEqual([`clean: ${WISH.description}`, "renamed: new"]);
  const file = lab.raw.simulator.localFile(lab.raw.vm("vm").vmxPath.replace(/\.vmx$/, ".vmsd"));
  const broken = (await readFile(file, "utf8")).replace(/^snapshot1\.uid = .*$/m, 'snapshot1.uid = "77"');
  await writeFile(file, broken);
  const error = await failure(later.update(renamed, { vm: "vm", name: "again", description: "new" }));
  expect(error.message).toContain(".vmsd does not list it. Nothing was changed.");
  expect(await readFile(file, "utf8")).toBe(broken);
});

test("texts that the host may not have taken are put back as they were", async () => {
  const state = await snapshot.create(WISH);
  const { moid } = lab.raw.vm("vm");
  const { behindBack, faults } = lab.raw.simulator;
  faults.add({
    ...{ method: "ssh.exec", entity: "'vmsvc/reload'", count: 1, action: "continue" },
    onWork: (moment) =>
      void (
        moment === "after" && behindBack.setUnreadable(moid, { state: "inaccessible", tells: "everything" })
      ),
  });
  const error = await failure(snapshot.update(state, { ...WISH, name: "other" }));
  expect(error.message).toContain("inaccessible");
  behindBack.setUnreadable(moid, undefined);
  expect(await onHost()).toEqual([`clean: ${WISH.description}`]);
});
