import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LeaseProgress } from "../../../provider/nfc/lease-progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a report goes every five seconds unless another interval is asked for", async () => {
  const reports: number[] = [];
  const report = async (percent: number) => void reports.push(percent);
  let done = 10.9;
  const usual = new LeaseProgress(report, { percent: () => done });
  await vi.advanceTimersByTimeAsync(4999);
  expect(reports).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(reports).toEqual([10]);
  done = 99.99;
  await vi.advanceTimersByTimeAsync(5000);
  expect(reports).toEqual([10, 99]);
  await usual.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reports).toEqual([10, 99]);

  const quick = new LeaseProgress(report, { percent: () => 1, intervalMs: 2000 });
  await vi.advanceTimersByTimeAsync(6000);
  expect(reports).toEqual([10, 99, 1, 1, 1]);
  await quick.stop();
});

test("what is reported lies between 0 and 100", async () => {
  const reports: number[] = [];
  const values = [-5, 250];
  const progress = new LeaseProgress(async (percent) => void reports.push(percent), {
    percent: () => values.shift() ?? 50,
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reports).toEqual([0, 100]);
  await progress.stop();
});

test("a report that takes long is not followed by another, and stopping waits for its end", async () => {
  const answers: (() => void)[] = [];
  let aborted = false;
  const progress = new LeaseProgress(
    (_, signal) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<void>((resolve) => answers.push(resolve));
    },
    { percent: () => 1 },
  );
  await vi.advanceTimersByTimeAsync(30_000);
  expect(answers).toHaveLength(1);
  let stopped = false;
  const stopping = progress.stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect({ aborted, stopped }).toEqual({ aborted: true, stopped: false });
  answers[0]?.();
  await stopping;
});

test("a report that fails is no trouble where nobody wants to be told", async () => {
  let reports = 0;
  const progress = new LeaseProgress(
    () => {
      reports++;
      return Promise.reject(new Error("the host ended it"));
    },
    { percent: () => 1 },
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reports).toBe(2);
  await progress.stop();
});

test("reports do not keep a process alive that has nothing else to do", async () => {
  vi.useRealTimers();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const progress = new LeaseProgress(async () => {}, { percent: () => 1 });
  expect(timers()).toBe(before);
  await progress.stop();
});

test("failures are told while reports go on, and not those of stopping", async () => {
  const failures: unknown[] = [];
  const progress = new LeaseProgress(
    (_, signal) =>
      failures.length === 0
        ? Promise.reject(new Error("the host ended it"))
        : new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    { percent: () => 1, onFailure: (error) => failures.push(error) },
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(failures).toEqual([new Error("the host ended it")]);
  await progress.stop();
  expect(failures).toHaveLength(1);
});
