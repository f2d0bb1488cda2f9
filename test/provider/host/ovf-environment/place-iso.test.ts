/** The image with a machine's OVF environment: which file is written, which stays, and whose it is at every moment. */
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { claimsEnvironmentIso } from "../../../../provider/host/ovf-environment/iso-files.ts";
import { hasIso, placeIso, removeOldIsos } from "../../../../provider/host/ovf-environment/place-iso.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { apiControl } from "../../../../provider/host/vm/vm-control.ts";
import { readIso } from "../../../support/iso-reader.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const { signal } = new AbortController();

let lab: Lab;
let stranger: Stranger;
let count = 0;
/** A machine of each test's own. */
let name = "";

beforeAll(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
});

afterAll(() => lab.close());

beforeEach(async () => {
  name = `vm${count++}`;
  await stranger.vm(name);
});

afterEach(() => {
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

const iso = (which: "a" | "b") => `[datastore1] ${name}/pulumi-esxi-direct-ovf-env-${which}.iso`;
const [A, B] = [() => iso("a"), () => iso("b")];
const local = (file: string) => lab.raw.simulator.localFile(file);
const images = async () =>
  (await lab.raw.contents()).files.filter(
    (file) => file.startsWith(`[datastore1] ${name}/`) && file.endsWith(".iso"),
  );
const document = async (file: string) => readIso(await readFile(local(file))).files["ovf-env.xml"];

async function machine(): Promise<ObservedVm> {
  lab.host.vms.forget();
  const { moid: value } = lab.raw.vm(name);
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value });
  if (vm === undefined) throw new Error(`no ${name}`);
  return vm;
}

const options = () => {
  const { progress } = lab.context();
  return { control: apiControl(lab.host), signal, onStatus: progress.status, onWarning: progress.warn };
};
const place = async (text: string | undefined) =>
  placeIso(lab.host, await machine(), { document: text, isExtra: true }, options());

/** Places the image, and makes the machine's changes that go with it. */
async function placed(text: string | undefined): Promise<void> {
  const { wishes, old } = await place(text);
  await apiControl(lab.host).reconfigure(await machine(), wishes, signal);
  await removeOldIsos(lab.host, old, signal);
}

const isInDrive = async () => hasIso(lab.host, await machine(), signal);

test("a machine without one that is to have none is left as it is", async () => {
  lab.raw.simulator.requests.clear();
  expect(await place(undefined)).toEqual({ wishes: {}, old: [] });
  expect([lab.raw.count("SearchDatastore_Task"), lab.raw.count("ReconfigVM_Task")]).toEqual([0, 0]);
});

test("another document is in another file, and the one in the drive stays until the drive has the new one", async () => {
  expect(await isInDrive()).toBe(false);
  await placed("one");
  expect([await images(), await document(A()), await isInDrive()]).toEqual([[A()], "one", true]);
  const { wishes, old } = await place("two");
  expect([await document(A()), await document(B())]).toEqual(["one", "two"]);
  expect([wishes.environmentDrive, old]).toEqual([{ file: B(), isExtra: true }, [A()]]);
  await placed("three");
  expect([await images(), await document(B()), await isInDrive()]).toEqual([[B()], "three", true]);
  await placed("four");
  expect([await images(), await document(A())]).toEqual([[A()], "four"]);
});

test("the same document is not written again, and what a killed run left beside it goes", async () => {
  await placed("one");
  await writeFile(local(B()), "left");
  lab.raw.simulator.requests.clear();
  const { old, wishes } = await place("one");
  expect([old, wishes.environmentDrive?.file]).toEqual([[B()], A()]);
  expect([lab.raw.count("folder"), lab.raw.count("ReconfigVM_Task")]).toEqual([0, 0]);
  await removeOldIsos(lab.host, old, signal);
  expect(await images()).toEqual([A()]);
});

test("files are claimed before the first is written, so that they go with the machine of a run that was killed", async () => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 500 } });
  expect((await failure(place("one"))).message).toContain("ovf-env.xml to esxi1");
  expect(claimsEnvironmentIso(await machine())).toBe(true);
  lab.raw.simulator.faults.clear();
  await placed("one");
  lab.raw.simulator.requests.clear();
  await place("two");
  expect(lab.raw.count("ReconfigVM_Task")).toBe(0);
});

test("an image that another machine's drive has is neither given up nor left behind", async () => {
  await placed("one");
  const [reader, other] = [`${name}-reader`, `${name}-other`];
  await stranger.vm(reader);
  await stranger.mount(reader, A());
  for (const text of [undefined, "two"])
    expect((await failure(place(text))).message, text).toContain(`"${reader}" uses ${A()}`);
  await lab.raw.simulator.behindBack.destroy(lab.raw.vm(reader).moid);
  await writeFile(local(B()), "left");
  await stranger.vm(other);
  await stranger.mount(other, B());
  for (const text of [undefined, "one", "two"])
    expect((await failure(place(text))).message, text).toContain(`"${other}" uses ${B()}`);
  expect([await document(A()), await readFile(local(B()), "utf8")]).toEqual(["one", "left"]);
});

test("none is wanted: the drive gives it back, and the claim stays until the file is gone", async () => {
  await placed("one");
  const { wishes, old } = await place(undefined);
  expect([wishes.environmentDrive, old]).toEqual([{ file: undefined, isExtra: true }, [A()]]);
  await apiControl(lab.host).reconfigure(await machine(), wishes, signal);
  expect([claimsEnvironmentIso(await machine()), await isInDrive(), await images()]).toEqual([
    true,
    false,
    [A()],
  ]);
  await removeOldIsos(lab.host, old, signal);
  expect(await images()).toEqual([]);
});

test.each([
  ["touched", () => utimes(local(A()), 1, 1), true],
  ["written", () => writeFile(local(A()), "something else"), true],
  ["removed", () => rm(local(A())), false],
  ["moved", () => rename(local(A()), local(B())), false],
  [
    "written at the same moment",
    async () => {
      const { mtime } = await stat(local(A()));
      await writeFile(local(A()), "something else");
      await utimes(local(A()), mtime, mtime);
    },
    true,
  ],
])("an image that somebody has %s is written anew", async (_, change, isThere) => {
  await placed("one");
  await change();
  await lab.restart();
  expect(await isInDrive()).toBe(false);
  const { old } = await place("one");
  expect([await document(B()), old]).toEqual(["one", isThere ? [A()] : []]);
});

test("an image that is as it was written is not the machine's environment while no drive has it", async () => {
  await placed("one");
  const given = { environmentDrive: { file: undefined, isExtra: true } };
  await apiControl(lab.host).reconfigure(await machine(), given, signal);
  expect([await images(), await isInDrive()]).toEqual([[A()], false]);
});

test("an image that the host does not list is told", async () => {
  lab.raw.simulator.faults.add({
    method: "folder",
    action: "continue",
    onWork: (moment) => (moment === "after" ? rm(local(A())) : undefined),
  });
  expect((await failure(place("one"))).message).toMatch(/took .*-a\.iso, but does not list it now/);
});

test("a session that has ended is renewed before the upload, which cannot do it, and a broken upload is sent again", async () => {
  await apiControl(lab.host).reconfigure(
    await machine(),
    { extraConfig: { "pulumi-esxi-direct.ovf-environment": "{}" } },
    signal,
  );
  const vm = await machine();
  lab.raw.simulator.faults.add({ method: "folder", count: 1, action: "expireSession" });
  const run = vi.spyOn(lab.host.transfers, "run");
  await placeIso(lab.host, vm, { document: "one", isExtra: true }, options());
  expect([await document(A()), run.mock.calls.length]).toEqual(["one", 1]);
  expect(lab.texts("warn").join()).toContain("Sending it again (2 of 3)");
});
