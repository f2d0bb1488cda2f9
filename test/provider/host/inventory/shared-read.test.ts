import { expect, test } from "vitest";
import { sharedRead } from "../../../../provider/host/inventory/shared-read.ts";

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
