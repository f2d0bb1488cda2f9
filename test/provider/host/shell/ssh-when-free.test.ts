/** Commands of a machine on which a task is at work: of somebody else, or of a command whose connection was lost. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { othersTasks } from "../../../../provider/host/others-tasks.ts";
import { untilAgentEnds, untilFree, whenFree } from "../../../../provider/host/shell/ssh-when-free.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { CommandError } from "../../../../provider/ssh/commands/command-error.ts";
import { VimCmdError } from "../../../../provider/ssh/commands/vim-cmd-error.ts";
import type { SshExec } from "../../../../provider/ssh/exec.ts";
import { SshLostError } from "../../../../provider/ssh/ssh-lost-error.ts";
import { failure, type Lab } from "../../resources/lab.ts";
import type { Stranger } from "../../resources/stranger.ts";
import { openShellLab } from "./shell-lab.ts";

const CTRL_C = new Error("^C");
const { signal } = new AbortController();
const busy = new VimCmdError("esxi1: busy", "TaskInProgress");

let lab: Lab;
let stranger: Stranger;
let vm: ObservedVm;
/** Lets the task end that was begun last. */
let end: () => void;
let changes = 0;

beforeAll(async () => {
  ({ lab, stranger } = await openShellLab());
  await stranger.vm("vm");
  await stranger.vm("theirs");
  const found = (await lab.host.vms.inventory()).vms.find(({ name }) => name === "vm");
  if (found === undefined) throw new Error("The host has no such machine.");
  vm = found;
});

afterAll(() => lab.close());

beforeEach(() => lab.raw.simulator.requests.clear());

afterEach(async () => {
  end?.();
  lab.raw.simulator.faults.clear();
  await untilFree(lab.host, vm, signal);
});

/** Somebody else's task on a machine, which is at work until it is let end. */
async function atWork(name: string): Promise<void> {
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  lab.raw.simulator.faults.add({
    method: "ReconfigVM_Task",
    count: 1,
    action: "continue",
    onTask: () => gate,
  });
  const ref = { type: "VirtualMachine", value: lab.raw.vm(name).moid };
  await lab.connect().client.call(ref, "ReconfigVM_Task", { spec: { annotation: `change ${++changes}` } });
}

const looks = () => lab.raw.count("RetrievePropertiesEx");
const isChanged = () => lab.raw.vm("vm").config.annotation === `change ${changes}`;

/** Whether it waits until the task of that machine has ended, as that shows. */
async function waits(work: () => Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const result = work().finally(() => {
    isOver = true;
  });
  result.catch(() => {});
  await vi.waitFor(() => expect(isOver || lab.raw.count("WaitForUpdatesEx") > 0).toBe(true));
  const waited = !isOver;
  end();
  await result.catch(() => {});
  return waited;
}

test("a command whose machine is free runs once, and its own failure is told", async () => {
  const command = vi.fn(async () => 1);
  expect(await whenFree(lab.host, vm, command, signal)).toBe(1);
  for (const reason of [
    new VimCmdError("no", "NoDiskSpace"),
    new VimCmdError("no", undefined),
    new Error("TaskInProgress"),
  ]) {
    const failing = vi.fn(async () => {
      throw reason;
    });
    expect(await failure(whenFree(lab.host, vm, failing, signal))).toBe(reason);
    expect(failing).toHaveBeenCalledOnce();
  }
  expect([command.mock.calls.length, looks()]).toEqual([1, 0]);
});

test("a command whose machine is busy runs again after the task's end, one time", async () => {
  await atWork("vm");
  const seen: boolean[] = [];
  const command = async () => {
    seen.push(isChanged());
    if (!isChanged()) throw busy;
  };
  expect(await waits(() => whenFree(lab.host, vm, command, signal))).toBe(true);
  expect(seen).toEqual([false, true]);
  const always = vi.fn(async () => {
    throw busy;
  });
  expect(await failure(whenFree(lab.host, vm, always, signal))).toBe(busy);
  expect(always).toHaveBeenCalledTimes(2);
});

test("nobody waits for a task of another machine, nor longer than the run goes on", async () => {
  await atWork("theirs");
  expect(await waits(() => untilFree(lab.host, vm, signal))).toBe(false);
  await atWork("vm");
  const stop = new AbortController();
  const free = untilFree(lab.host, vm, stop.signal);
  await vi.waitFor(() => expect(lab.raw.count("WaitForUpdatesEx")).toBeGreaterThan(0));
  stop.abort(CTRL_C);
  expect(await failure(free)).toBe(CTRL_C);
});

test("nobody waits for a task that does not end", async () => {
  await atWork("vm");
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) =>
    timeout.call(AbortSignal, ms === 10_000 ? 1 : ms),
  );
  await untilFree(lab.host, vm, signal);
  vi.restoreAllMocks();
  expect(await othersTasks(lab.host, ({ entity }) => entity?.value === vm.moid, signal)).toHaveLength(1);
});

const lost = new SshLostError("esxi1: lost");
/** A connection on which every command fails so. */
const failing = (error: Error): SshExec =>
  untilAgentEnds(lab.host, {
    host: "esxi1",
    exec: async () => {
      throw error;
    },
  });

test.each(["power.on", "power.off", "snapshot.create", "snapshot.remove", "destroy"])(
  "a lost connection is told after the host has ended its task of vmsvc/%s",
  async (operation) => {
    await atWork("vm");
    const forget = vi.spyOn(lab.host.vms, "forget");
    const exec = () => failing(lost).exec(["vim-cmd", `vmsvc/${operation}`, vm.moid], { signal });
    let thrown: unknown;
    expect(
      await waits(() =>
        exec().catch((error: unknown) => {
          thrown = error;
        }),
      ),
    ).toBe(true);
    expect(thrown).toBe(lost);
    expect(forget).toHaveBeenCalled();
    vi.restoreAllMocks();
  },
);

test("a lost connection is told at once where another machine is at work, or the command begins no task", async () => {
  await atWork("vm");
  const theirs = lab.raw.vm("theirs").moid;
  expect(await waits(() => failing(lost).exec(["vim-cmd", "vmsvc/power.on", theirs]))).toBe(false);
  lab.raw.simulator.requests.clear();
  for (const command of [
    ["vim-cmd", "vmsvc/power.getstate", vm.moid],
    ["vim-cmd", "vmsvc/power.on.not", vm.moid],
    ["not-vim-cmd", "vmsvc/power.on", vm.moid],
    ["cat", "/a"],
    ["vim-cmd"],
  ])
    expect(await failure(failing(lost).exec(command))).toBe(lost);
  const refused = new CommandError("no", { exitCode: 1, stdout: "", stderr: "" });
  expect(await failure(failing(refused).exec(["vim-cmd", "vmsvc/power.on", vm.moid]))).toBe(refused);
  expect(looks()).toBe(0);
});

test("a lost registration is told after the host has ended it", async () => {
  await stranger.vm("new");
  await lab.raw.simulator.behindBack.unregister(lab.raw.vm("new").moid);
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  lab.raw.simulator.faults.add({
    method: "RegisterVM_Task",
    count: 1,
    action: "continue",
    onTask: () => gate,
  });
  const { vmFolder, rootPool: pool } = await lab.host.facts();
  const path = "[datastore1] new/new.vmx";
  await lab.connect().client.call(vmFolder, "RegisterVM_Task", { path, asTemplate: false, pool });
  expect(await waits(() => failing(lost).exec(["vim-cmd", "solo/registervm", "/a"]))).toBe(true);
  expect(lab.raw.simulator.vms().map(({ name }) => name)).toContain("new");
});

test("a lost connection is told also where the host cannot be asked, or the run is to end", async () => {
  lab.raw.simulator.faults.add({ method: "RetrievePropertiesEx", action: { fault: "SystemError" } });
  const command = ["vim-cmd", "vmsvc/power.on", vm.moid];
  expect(await failure(failing(lost).exec(command, { signal: AbortSignal.abort(CTRL_C) }))).toBe(lost);
  expect(await failure(failing(lost).exec(command))).toBe(lost);
});

test("what a command says comes back as it is", async () => {
  const said = { stdout: "a", stderr: "b", stdoutBytes: new Uint8Array(1) };
  const exec = vi.fn(async () => said);
  const wrapped = untilAgentEnds(lab.host, { host: "esxi1", exec });
  expect(await wrapped.exec(["cat"], { stdin: "x" })).toBe(said);
  expect([wrapped.host, exec.mock.calls]).toEqual(["esxi1", [[["cat"], { stdin: "x" }]]]);
});
