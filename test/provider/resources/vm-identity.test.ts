/** Machines whose instance UUID is empty: hosts may leave it so when a `.vmx` from elsewhere is registered. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FoundVm } from "../../../provider/resources/look-ups/found-vm.ts";
import { getVm } from "../../../provider/resources/look-ups/reads.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { CloneLab } from "./clone-lab.ts";
import { failure } from "./lab.ts";
import { Managed } from "./managed.ts";
import { editFiles } from "./raw-vmx.ts";
import { ResourceLab } from "./resource-lab.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" }, behaviour: { registeredUuid: "empty" } });
});

afterEach(() => clones.lab.close());

/** A machine from Workstation: `vc.uuid = ""`. */
async function withoutIdentity(name: string): Promise<void> {
  await clones.golden({ name });
  await editFiles(clones.lab.raw, name, { vmx: (text) => text.replace(/^vc\.uuid = .*$/m, 'vc.uuid = ""') });
  await clones.lab.restart();
  expect(clones.lab.raw.vm(name).instanceUuid).toBe("");
}

test("a clone over SSH has an instance UUID of its own on a host that makes none", async () => {
  const golden = await clones.golden();
  const names = ["one", "two"];
  const made = await Promise.all(names.map((name) => clones.create(name, { transport: "ssh" })));
  const ids = made.map(({ id }) => id);
  expect(new Set([golden.id, ...ids]).size).toBe(3);
  for (const id of ids) expect(id).toMatch(UUID);
  expect(names.map((name) => clones.lab.raw.vm(name).instanceUuid)).toEqual(ids);
  for (const one of made) await clones.delete((await clones.read(one)) ?? one);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
});

test("a source without one is cloned, and the copy has one", async () => {
  await withoutIdentity("golden");
  const clone = await clones.create("student", { transport: "ssh", powerOn: false });
  expect(clone.id).toMatch(UUID);
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff", "student: poweredOff"]);
});

test("two machines without one are found each by itself", async () => {
  await withoutIdentity("a");
  await withoutIdentity("b");
  for (const name of ["a", "b"]) {
    const { id, props } = await getVm.read("asked", { name, __provider: "text" }, clones.lab.context());
    const found = props?.result as FoundVm;
    const { vmxPath } = clones.lab.raw.vm(name);
    expect({ id, ...found }).toMatchObject({ id: vmxPath, vmxPath, instanceUuid: "" });
  }
});

test("no snapshot is taken of a machine without one, and the message says what to do", async () => {
  await withoutIdentity("a");
  const snapshot = new Managed(clones.lab, "VmSnapshot", vmSnapshot);
  const refused = await failure(snapshot.create({ vm: "a", name: "clean" }));
  expect(refused.message).toContain('"a" has no instance UUID, so nothing tells it from other machines.');
  expect(clones.lab.raw.count("CreateSnapshot_Task")).toBe(0);
});

test("a machine without one gets one when it is adopted, and is known by it", async () => {
  await withoutIdentity("a");
  await withoutIdentity("b");
  const adopting = ResourceLab.in(clones.lab, scratchVm, "ScratchVm");
  const settings = { adopt: { name: "a" }, powerOn: false, memory: 128 };
  const adopted = await adopting.create("a", settings);
  expect(adopted.id).toMatch(UUID);
  expect(clones.lab.raw.vm("a").instanceUuid).toBe(adopted.id);
  expect(clones.lab.raw.vm("b").instanceUuid).toBe("");
  await adopting.delete((await adopting.read(adopted)) ?? adopted);
  expect((await clones.lab.raw.contents()).vms).toEqual(["b: poweredOff"]);
});
