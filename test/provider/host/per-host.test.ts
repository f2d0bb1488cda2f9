import { expect, test, vi } from "vitest";
import { Answers, readOnce, sharedRead } from "../../../provider/host/per-host.ts";

/** Reads that end when they are told to, numbered from 1 on. */
function controlled() {
  const ends: ((outcome: number | Error) => void)[] = [];
  const read = sharedRead<object, number>(
    () =>
      new Promise((resolve, reject) => {
        ends.push((outcome) => (typeof outcome === "number" ? resolve(outcome) : reject(outcome)));
      }),
  );
  return { read, ends };
}

test("those who ask at the same time share one read", async () => {
  const { read, ends } = controlled();
  const host = {};
  const asked = [read(host), read(host), read(host)];
  await expect.poll(() => ends.length).toBe(1);
  ends[0]?.(1);
  expect(await Promise.all(asked)).toEqual([1, 1, 1]);
});

test("who asks while a read is under way gets an answer that was read later", async () => {
  const { read, ends } = controlled();
  const host = {};
  const early = read(host);
  await expect.poll(() => ends.length).toBe(1);
  const late = [read(host), read(host)];
  await new Promise((resolve) => void setImmediate(resolve));
  expect(ends.length).toBe(1);
  ends[0]?.(1);
  expect(await early).toBe(1);
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.(2);
  expect(await Promise.all(late)).toEqual([2, 2]);
});

test("a read that fails does not keep the next from succeeding", async () => {
  const { read, ends } = controlled();
  const host = {};
  const first = read(host);
  await expect.poll(() => ends.length).toBe(1);
  const second = read(host);
  ends[0]?.(new Error("no answer"));
  await expect(first).rejects.toThrow("no answer");
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.(2);
  expect(await second).toBe(2);
});

test("hosts do not wait for each other", async () => {
  const { read, ends } = controlled();
  const both = [read({}), read({})];
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.(2);
  ends[0]?.(1);
  expect(await Promise.all(both)).toEqual([1, 2]);
});

test("an answer serves for its time, and one that failed is asked for again", async () => {
  vi.useFakeTimers();
  try {
    const answers = new Answers<string>(1000);
    const read = vi.fn(async (before: Promise<string> | undefined) => `after ${await before}`);
    expect(await answers.get("a", read)).toBe("after undefined");
    vi.advanceTimersByTime(999);
    expect(await answers.get("a", read)).toBe("after undefined");
    vi.advanceTimersByTime(1);
    expect(await answers.get("a", read)).toBe("after after undefined");
    expect(read).toHaveBeenCalledTimes(2);

    await expect(answers.get("b", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await answers.get("b", read)).toBe("after undefined");
    answers.forget();
    expect(await answers.get("a", read)).toBe("after undefined");
  } finally {
    vi.useRealTimers();
  }
});

test("an answer that fails late does not take a newer one with it", async () => {
  const answers = new Answers<string>();
  let fail = (_: Error) => {};
  const first = answers.get("a", () => new Promise((_, reject) => (fail = reject)));
  answers.forget();
  const second = answers.get("a", async () => "newer");
  fail(new Error("away"));
  await expect(first).rejects.toThrow("away");
  expect(answers.get("a", async () => "another")).toBe(second);
});

test("what is kept of one host is not what is kept of another, and a read that is made once is made once", async () => {
  const read = vi.fn(async (host: { name: string }) => host.name);
  const once = readOnce(read);
  const [a, b] = [{ name: "a" }, { name: "b" }];
  expect([await once(a), await once(a), await once(b)]).toEqual(["a", "a", "b"]);
  expect(read).toHaveBeenCalledTimes(2);
  read.mockRejectedValueOnce(new Error("away"));
  const c = { name: "c" };
  await expect(once(c)).rejects.toThrow("away");
  expect(await once(c)).toBe("c");
});
