/** Each test ends with a look at the raw host's snapshots and disks. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";

let lab: Lab;
let snapshot: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  snapshot = new Managed(lab, "VmSnapshot", vmSnapshot);
});

afterEach(() => lab.close());

const WISH = { vm: "vm", name: "clean", description: "before the course" };

/** A finished snapshot's mark at the end of its description; an unfinished one has that of its URN alone. */
const MARK = /(?:(?<=: )|(?<!:) )\[pulumi-esxi-direct (?!e673ebe220824cc8)[\da-f]{16}\]$/;

/** Name and description of each snapshot without its mark, by the `.vmsd` beside the machine. */
const onHost = async () => (await lab.raw.snapshots("vm")).map((text) => text.replace(MARK, ""));

const deltas = async () =>
  (await lab.raw.contents()).files.filter((file) => /-\d{6}\.vmdk$/.test(file)).length;

test("a snapshot is taken, and removed without what came after it", async () => {
  const { id: instanceUuid } = await lab.create({ powerOn: false });
  const state = await snapshot.create(WISH);
  expect(state.id).toMatch(new RegExp(`^${instanceUuid}/\\d+$`));
  expect(state.outs).toMatchObject({
    ...WISH,
    vmName: "vm",
    vmInstanceUuid: instanceUuid,
    snapshotMoid: `${lab.raw.vm("vm").moid}-snapshot-1`,
    createTime: expect.stringMatching(/^\d{4}-/),
    hostUuid: lab.raw.simulator.hostUuid,
    __phase: "done",
  });
  expect(await onHost()).toEqual(["clean: before the course"]);
  expect(await snapshot.diff(state, WISH)).toMatchObject({ changes: false });
  expect(await snapshot.diff(state, { ...WISH, vm: instanceUuid })).toMatchObject({ changes: false });

  const later = new Managed(lab, "VmSnapshot", vmSnapshot, "later");
  await later.create({ vm: instanceUuid, name: "later", description: "" });
  expect(await deltas()).toBe(2);
  await snapshot.delete(state);
  await snapshot.delete(state);
  expect(await onHost()).toEqual(["later: "]);
  expect(await deltas()).toBe(1);
});

test("a running machine's memory is kept if that is asked for", async () => {
  await lab.create();
  await snapshot.create({ ...WISH, memory: true });
  const { readFile } = await import("node:fs/promises");
  const file = lab.raw.simulator.localFile(lab.raw.vm("vm").vmxPath.replace(/\.vmx$/, ".vmsd"));
  expect(await readFile(file, "utf8")).toContain('snapshot0.type = "1"');
});

test("name and description change in place; how it was taken, and of what, replaces", async () => {
  await lab.create({ powerOn: false });
  const state = await snapshot.create(WISH);
  const wish = { vm: "vm", name: "fresh", description: "other words" };
  expect(await snapshot.diff(state, wish)).toMatchObject({ changes: true, replaces: [] });
  expect(lab.texts("info")).toEqual([
    "update in place: name clean → fresh, description before the course → other words",
  ]);
  const after = await snapshot.update(state, wish);
  expect(after.outs).toMatchObject({ name: "fresh", description: "other words" });
  expect(await onHost()).toEqual(["fresh: other words"]);
  expect(await snapshot.diff(after, { ...wish, memory: true })).toMatchObject({ replaces: ["memory"] });
  expect(await snapshot.diff(after, { ...wish, vm: "other" })).toMatchObject({ replaces: ["vm"] });
});

test("a refresh sees that somebody renamed or removed it", async () => {
  const { id } = await lab.create({ powerOn: false });
  const state = await snapshot.create(WISH);
  const vm = { type: "VirtualMachineSnapshot", value: String(state.outs.snapshotMoid) };
  await lab.host.client.call(vm, "RenameSnapshot", { name: "theirs" });
  expect((await snapshot.read(state))?.outs).toMatchObject({
    name: "theirs",
    description: "before the course",
  });
  await lab.host.task(() => lab.host.client.call(vm, "RemoveSnapshot_Task", { removeChildren: false }), {
    signal: new AbortController().signal,
  });
  expect(await snapshot.read(state)).toBeUndefined();
  expect(lab.raw.vm("vm").instanceUuid).toBe(id);
  expect(await onHost()).toEqual([]);
});

test("snapshots of many machines are refreshed in two calls at most", async () => {
  await lab.create({ powerOn: false });
  const states = [await snapshot.create(WISH)];
  for (const name of ["b", "c"]) {
    const one = new Managed(lab, "VmSnapshot", vmSnapshot, name);
    states.push(await one.create({ vm: "vm", name }));
  }
  lab.raw.simulator.requests.clear();
  await Promise.all(states.map((state) => snapshot.read(state)));
  expect(lab.raw.count("RetrievePropertiesEx")).toBeLessThanOrEqual(2);
});

test("a snapshot of that name that is there already is left alone, unless it is to be adopted", async () => {
  await lab.create({ powerOn: false });
  await snapshot.create(WISH);
  const other = new Managed(lab, "VmSnapshot", vmSnapshot, "other");
  const refused = await failure(other.create(WISH));
  expect(refused.message).toContain('esxi1 has the snapshot "clean" of "vm" already, and it is left alone.');
  const differs = await failure(other.create({ ...WISH, adopt: true, description: "mine" }));
  expect(differs.message).toContain("description before the course → mine");
  const adopted = await other.create({ ...WISH, adopt: true });
  expect(adopted.outs).toMatchObject({ name: "clean", vmName: "vm" });
  expect(await onHost()).toEqual(["clean: before the course"]);
});

test("a snapshot is not removed while linked clones build on the machine's disks", async () => {
  await lab.create({ powerOn: false });
  const state = await snapshot.create(WISH);
  const clones = new Managed(lab, "DatastoreClone", datastoreClone, "clone");
  const clone = await clones.create({ name: "clone", source: "vm", mode: "linked", powerOn: false });
  const error = await failure(snapshot.delete(state));
  expect(error.message).toContain('the disks of "clone" build on those of "vm"');
  expect(await onHost()).toEqual(["clean: before the course"]);
  await clones.delete(clone);
  await snapshot.delete(state);
  expect(await onHost()).toEqual([]);
});

test("a machine with a snapshot is still updated, and a deleted machine takes its snapshot along", async () => {
  const vm = await lab.create({ powerOn: false, memory: 128 });
  const state = await snapshot.create(WISH);
  await lab.update(vm, { powerOn: false, memory: 256, annotation: "changed" });
  expect(await onHost()).toEqual(["clean: before the course"]);
  await lab.delete(vm);
  await snapshot.delete(state);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test.each([
  ["while it is taken", { method: "CreateSnapshot_Task", action: "loseReply" }],
  ["before it is known", { method: "RenameSnapshot", action: "hang" }],
] as const)("a run that is killed %s is made good by the next, with one snapshot", async (_when, rule) => {
  await lab.create({ powerOn: false });
  let goOn = () => {};
  const killed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  // The host is still at it when the run is killed: else the run would find what it has made.
  lab.raw.simulator.faults.add(rule.action === "loseReply" ? { ...rule, onTask: () => killed } : rule);
  const dying = new AbortController();
  const run = failure(snapshot.create(WISH, lab.context(dying.signal)));
  await expect.poll(() => lab.raw.count(rule.method)).toBeGreaterThan(0);
  dying.abort(new Error("killed"));
  await run;
  lab.raw.simulator.faults.clear();
  goOn();
  await lab.restart();
  const state = await snapshot.create(WISH);
  expect(state.outs).toMatchObject({ __phase: "done", description: "before the course" });
  expect(await onHost()).toEqual(["clean: before the course"]);
});

/** Takes a snapshot as somebody does in the host's client. @returns a function that gives it another name. */
async function takenByHand(moid: string, name: string): Promise<(name: string) => Promise<unknown>> {
  const { client } = lab.host;
  const vm = { type: "VirtualMachine", value: moid };
  const wish = { name, description: "by hand", memory: false, quiesce: false };
  const ref = await lab.host.task<ManagedObjectReference>(
    () => client.call(vm, "CreateSnapshot_Task", wish),
    { signal: new AbortController().signal },
  );
  return (another) =>
    lab.host.client.call(ref as ManagedObjectReference, "RenameSnapshot", { name: another });
}

test("of several snapshots of one name none is adopted", async () => {
  const { outs } = await lab.create({ powerOn: false });
  for (let count = 0; count < 2; count++) await takenByHand(String(outs.moid), "clean");
  const wish = { ...WISH, description: "by hand", adopt: true };
  expect((await failure(snapshot.create(wish))).message).toContain('"vm" has several snapshots "clean"');
  expect(await onHost()).toEqual(["clean: by hand", "clean: by hand"]);
});

test("a run that follows a killed one goes on with its own snapshot, not with somebody's of the same name", async () => {
  const { outs } = await lab.create({ powerOn: false });
  const rename = await takenByHand(String(outs.moid), "another");
  lab.raw.simulator.faults.add({ method: "RenameSnapshot", count: 1, action: "hang" });
  const dying = new AbortController();
  const run = failure(snapshot.create(WISH, lab.context(dying.signal)));
  await expect.poll(() => lab.raw.count("RenameSnapshot")).toBe(1);
  dying.abort(new Error("killed"));
  await run;
  await rename("clean");
  const state = await snapshot.create(WISH);
  expect(await onHost()).toEqual(["clean: by hand", "clean: before the course"]);
  await snapshot.delete(state);
  expect(await onHost()).toEqual(["clean: by hand"]);
});

test("a failure half-way is kept in state, and the next run goes on", async () => {
  await lab.create({ powerOn: false });
  lab.raw.simulator.faults.add({ method: "RenameSnapshot", count: 1, action: { fault: "NoPermission" } });
  const wish = { vm: "vm", name: "clean" };
  const inputs = await snapshot.inputs(wish);
  const state = await snapshot.unfinished(snapshot.lifecycle.create(inputs, lab.context()), inputs);
  expect((await snapshot.read(state))?.outs).toMatchObject({ description: "", __phase: "unfinished" });
  const done = await snapshot.update(state, wish);
  expect(done.outs).toMatchObject({ __phase: "done", description: "" });
  expect(await onHost()).toEqual(["clean: "]);
});

test("a machine that the host does not have, and wrong settings, are refused", async () => {
  await lab.create({ powerOn: false });
  expect((await failure(snapshot.create({ ...WISH, vm: "wm" }))).message).toContain(
    'esxi1 has no virtual machine named "wm"',
  );
  const { failures } = await snapshot.check({ name: "x".repeat(81), vm: "", memory: "yes" });
  expect(failures.map(({ property }) => property).sort()).toEqual(["memory", "name", "vm"]);
  expect(await onHost()).toEqual([]);
});

test("a create that cannot look at the snapshot which it has taken leaves none", async () => {
  await lab.create({ powerOn: false });
  lab.raw.simulator.faults.add({
    method: "CreateSnapshot_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => {
      if (moment !== "after") return;
      const call = lab.host.client.call.bind(lab.host.client);
      const broken: typeof call = (self, method, params, options) => {
        const isLook =
          method === "RetrievePropertiesEx" && JSON.stringify(params).includes("config.instanceUuid");
        if (isLook) return Promise.reject(new Error("the host stumbles"));
        return call(self, method, params, options);
      };
      lab.host.client.call = broken;
    },
  });
  expect((await failure(snapshot.create(WISH))).message).toBe("the host stumbles");
  expect(await onHost()).toEqual([]);
  expect(await deltas()).toBe(0);
});
