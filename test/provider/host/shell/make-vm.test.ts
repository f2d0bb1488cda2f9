/** A machine that the shell makes in a folder of its own: it is whole, or nothing of it is there. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { inFolder, toHostPath } from "../../../../provider/host/datastore/datastore-path.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { makeVm, type NewPlace } from "../../../../provider/host/shell/make-vm.ts";
import { flagOf, uploadName } from "../../../../provider/host/shell/ssh-folder.ts";
import type { OwnerMark } from "../../../../provider/host/vm/reading/owner-mark.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import type { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { newVmx } from "../../../../provider/vmx/new-vmx.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, type Lab } from "../../resources/lab.ts";
import { ResourceLab } from "../../resources/resource-lab.ts";
import { openShellLab } from "./shell-lab.ts";

const MARK: OwnerMark = { schema: 1, urn: "urn:1", digest: "d", phase: "creating", session: "s" };
const FOLDER = "[datastore1] student/";
const FLAG = FOLDER + flagOf(MARK);
const VMX = `${FOLDER}student.vmx`;
const UPLOAD = FOLDER + uploadName(0);
const CTRL_C = new Error("^C");

let lab: Lab;
let shell: EsxiShell;
let warned: string[] = [];

beforeAll(async () => {
  ({ lab } = await openShellLab());
  shell = await shellOf(lab.host).open();
  await ResourceLab.in(lab, resourcePool, "ResourcePool").create("students");
});

afterAll(() => lab.close());

afterEach(async () => {
  lab.raw.simulator.faults.clear();
  for (const { moid } of lab.raw.simulator.vms()) await lab.raw.simulator.behindBack.destroy(moid);
  await shell.removeTree("/vmfs/volumes/datastore1/student", new AbortController().signal);
  warned = [];
});

/** Puts a file there that an OVA would bring. */
async function fill({ folder, base }: NewPlace) {
  const upload = toHostPath(inFolder(folder, uploadName(0)));
  await shell.writeFile(upload, new Uint8Array(1), new AbortController().signal);
  return newVmx({ displayName: base, nvram: `${base}.nvram`, hardwareVersion: 19, guestOs: "other-64" });
}

function make(
  filled: Parameters<typeof makeVm>[4] = fill,
  { signal = new AbortController().signal, pool }: { signal?: AbortSignal; pool?: string } = {},
) {
  const options = { signal, onStatus: () => {}, onWarning: (text: string) => void warned.push(text) };
  const place = { name: "student", datastore: "datastore1", folder: undefined, resourcePool: pool };
  return makeVm(lab.host, shell, { ...place, mark: MARK, disks: 0 }, options, filled);
}

const there = async () => {
  const { vms, files } = await lab.raw.contents();
  return [...vms, ...files.filter((file) => file.startsWith(FOLDER))];
};
const fails = (entity: string, rule: Omit<FaultRule, "method" | "entity">) =>
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity, count: 1, ...rule });
const REGISTER = "'solo/registervm'";
const refused = { status: 1, stderr: "no room for it\n" } as const;

test("its flag is there before its files, these before its .vmx file, and it is registered last", async () => {
  const seen: string[][] = [];
  const look = async (moment = "before") => void (moment === "before" && seen.push(await there()));
  fails(REGISTER, { action: "continue", onWork: look });
  const vm = await make(async (place) => {
    await look();
    return fill(place);
  });
  const whole = [FOLDER, FLAG, UPLOAD, VMX].sort();
  expect(seen).toEqual([[FOLDER, FLAG], whole]);
  expect(await there()).toEqual(["student: poweredOff", ...whole]);
  expect(vm).toMatchObject({ moid: lab.raw.vm("student").moid, vmxPath: VMX, powerState: "poweredOff" });
});

test("it is in the pool that was asked for, and for a pool that is not there no folder is made", async () => {
  expect((await failure(make(fill, { pool: "nobody" }))).message).toContain("nobody");
  expect(await there()).toEqual([]);
  await make(fill, { pool: "students" });
  const { target } =
    lab.raw.simulator.requests.entries().findLast((each) => each.target.includes(REGISTER)) ?? {};
  expect(target).toMatch(/student\.vmx' 'student' '\S+'$/);
});

test("nothing is left of one whose files could not be put there, and the error is told", async () => {
  const reason = new Error("no such disk");
  // It was not even to be registered.
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "getallvms", action: refused });
  const made = make(async (place) => {
    await fill(place);
    throw reason;
  });
  expect(await failure(made)).toBe(reason);
  expect([await there(), warned]).toEqual([[], []]);
});

test.each([
  ["its .vmx file", "student.vmx-draft"],
  ["it", REGISTER],
])("nothing is left of one of which the host does not take %s", async (_what, entity) => {
  fails(entity, { action: refused });
  expect((await failure(make())).message).toContain("no room for it");
  expect([await there(), warned]).toEqual([[], []]);
});

test("nothing is left of one whose run is to end, whenever that is", async () => {
  const early = new AbortController();
  const stopped = make(
    async (place) => {
      const vmx = await fill(place);
      early.abort(CTRL_C);
      return vmx;
    },
    { signal: early.signal },
  );
  lab.raw.simulator.requests.clear();
  expect(await failure(stopped)).toBe(CTRL_C);
  const written = lab.raw.simulator.requests
    .entries()
    .filter(({ target }) => target.includes("student.vmx-draft"));
  expect([written.filter(({ target }) => target.includes("cat")), await there()]).toEqual([[], []]);
  const later = new AbortController();
  fails("student.vmx-draft", { action: "continue", onWork: () => later.abort(CTRL_C) });
  expect(await failure(make(fill, { signal: later.signal }))).toBe(CTRL_C);
  expect([await there(), warned]).toEqual([[], []]);
});

test("the files of one that the host has in its inventory all the same stay, with the flag", async () => {
  const action = { fault: "SystemError", message: "not now" };
  const onWork = (moment: string) => {
    if (moment === "after") lab.raw.simulator.faults.add({ method: "RetrievePropertiesEx", action });
  };
  fails(REGISTER, { action: "continue", onWork });
  expect((await failure(make())).message).toContain("not now");
  lab.raw.simulator.faults.clear();
  expect(await there()).toEqual(["student: poweredOff", ...[FOLDER, FLAG, UPLOAD, VMX].sort()]);
});

test("the files of one of which nobody can say whether it is in the inventory stay, with the flag", async () => {
  fails(REGISTER, { action: refused });
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "getallvms", action: refused });
  await failure(make());
  lab.raw.simulator.faults.clear();
  expect(await there()).toEqual([FOLDER, FLAG, UPLOAD, VMX].sort());
});
