/** Machines that the host lists and cannot read: a share is away, a .vmx file is damaged. They are not gone. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { getVm, getVms } from "../../../provider/resources/look-ups/reads.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { failure } from "./lab.ts";
import { Managed } from "./managed.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(async () => {
  await vms.lab.close();
});

type Why = Parameters<typeof vms.lab.raw.simulator.behindBack.setUnreadable>[1];

const hide = (name: string, why: Why = { state: "inaccessible" }) =>
  vms.lab.raw.simulator.behindBack.setUnreadable(vms.lab.raw.vm(name).moid, why);
const show = (name: string) =>
  vms.lab.raw.simulator.behindBack.setUnreadable(vms.lab.raw.vm(name).moid, undefined);

const SMALL: Properties = { powerOn: false, disks: [{ size: 0.125 }] };

describe.each([
  { state: "inaccessible" },
  { state: "inaccessible", tells: "path" },
  { state: "invalid" },
  { state: "invalid", tells: "nothing" },
  { state: "orphaned", tells: "path" },
] as const)("a machine of ours that is $state, of which the host tells $tells", (why) => {
  test("stays in state at a refresh, with a warning that says why", async () => {
    const vm = await vms.create("a", SMALL);
    hide("a", why);
    expect((await vms.read(vm))?.outs).toEqual(vm.outs);
    expect(vms.lab.texts("warn").join()).toMatch(
      new RegExp(`"a".*cannot read it now.*"${why.state}".*not gone`),
    );
    show("a");
    expect((await vms.read(vm))?.outs).toEqual(vm.outs);
  });

  test("is neither changed nor deleted, and both say why", async () => {
    const vm = await vms.create("a", SMALL);
    const before = await vms.lab.raw.contents();
    vms.lab.raw.simulator.requests.clear();
    hide("a", why);
    const errors = [await failure(vms.update(vm, { ...SMALL, memory: 512 })), await failure(vms.delete(vm))];
    await vms.lab.restart();
    errors.push(await failure(vms.delete(vm)));
    for (const { message } of errors)
      expect(message).toMatch(new RegExp(`"a".*"${why.state}".*nothing was changed`));
    expect((await vms.lab.raw.contents()).files).toEqual(before.files);
    expect(vms.lab.raw.count("ReconfigVM_Task") + vms.lab.raw.count("Destroy_Task")).toBe(0);
    show("a");
    await vms.delete(vm);
    expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  });

  test("does not come between others and their refresh or deletion", async () => {
    await vms.create("away", SMALL);
    const [other, gone] = [await vms.create("other", SMALL), await vms.create("gone", SMALL)];
    hide("away", why);
    await vms.lab.raw.simulator.behindBack.destroy(vms.lab.raw.vm("gone").moid);
    await vms.lab.restart();
    expect((await vms.read(other))?.outs).toEqual(other.outs);
    expect(await vms.read(gone)).toBeUndefined();
    await vms.delete(gone);
  });
});

test("what state of an early release means may be a machine that cannot be read, and stays", async () => {
  const { outs, ...vm } = await vms.create("a", SMALL);
  const { moid: _moid, vmxPath: _path, ...early } = outs;
  hide("a", { state: "inaccessible", tells: "nothing" });
  expect((await vms.read({ ...vm, outs: early }))?.outs).toEqual(early);
  expect((await failure(vms.delete({ ...vm, outs: early }))).message).toMatch(/not gone/);
  expect((await vms.lab.raw.contents()).vms).toHaveLength(1);
});

test("a new machine does not take the name of one that cannot be read", async () => {
  await vms.create("a", SMALL);
  hide("a");
  await vms.lab.restart();
  expect((await failure(vms.create("a", SMALL))).message).toMatch(
    /named "a" already.*left alone.*"inaccessible"/,
  );
});

test("one that cannot be read is not adopted, and one that cannot be found may be it", async () => {
  await vms.create("a", SMALL);
  hide("a");
  const adopt = async (by: Properties) => {
    const { failures } = await vms.check("a", { ...SMALL, adopt: by });
    return failures.map(({ reason }) => reason).join();
  };
  expect(await adopt({ name: "a" })).toMatch(/"a".*"inaccessible".*nothing was changed/);
  hide("a", { state: "inaccessible", tells: "nothing" });
  expect(await adopt({ name: "a" })).toMatch(/no machine named "a" to adopt.*may be one of those that/s);
  show("a");
  const vmxPath = vms.lab.raw.vm("a").vmxPath;
  expect((await vms.create("a", { ...SMALL, memory: 1024, adopt: { vmxPath } })).outs.vmxPath).toBe(vmxPath);
});

test("one that cannot be read is not cloned", async () => {
  await vms.create("golden", SMALL);
  hide("golden");
  const clones = new Managed(vms.lab, "DatastoreClone", datastoreClone);
  for (const source of ["golden", vms.lab.raw.vm("golden").vmxPath, vms.lab.raw.vm("golden").instanceUuid]) {
    expect((await failure(clones.create({ name: "copy", source, powerOn: false }))).message).toMatch(
      /"golden".*"inaccessible"/,
    );
  }
  expect((await vms.lab.raw.contents()).vms).toHaveLength(1);
});

test("snapshots of one that cannot be read stay in state, and are neither renamed nor removed", async () => {
  await vms.create("a", SMALL);
  const snapshots = new Managed(vms.lab, "VmSnapshot", vmSnapshot);
  const taken = await snapshots.create({ name: "before", vm: "a" });
  hide("a");
  expect((await snapshots.read(taken))?.outs).toEqual(taken.outs);
  expect(vms.lab.texts("warn").join()).toMatch(/"a".*"inaccessible"/);
  const changes = [() => snapshots.update(taken, { name: "x", vm: "a" }), () => snapshots.delete(taken)];
  for (const attempt of changes) {
    expect((await failure(attempt())).message).toMatch(/"a".*"inaccessible".*nothing was changed/);
  }
  expect((await failure(snapshots.create({ name: "new", vm: "a" }))).message).toMatch(/"inaccessible"/);
  show("a");
  expect((await snapshots.read(taken))?.outs).toEqual(taken.outs);
  await snapshots.delete(taken);
  expect(await snapshots.read(taken)).toBeUndefined();
});

describe("a look-up", () => {
  const ask = (args: Properties) => getVm.read("id", args, vms.lab.context());

  test("of one that cannot be read says why, and a refresh keeps what it found", async () => {
    await vms.create("a", SMALL);
    const found = await ask({ name: "a" });
    hide("a");
    expect((await failure(ask({ name: "a" }))).message).toMatch(/"a".*"inaccessible".*not gone/);
    expect(await ask(found.props ?? {})).toEqual({ id: "id", props: found.props });
    expect(vms.lab.texts("warn").join()).toMatch(/"a".*"inaccessible"/);
  });

  test("of all says which one it leaves out", async () => {
    for (const name of ["a", "b"]) await vms.create(name, SMALL);
    hide("a", { state: "invalid" });
    const { props } = await getVms.read("id", {}, vms.lab.context());
    expect(props?.result).toMatchObject([{ name: "b" }]);
    expect(vms.lab.texts("warn").join()).toMatch(/leaves out "a".*"invalid".*not gone/);
  });
});

test("a host that does not tell its list of machines is asked in another way, and none is taken for gone", async () => {
  const vm = await vms.create("a", SMALL);
  const { client } = vms.lab.host;
  const call = client.call.bind(client);
  vi.spyOn(client, "call").mockImplementation(async (...args: Parameters<typeof call>) => {
    const answer: unknown = await call(...args);
    if (args[1] !== "RetrievePropertiesEx") return answer as never;
    const { objects } = answer as { objects: { obj: { type: string }; propSet?: { name: string }[] }[] };
    const isList = (name: string, type: string) => type === "HostSystem" && name === "vm";
    return {
      objects: objects.map(({ obj, propSet }) => ({
        obj,
        propSet: propSet?.filter(({ name }) => !isList(name, obj.type)),
      })),
    } as never;
  });
  expect((await vms.read(vm))?.outs).toEqual(vm.outs);
  await vms.delete(vm);
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});
