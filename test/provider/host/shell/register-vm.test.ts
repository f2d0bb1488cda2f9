/** A machine whose files are complete is registered by the shell: it is the right one, or it is in no inventory. */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { isUnknown, registerVm } from "../../../../provider/host/shell/register-vm.ts";
import type { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const PATH = "[datastore1] vm/vm.vmx";
const VMX = parseDatastorePath(PATH);
const CTRL_C = new Error("^C");

let lab: Lab;
let shell: EsxiShell;

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" }, behaviour: { registeredUuid: "empty" } });
  shell = await shellOf(lab.host).open();
});

afterAll(() => lab.close());

/** Beside the machine whose files are there is one that has nothing to do with it. */
beforeEach(async () => {
  const stranger = new Stranger(lab);
  await stranger.vm("theirs");
  await stranger.vm("vm");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("vm").moid);
  lab.host.vms.forget();
  await known("theirs");
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  lab.raw.simulator.faults.clear();
  if (!inventory().includes("vm")) await lab.register(PATH);
  for (const { moid } of lab.raw.simulator.vms()) await lab.raw.simulator.behindBack.destroy(moid);
});

const inventory = () =>
  lab.raw.simulator
    .vms()
    .map(({ name }) => name)
    .sort();
/** A machine as the last read shows it, which serves until somebody says that it is old. */
const known = async (name: string, { instanceUuid } = lab.raw.vm(name)) =>
  (await lab.host.vms.snapshot({ instanceUuid }))?.name;
const ours = async () =>
  (await lab.raw.contents()).files.filter((file) => file.startsWith("[datastore1] vm/"));
const commands = (word: string) =>
  lab.raw.simulator.requests.entries().filter(({ target }) => target.includes(word)).length;
const onRegister = (rule: Omit<FaultRule, "method">) =>
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "'solo/registervm'", count: 1, ...rule });
const register = (signal = new AbortController().signal) => registerVm(lab.host, shell, VMX, signal);
const unknown = (signal = new AbortController().signal) => isUnknown(shell, VMX, signal);

test("it is told as the host shows it, and the inventory that was read before is forgotten", async () => {
  const vm = await register();
  expect(vm).toMatchObject({ moid: lab.raw.vm("vm").moid, vmxPath: PATH, powerState: "poweredOff" });
  expect(await known("vm")).toBe("vm");
});

test("it is found by its file if the answer was lost", async () => {
  onRegister({ action: "loseReply" });
  expect((await register()).moid).toBe(lab.raw.vm("vm").moid);
  expect(commands("'solo/registervm'")).toBe(1);
});

test("it is found by its file if the printed id is another machine's", async () => {
  const work = async (moment: string) => void (moment === "before" && (await lab.register(PATH)));
  onRegister({ action: { status: 0, stdout: `${lab.raw.vm("theirs").moid}\n` }, onWork: work });
  expect((await register()).vmxPath).toBe(PATH);
});

test("a host that does not show what it says to have registered is told of, and nothing of others goes", async () => {
  for (const stdout of ["4711\n", `${lab.raw.vm("theirs").moid}\n`]) {
    onRegister({ action: { status: 0, stdout } });
    const error = await failure(register());
    expect(error).toBeInstanceOf(HostError);
    expect(error.message).toMatch(/registered \[datastore1\] vm\/vm\.vmx, and does not show it/);
  }
  expect([inventory(), commands("unregister")]).toEqual([["theirs"], 0]);
});

test("what the host says when it refuses is the error, and is not asked for again", async () => {
  onRegister({ action: { status: 1, stderr: "no room for it\n" } });
  const error = await failure(register());
  expect(error).toBeInstanceOf(VimCmdError);
  expect(error.message).toContain("no room for it");
  expect([inventory(), commands("'solo/registervm'")]).toEqual([["theirs"], 1]);
});

test("one without an instance UUID is out of the inventory again, with its files, if need be at the second try", async () => {
  const file = lab.raw.simulator.localFile(PATH);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/^vc\.uuid = .*$/m, ""));
  const before = await ours();
  for (const stderr of [undefined, "Killed\n"]) {
    if (stderr !== undefined)
      lab.raw.simulator.faults.add({
        method: "ssh.exec",
        entity: "'vmsvc/unregister'",
        count: 1,
        action: { status: 137, stderr },
      });
    const error = await failure(register());
    expect(error).toBeInstanceOf(HostError);
    expect(error.message).toMatch(/gave it no instance UUID.*taken out of the inventory again/);
    expect([inventory(), await ours()]).toEqual([["theirs"], before]);
  }
  await writeFile(file, text);
});

test("one that was taken out again is not known any more", async () => {
  let had: { readonly instanceUuid: string } | undefined;
  onRegister({
    action: "continue",
    onWork: (moment) => {
      if (moment === "before") return;
      had = lab.raw.vm("vm");
      lab.raw.simulator.behindBack.setUnreadable(lab.raw.vm("vm").moid, { state: "invalid" });
    },
  });
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmsvc/unregister'",
    action: "continue",
    // Somebody has looked meanwhile.
    onWork: async (moment) => void (moment === "before" && (await known("theirs"))),
  });
  await failure(register());
  expect(await known("vm", had as never)).toBeUndefined();
});

test("one that the host cannot work with is out of the inventory again, with the state that it was in", async () => {
  onRegister({
    action: "continue",
    onWork: (moment) => {
      if (moment === "after")
        lab.raw.simulator.behindBack.setUnreadable(lab.raw.vm("vm").moid, { state: "invalid" });
    },
  });
  expect((await failure(register())).message).toMatch(/cannot work with it: it was "invalid"/);
  expect(inventory()).toEqual(["theirs"]);
});

test("a run that is to end registers nothing any more, and tells of what it has begun", async () => {
  expect(await failure(register(AbortSignal.abort(CTRL_C)))).toBe(CTRL_C);
  expect([inventory(), commands("'solo/registervm'")]).toEqual([["theirs"], 0]);
  const stop = new AbortController();
  onRegister({ action: "continue", onWork: () => stop.abort(CTRL_C) });
  expect((await register(stop.signal)).vmxPath).toBe(PATH);
});

test("a machine is unknown only if the host says so", async () => {
  expect([await unknown(), await unknown(AbortSignal.abort(CTRL_C))]).toEqual([true, true]);
  await new Stranger(lab).vm("vm2", ["new"], "[datastore1] vm/vm.vmx.vmx");
  expect(await unknown()).toBe(true);
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "getallvms",
    action: { status: 1, stderr: "no\n" },
  });
  expect(await unknown()).toBe(false);
  lab.raw.simulator.faults.clear();
  await register();
  expect(await unknown()).toBe(false);
});
