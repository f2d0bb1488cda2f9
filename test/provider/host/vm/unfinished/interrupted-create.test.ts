/** What becomes of a machine that an interrupted create has left. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { resolveInterruptedCreate } from "../../../../../provider/host/vm/unfinished/interrupted-create.ts";
import { ownSession } from "../../../../../provider/host/vm/unfinished/session-owner.ts";
import { isA } from "../../../../../provider/vim/codec/objects.ts";
import { VimFault } from "../../../../../provider/vim/faults.ts";
import { retrieveOne } from "../../../../../provider/vim/reads/property-collector.ts";
import type { CallOptions } from "../../../../../provider/vim/soap/caller.ts";
import type { ManagedObjectReference, TaskInfo } from "../../../../../schema/index.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { Stranger } from "../../../resources/stranger.ts";

let lab: Lab;
let said: string[];
let remove: ReturnType<typeof vi.fn<(vm: ObservedVm, signal: AbortSignal) => Promise<void>>>;

beforeEach(async () => {
  lab = await Lab.open({ taskDurationMs: 250 });
  await new Stranger(lab).vm("left");
  said = [];
  remove = vi.fn(async () => {});
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await lab.close();
});

const { signal } = new AbortController();
const refOf = (name: string) => ({ type: "VirtualMachine", value: lab.raw.vm(name).moid }) as const;
const powerOn = (name: string) => lab.host.client.call(refOf(name), "PowerOnVM_Task", {});

const stateOf = async (task: ManagedObjectReference) =>
  (await retrieveOne(lab.host.client, task, "Task", ["info.state"]))["info.state"];

/** The machine as it was seen, at which the process with that session was. */
async function left(session?: string): Promise<ObservedVm> {
  const vm = await lab.host.vms.byReference(refOf("left"));
  if (vm === undefined) throw new Error("The host has no such machine.");
  if (session === undefined) return vm;
  return { ...vm, ownerMark: { schema: 1, urn: "urn:1", digest: "d", phase: "creating", session } };
}

/** True if the create goes on with the machine. */
const resolved = (vm: ObservedVm, of: AbortSignal = signal) =>
  resolveInterruptedCreate(lab.host, vm, { signal: of, remove, onStatus: (text) => said.push(text) });

const REMOVING = 'removing what an interrupted run left of "left"';

describe("a machine that is off", () => {
  test.each([
    ["nobody", async () => undefined],
    ["a process that is dead", async () => "0123456789abcdef"],
    ["this process", () => ownSession(lab.host)],
  ])("is removed if %s was at work on it", async (_, session) => {
    const vm = await left(await session());
    expect(await resolved(vm)).toBe(false);
    expect(remove).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledWith(vm, signal);
    expect(said).toEqual([REMOVING]);
  });

  test("stays if its removal fails", async () => {
    const error = new Error("no answer");
    remove.mockRejectedValue(error);
    expect(await failure(resolved(await left()))).toBe(error);
  });

  test("needs no removal if it is gone by now", async () => {
    const vm = await left();
    await lab.raw.simulator.behindBack.unregister(vm.moid);
    expect(await resolved(vm)).toBe(false);
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("a machine that runs is whole, and is gone on with", () => {
  test("if it runs when it is found", async () => {
    expect(await resolved({ ...(await left("0123456789abcdef")), powerState: "poweredOn" })).toBe(true);
    expect(remove).not.toHaveBeenCalled();
    expect(said).toEqual([]);
  });

  test("if its power-on was under way: that is waited for", async () => {
    const vm = await left();
    const task = await powerOn("left");
    expect(await resolved(vm)).toBe(true);
    expect(await stateOf(task)).toBe("success");
    expect(remove).not.toHaveBeenCalled();
  });
});

test("what is under way at other machines is not waited for", async () => {
  await new Stranger(lab).vm("theirs");
  const vm = await left();
  const task = await powerOn("theirs");
  expect(await resolved(vm)).toBe(false);
  expect(["queued", "running"]).toContain(await stateOf(task));
});

describe("a task at the machine", () => {
  /** Makes the host tell another thing of tasks, and notes those that are cancelled. */
  function tasksTell(
    change: (info: TaskInfo) => Partial<TaskInfo>,
    cancel: (options?: CallOptions) => Promise<void> = async () => {},
  ) {
    const call = lab.host.client.call.bind(lab.host.client);
    const cancelled: string[] = [];
    const changed: typeof call = async (self, method, params, options) => {
      if (method === "CancelTask") {
        cancelled.push(self.value);
        await cancel(options);
        return undefined as never;
      }
      const result = await call(self, method, params, options);
      const objects = isA(result, "RetrieveResult") ? result.objects : [];
      for (const { val } of objects.flatMap(({ propSet }) => propSet ?? []))
        if (isA(val, "TaskInfo")) Object.assign(val, change(val));
      return result;
    };
    lab.host.client.call = changed;
    return cancelled;
  }

  test("is cancelled if it can be, and its end is waited for", async () => {
    const vm = await left();
    const cancelled = tasksTell(() => ({ cancelable: true }));
    const task = await powerOn("left");
    await resolved(vm);
    expect(cancelled).toEqual([task.value]);
    expect(["success", "error"]).toContain(await stateOf(task));
  });

  test("is left to itself if the host says that it can be cancelled, and then refuses", async () => {
    const vm = await left();
    tasksTell(
      () => ({ cancelable: true }),
      () => Promise.reject(new Error("no")),
    );
    await powerOn("left");
    await resolved(vm);
    expect(said).toEqual([REMOVING]);
  });

  test("is not left to itself if the run was to end meanwhile", async () => {
    const vm = await left();
    const run = new AbortController();
    const reason = new Error("^C");
    tasksTell(
      () => ({ cancelable: true }),
      async () => {
        run.abort(reason);
        throw new Error("no");
      },
    );
    await powerOn("left");
    expect(await failure(resolved(vm, run.signal))).toBe(reason);
    expect(remove).not.toHaveBeenCalled();
  });

  test("is not left to itself if the host does not answer before the run is to end", async () => {
    const vm = await left();
    const run = new AbortController();
    const reason = new Error("^C");
    tasksTell(
      () => ({ cancelable: true }),
      (options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener("abort", reject);
          run.abort(reason);
        }),
    );
    await powerOn("left");
    expect(await failure(resolved(vm, run.signal))).toBe(reason);
    expect(remove).not.toHaveBeenCalled();
  });

  test("is not waited for if it is an import that cannot be cancelled: it goes on as long as its lease", async () => {
    const vm = await left();
    const cancelled = tasksTell(() => ({ cancelable: false, descriptionId: "ResourcePool.ImportVAppLRO" }));
    const task = await powerOn("left");
    await resolved(vm);
    expect(cancelled).toEqual([]);
    expect(["queued", "running"]).toContain(await stateOf(task));
  });

  test("may be a task of its resource pool that only locks the machine", async () => {
    const vm = await left();
    const { rootPool } = await lab.host.facts();
    tasksTell(() => ({ entity: rootPool, locked: [rootPool, refOf("left")] }));
    const task = await powerOn("left");
    await resolved(vm);
    expect(await stateOf(task)).toBe("success");
  });

  test("does not count if it is at another machine, or at nothing", async () => {
    const vm = await left();
    tasksTell(() => ({ entity: undefined, locked: undefined }));
    const task = await powerOn("left");
    await resolved(vm);
    expect(["queued", "running"]).toContain(await stateOf(task));
  });
});

describe("a process that called the host in the last fifteen seconds", () => {
  /** Another process, which called the host so long ago. */
  async function otherSession(secondsAgo: number): Promise<string> {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const session = await ownSession(lab.connect());
    vi.setSystemTime(Date.now() + 1000 * secondsAgo);
    return session;
  }

  test("may be at work on it: it is looked at again, and then the machine is left to it", async () => {
    const vm = await left(await otherSession(14.9));
    expect((await failure(resolved(vm))).message).toContain(
      'another run of Pulumi is creating "left" right now',
    );
    expect(remove).not.toHaveBeenCalled();
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('"left" is half made: looking whether another run is still at work');
  });

  test("is dead if it does not call in the meantime", async () => {
    const vm = await left(await otherSession(14.9));
    const later = setTimeout(() => vi.setSystemTime(Date.now() + 1000), 100);
    expect(await resolved(vm)).toBe(false);
    clearTimeout(later);
    expect(said).toHaveLength(2);
    expect(said[1]).toBe(REMOVING);
  });

  test("is dead if its last call was fifteen seconds ago", async () => {
    expect(await resolved(await left(await otherSession(15)))).toBe(false);
    expect(said).toEqual([REMOVING]);
  });

  test("is not waited for when the run is to end", async () => {
    const vm = await left(await otherSession(0));
    const run = new AbortController();
    const waiting = failure(resolved(vm, run.signal));
    await expect.poll(() => said.length).toBe(1);
    run.abort();
    expect((await waiting).name).toBe("AbortError");
  });
});

describe("a machine that the host keeps locked for an upload", () => {
  const locked = (type: "InvalidState" | "TaskInProgress") =>
    new VimFault({ host: "esxi1", method: "Destroy_Task", fault: { $type: type }, hostMessage: "locked" });

  test.each(["InvalidState", "TaskInProgress"] as const)(
    "is waited for until it is gone (%s)",
    async (fault) => {
      const vm = await left();
      remove.mockRejectedValue(locked(fault));
      const waiting = resolved(vm);
      await expect.poll(() => said.length).toBe(2);
      expect(said[1]).toContain('to end the upload of an interrupted run to "left"');
      await lab.raw.simulator.behindBack.unregister(vm.moid);
      expect(await waiting).toBe(false);
    },
  );

  test("is not waited for when the run is to end", async () => {
    remove.mockRejectedValue(locked("InvalidState"));
    const run = new AbortController();
    const waiting = failure(resolved(await left(), run.signal));
    await expect.poll(() => said.length).toBe(2);
    const reason = new Error("^C");
    run.abort(reason);
    expect(await waiting).toBe(reason);
  });

  test("is an error if nobody can tell any more whether it is gone", async () => {
    const vm = await left();
    const error = new Error("no answer");
    remove.mockImplementation(async () => {
      vi.spyOn(lab.host.client.updates, "watch").mockRejectedValue(error);
      throw locked("InvalidState");
    });
    expect(await failure(resolved(vm))).toBe(error);
  });

  test("is told to the user if it does not go by itself", async () => {
    const vm = await left();
    remove.mockImplementation(async () => {
      vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort());
      throw locked("InvalidState");
    });
    const error = await failure(resolved(vm));
    expect(error.message).toContain('esxi1 keeps "left" locked for an upload that nobody continues.');
    expect(error.cause).toMatchObject({ name: "AbortError" });
    expect(AbortSignal.timeout).toHaveBeenCalledWith(400_000);
  });
});
