import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathering } from "../../../provider/vim/gather.ts";

let gathering: Gathering;
/** What has gone to the host, and after how many milliseconds. */
let went: string[];

beforeEach(() => {
  vi.useFakeTimers();
  gathering = new Gathering();
  went = [];
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** An operation that asks the host for something after so many milliseconds, and ends when it may. */
const asks =
  (name: string, afterMs = 0) =>
  (): Promise<void> =>
    gathering.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      gathering.addWaiting();
      await gathering.moment();
      went.push(`${name} ${Math.round(performance.now())}`);
    });

async function runBefore(operations: number): Promise<void> {
  for (let index = 0; index < operations; index++) await gathering.run(async () => {});
}

/** Runs them at the same time, and counts from their beginning. */
async function whatGoes(...operations: (() => Promise<void>)[]): Promise<string[]> {
  const began = Math.round(performance.now());
  const all = Promise.all(operations.map((begin) => begin()));
  await vi.runAllTimersAsync();
  await all;
  return went.map((line) => line.replace(/\d+$/, (now) => String(Number(now) - began)));
}

test("in a short run a question waits no longer than for those of the same two milliseconds", async () => {
  expect(await whatGoes(asks("a"), asks("b", 1), asks("c", 50))).toEqual(["a 2", "b 2", "c 52"]);
});

test("in a run of many resources a question waits for those of others who are at work", async () => {
  await runBefore(20);
  expect(await whatGoes(asks("a"), asks("b", 40))).toEqual(["a 48", "b 48"]);
});

test("it waits for a tenth of a second at most", async () => {
  await runBefore(20);
  expect(await whatGoes(asks("a"), asks("b", 5000))).toEqual(["a 100", "b 5008"]);
});

test("it does not wait for who has ended", async () => {
  await runBefore(20);
  const other = () => gathering.run(() => new Promise<void>((resolve) => setTimeout(resolve, 30)));
  expect(await whatGoes(asks("a"), other)).toEqual(["a 38"]);
});

test("who begins after the last call can join", async () => {
  await runBefore(20);
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await asks("b", 20)();
  };
  expect(await whatGoes(asks("a"), late)).toEqual(["a 33", "b 33"]);
});

test("the longer the run, the more have to wait before a question goes early", async () => {
  await runBefore(250);
  expect(await whatGoes(asks("a"), asks("b"), asks("c"))).toEqual(["a 8", "b 8", "c 8"]);
  went = [];
  expect(await whatGoes(asks("d"), asks("e"))).toEqual(["d 100", "e 100"]);
});

test("a process that was too busy to be in time goes on at once", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const moment = gathering.moment();
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  gathering.addWaiting();
  await vi.advanceTimersByTimeAsync(1);
  await moment;
  expect(timers.mock.calls.map(([, after]) => after)).toEqual([2, 0]);
});
