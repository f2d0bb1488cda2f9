import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BootGate } from "../../../../provider/host/vm/boot-gate.ts";
import type { ManagedObjectReference } from "../../../../schema/index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const vm = (value: string): ManagedObjectReference => ({ type: "VirtualMachine", value });

type Values = Parameters<Parameters<ConstructorParameters<typeof BootGate>[1]["watch"]>[3]>[0];

/** A host whose guests are what a test says of them. */
function guests() {
  const tell = new Map<string, (values: Values) => void>();
  const fail = new Map<string, (error: Error) => void>();
  const watch: ConstructorParameters<typeof BootGate>[1]["watch"] = (ref, _type, _paths, check, signal) =>
    new Promise((resolve, reject) => {
      tell.set(ref.value, (values) => {
        const result = check(values);
        if (result !== undefined) resolve(result);
      });
      fail.set(ref.value, reject);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  return {
    updates: { watch },
    says: (name: string, values: Values) => tell.get(name)?.(values),
    breaks: (name: string) => fail.get(name)?.(new Error("the host is away")),
  };
}

function gateOf(maxBoots: number, host = guests()) {
  const gate = new BootGate({ maxBoots, bootSeconds: 60 }, host.updates);
  const on: string[] = [];
  const said: string[] = [];
  const start = (name: string, signal = new AbortController().signal, fails = false) =>
    gate.powerOn(
      vm(name),
      async () => {
        if (fails) throw new Error("no memory");
        on.push(name);
      },
      { signal, onWait: (text) => said.push(text) },
    );
  return { gate, on, said, start, host };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test("so many boot at once, the next when the Tools of one run, and who waits says so", async () => {
  const { on, said, start, host } = gateOf(2);
  await Promise.all([start("a"), start("b")]);
  const third = start("c");
  await settle();
  expect([on, said]).toEqual([["a", "b"], ["2 of 2 guests"]]);
  host.says("a", { "guest.toolsRunningStatus": "guestToolsNotRunning", "runtime.powerState": "poweredOn" });
  await settle();
  expect(on).toEqual(["a", "b"]);
  host.says("a", { "guest.toolsRunningStatus": "guestToolsRunning", "runtime.powerState": "poweredOn" });
  await third;
  expect(on).toEqual(["a", "b", "c"]);
});

test("a guest that is off again, or could not be powered on, boots no longer", async () => {
  const { on, start, host } = gateOf(1);
  await expect(start("a", undefined, true)).rejects.toThrow("no memory");
  await start("b");
  const next = start("c");
  host.says("b", { "runtime.powerState": "poweredOff" });
  await next;
  expect(on).toEqual(["b", "c"]);
});

test.each(["says nothing", "cannot be watched"])(
  "a guest that %s counts as booting for its time",
  async (how) => {
    const { on, start, host } = gateOf(1);
    await start("a");
    const next = start("b");
    if (how === "cannot be watched") host.breaks("a");
    await vi.advanceTimersByTimeAsync(59_999);
    expect(on).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(1);
    await next;
    expect(on).toEqual(["a", "b"]);
  },
);

test("who is stopped while waiting is never powered on, and the place goes to the next", async () => {
  const { on, start, host } = gateOf(1);
  await start("a");
  const stop = new AbortController();
  const stopped = start("b", stop.signal);
  const next = start("c");
  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("stopped");
  host.says("a", { "guest.toolsRunningStatus": "guestToolsRunning" });
  await next;
  expect(on).toEqual(["a", "c"]);
});

test("nothing is watched or waited for once it is closed", async () => {
  const { gate, start } = gateOf(1);
  await start("a");
  await settle();
  expect(vi.getTimerCount()).toBe(1);
  gate.close();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});
