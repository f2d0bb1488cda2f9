import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Semaphore } from "../../../../provider/vim/soap/semaphore.ts";

/** Work that ends when it is told to. */
function piece() {
  let end = () => {};
  let fail = () => {};
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve("done");
    fail = () => reject(new Error("failed"));
  });
  return { work: () => promise, end, fail };
}

/** What has begun until now, once everything that can go on has gone on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("so many run at once, and the others begin in their order, one for each that ends", async () => {
  const semaphore = new Semaphore(2);
  const pieces = Array.from({ length: 5 }, piece);
  const begun: number[] = [];
  const all = pieces.map(({ work }, index) =>
    semaphore.run(() => {
      begun.push(index);
      return work();
    }),
  );
  await settled();
  expect(begun).toEqual([0, 1]);
  expect(semaphore.isFull).toBe(true);
  pieces[1]?.end();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  pieces[0]?.fail();
  await expect(all[0]).rejects.toThrow("failed");
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const { end } of pieces) end();
  expect(await Promise.allSettled(all)).toHaveLength(5);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(semaphore.isFull).toBe(false);
});

test("who gives up waiting takes no place with him, and his work never begins", async () => {
  const semaphore = new Semaphore(1);
  const [first, last] = [piece(), piece()];
  const begun: string[] = [];
  const running = semaphore.run(first.work);
  const stop = new AbortController();
  const given = semaphore.run(async () => void begun.push("given up"), stop.signal);
  const other = semaphore.run(async () => void begun.push("other"));
  stop.abort(new Error("told to stop"));
  await expect(given).rejects.toThrow("told to stop");
  first.end();
  await Promise.all([running, other]);
  expect(begun).toEqual(["other"]);
  expect(semaphore.isFull).toBe(false);
  const again = semaphore.run(last.work);
  await settled();
  expect(semaphore.isFull).toBe(true);
  last.end();
  await again;
});

test("who is told to stop before he asks gets no place, and who has one keeps it", async () => {
  const semaphore = new Semaphore(1);
  const stop = new AbortController();
  const { work, end } = piece();
  const running = semaphore.run(work, stop.signal);
  const waiting = semaphore.run(async () => "next", new AbortController().signal);
  stop.abort(new Error("told to stop"));
  await expect(semaphore.run(async () => "late", stop.signal)).rejects.toThrow("told to stop");
  end();
  expect(await running).toBe("done");
  expect(await waiting).toBe("next");
});

test("who has waited listens to his signal no longer", async () => {
  const semaphore = new Semaphore(1);
  const { work, end } = piece();
  const running = semaphore.run(work);
  const { signal } = new AbortController();
  const waiting = semaphore.run(async () => "next", signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  end();
  await Promise.all([running, waiting]);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
