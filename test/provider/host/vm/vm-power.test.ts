/** Power on and off, when somebody was faster, the guest cannot, or the host asks something instead. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { BLANK_VM } from "../../../../provider/host/vm/settings/blank-vm.ts";
import { powerOffVm, powerOnVm, shutDownVm } from "../../../../provider/host/vm/vm-power.ts";
import { VimFault } from "../../../../provider/vim/faults.ts";

const VM: ObservedVm = { ...BLANK_VM, ref: { type: "VirtualMachine", value: "7" }, toolsRunning: true };
const ME = { ref: VM.ref, name: "web" };
const fault = ($type: string) =>
  new VimFault({ host: "esxi1", method: "a call", fault: { $type }, hostMessage: "" });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Rejects when the signal fires, as all that waits on a host does. */
const never = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

/** A host with one machine, that answers each call as the test says, and tells when a property changes. */
function hostWith(answers: Readonly<Record<string, Error | "never">>, powerState = "poweredOff") {
  const called: string[] = [];
  const watched = new Map<string, (values: object) => void>();
  const call = async (_ref: unknown, method: string, _args: unknown, options?: { signal?: AbortSignal }) => {
    called.push(method);
    const answer = answers[method];
    if (answer === "never") await never(options?.signal);
    if (answer instanceof Error) throw answer;
  };
  const host = {
    name: "esxi1",
    task: (start: () => Promise<unknown>, { signal }: { signal: AbortSignal }) =>
      Promise.race([start(), never(signal)]),
    client: {
      call,
      updates: {
        watch: (
          _ref: unknown,
          _type: unknown,
          [path = ""]: readonly string[],
          check: (values: object) => unknown,
          signal: AbortSignal,
        ) =>
          Promise.race([
            never(signal),
            new Promise((resolve) => {
              watched.set(path, (values) => {
                const result = check(values);
                if (result !== undefined) resolve(result);
              });
            }),
          ]),
      },
    },
    vms: {
      byReference: async () => ({ ...VM, powerState }),
      forget: () => called.push("forget"),
    },
  } as unknown as EsxiHost;
  const tell = async (path: string, value: unknown) => {
    await vi.advanceTimersByTimeAsync(0);
    watched.get(path)?.({ [path]: value });
  };
  return { host, called, watched, tell };
}

const { signal } = new AbortController();

describe("a power-on", () => {
  test("that the host does not begin because it asks something fails with the question after a while", async () => {
    const { host, watched, tell } = hostWith({ PowerOnVM_Task: "never" });
    const on = expect(powerOnVm(host, ME, signal)).rejects.toThrow(
      '"web" does not power on, because the host waits for the answer to its question: Was it moved or copied? Answer it',
    );
    await vi.advanceTimersByTimeAsync(14_900);
    expect(watched.size).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    await tell("runtime.question", undefined);
    await tell("runtime.question", { text: "Was it moved or copied?" });
    await on;
  });

  test("that is done asks for no question any more, nor does one that has failed", async () => {
    for (const answers of [{}, { PowerOnVM_Task: fault("InsufficientResourcesFault") }]) {
      const { host, watched } = hostWith(answers);
      await powerOnVm(host, ME, signal).catch(() => {});
      await vi.advanceTimersByTimeAsync(60_000);
      expect(watched.size).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test("ends with the run", async () => {
    const run = new AbortController();
    const { host } = hostWith({ PowerOnVM_Task: "never" });
    const on = expect(powerOnVm(host, ME, run.signal)).rejects.toThrow("^C");
    run.abort(new Error("^C"));
    await on;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe.each([
  ["on", "PowerOnVM_Task", "poweredOn", (host: EsxiHost) => powerOnVm(host, ME, signal)],
  ["off", "PowerOffVM_Task", "poweredOff", (host: EsxiHost) => powerOffVm(host, VM.ref, signal)],
] as const)("a machine that is to be powered %s", (_, method, state, power) => {
  test.each(["InvalidPowerState", "InvalidState"])("and is already is no error: %s", async (type) => {
    const { host, called } = hostWith({ [method]: fault(type) }, state);
    await power(host);
    expect(called).toEqual([method]);
  });

  test("and is in another state keeps the host's error", async () => {
    const error = fault("InvalidPowerState");
    await expect(power(hostWith({ [method]: error }, "suspended").host)).rejects.toBe(error);
  });

  test("and fails for another reason keeps the host's error, whatever its state", async () => {
    const error = fault("SystemError");
    await expect(power(hostWith({ [method]: error }, state).host)).rejects.toBe(error);
  });
});

describe("a shutdown", () => {
  const shutDown = (host: EsxiHost, vm: Partial<ObservedVm> = {}, seconds = 60, run = signal) =>
    shutDownVm(host, { ...VM, ...vm }, { seconds, signal: run });

  test("asks the guest, and waits until the machine is off; what was known of it is forgotten", async () => {
    const { host, called, tell } = hostWith({});
    let isOver = false;
    const off = shutDown(host).then(() => {
      isOver = true;
    });
    await tell("runtime.powerState", "poweredOn");
    await vi.advanceTimersByTimeAsync(0);
    expect([isOver, called]).toEqual([false, ["ShutdownGuest"]]);
    await tell("runtime.powerState", "poweredOff");
    await off;
    expect(called).toEqual(["ShutdownGuest", "forget"]);
  });

  test.each([
    ["without running Tools", { toolsRunning: false }, 60],
    ["that gets no time", {}, 0],
  ] as const)("of a guest %s powers it off at once", async (_, vm, seconds) => {
    const { host, called } = hostWith({});
    await shutDown(host, vm, seconds);
    expect(called).toEqual(["PowerOffVM_Task"]);
  });

  test.each(["ToolsUnavailable", "InvalidPowerState", "NotSupported"])(
    "of a guest that cannot, by the host's %s, powers it off",
    async (type) => {
      const { host, called } = hostWith({ ShutdownGuest: fault(type) });
      await shutDown(host);
      expect(called).toEqual(["ShutdownGuest", "PowerOffVM_Task"]);
    },
  );

  test("that the host refuses for another reason leaves the machine as it is", async () => {
    const error = fault("NoPermission");
    const { host, called } = hostWith({ ShutdownGuest: error });
    await expect(shutDown(host)).rejects.toBe(error);
    expect(called).toEqual(["ShutdownGuest"]);
  });

  test.each([
    ["answers and goes on", {}],
    ["does not answer", { ShutdownGuest: "never" }],
  ] as const)("of a guest that %s powers it off when its time is over", async (_, answers) => {
    const { host, called } = hostWith(answers);
    await shutDown(host, {}, 0.005);
    expect(called).toEqual(["ShutdownGuest", "PowerOffVM_Task"]);
  });

  test("in a run that is to end leaves the machine as it is", async () => {
    const run = new AbortController();
    const { host, called } = hostWith({});
    const off = expect(shutDown(host, {}, 60, run.signal)).rejects.toThrow("^C");
    await vi.advanceTimersByTimeAsync(0);
    run.abort(new Error("^C"));
    await off;
    expect(called).toEqual(["ShutdownGuest"]);
  });
});
