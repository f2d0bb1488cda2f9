/** The end of the process: what is told to stop, how long it is waited for, and that sessions end before it leaves. */
import type { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { closeHosts, hostOf } from "../../../provider/runtime/host-pool.ts";
import { StoppedError } from "../../../provider/stopped-error.ts";

type Shutdown = typeof import("../../../provider/runtime/shutdown.ts");

const CONFIG = {
  get: (key: string) =>
    ({ "esxi:host": "esxi.invalid", "esxi:username": "root", "esxi:password": "s3cret" })[key],
};

let count = 0;
let shutdown: Shutdown;
/** What this process does when such a signal comes. */
const handlers = new Map<unknown, () => void>();
/** How it left. */
let left: () => readonly unknown[][];
const logOut = vi.fn(async () => {});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  handlers.clear();
  logOut.mockReset();
  vi.spyOn(EsxiHost.prototype, "close").mockImplementation(logOut);
  vi.spyOn(process, "on").mockImplementation((name, handler) => {
    handlers.set(name, handler as () => void);
    return process;
  });
  const streams: readonly [string, EventEmitter][] = [
    ["stdout", process.stdout],
    ["stderr", process.stderr],
  ];
  for (const [title, stream] of streams)
    vi.spyOn(stream, "on").mockImplementation((name, handler) => {
      handlers.set(`${title} ${String(name)}`, handler);
      return stream;
    });
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {}) as () => never);
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  left = () => [...exit.mock.calls, ...kill.mock.calls];
  vi.spyOn(process, "getActiveResourcesInfo").mockReturnValue(["Timeout"]);
  hostOf(CONFIG, undefined);
  // Each test has the module as a new process has it.
  const alone = `../../../provider/runtime/shutdown.ts?${count++}`;
  shutdown = await import(alone);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await closeHosts();
});

/** Work that is under way, and what ends it. */
function work() {
  let end = () => {};
  let fail = (_: Error) => {};
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve("done");
    fail = reject;
  });
  return { run: () => promise, end: () => end(), fail: (error: Error) => fail(error) };
}

const moment = () => vi.advanceTimersByTimeAsync(0);

test("what is run gives its outcome, and a terminal that is closed, or nobody who reads, ends nothing", async () => {
  expect(handlers.size).toBe(0);
  expect(await shutdown.track(async () => "done")).toBe("done");
  const broken = new Error("broken");
  await expect(shutdown.track(() => Promise.reject(broken))).rejects.toBe(broken);
  expect([...handlers.keys()]).toEqual(["SIGINT", "SIGTERM", "SIGHUP", "stdout error", "stderr error"]);
  for (const each of ["SIGHUP", "stdout error", "stderr error"]) handlers.get(each)?.();
  await moment();
  expect([shutdown.endOfRun.aborted, left()]).toEqual([false, []]);
});

test.each(["SIGINT", "SIGTERM"])(
  "%s stops what is under way, waits for its end, logs out, and leaves",
  async (signal) => {
    const [one, other] = [work(), work()];
    shutdown.track(one.run);
    shutdown.track(other.run).catch(() => {});
    handlers.get(signal)?.();
    handlers.get("SIGINT")?.();
    expect(shutdown.endOfRun.reason).toBeInstanceOf(StoppedError);
    one.end();
    await moment();
    expect([logOut.mock.calls.length, left()]).toEqual([0, []]);
    other.fail(new Error("stopped"));
    await moment();
    expect([logOut.mock.calls.length, left()]).toEqual([1, [[0]]]);
  },
);

test("work that does not end is not waited for longer than three seconds", async () => {
  shutdown.track(work().run);
  handlers.get("SIGINT")?.();
  await vi.advanceTimersByTimeAsync(2999);
  expect(logOut).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect([logOut.mock.calls.length, left()]).toEqual([1, [[0]]]);
});

test("a host that does not answer is not waited for: after four seconds the process leaves", async () => {
  await shutdown.track(async () => {});
  logOut.mockReturnValue(new Promise(() => {}));
  handlers.get("SIGINT")?.();
  await vi.advanceTimersByTimeAsync(3999);
  expect(left()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(left()).toEqual([[1]]);
});

test("a read of a file that does not end holds nothing up", async () => {
  vi.spyOn(process, "getActiveResourcesInfo").mockReturnValue(["Timeout", "FSReqPromise"]);
  await shutdown.track(async () => {});
  handlers.get("SIGINT")?.();
  await moment();
  expect(left()).toEqual([[process.pid, "SIGKILL"]]);
});
