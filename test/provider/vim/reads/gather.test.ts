import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathering } from "../../../../provider/vim/reads/gather.ts";

let gathering: Gathering;
/** What has gone to the host, and after how many milliseconds. */
let went: string[];

beforeEach(() => {
  vi.useFakeTimers();
  gathering = new Gathering();
  went = [];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Asks the host for something after so many milliseconds. */
async function ask(name: string, afterMs = 0): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await gathering.moment();
  went.push(`${name} ${performance.now()}`);
}

/** Asks at the same time, and counts from their beginning. */
async function whatGoes(...questions: (() => Promise<void>)[]): Promise<string[]> {
  const began = performance.now();
  const all = Promise.all(questions.map((begin) => begin()));
  await vi.runAllTimersAsync();
  await all;
  return went.map((line) => line.replace(/[\d.]+$/, (now) => String(Math.round(Number(now) - began))));
}

function change(resources: number, kind: "create" | "update" | "delete" = "create"): void {
  for (let index = 0; index < resources; index++) gathering.addChange(kind);
}

test("at first a question waits no longer than for those of the same two milliseconds", async () => {
  const questions = [() => ask("a"), () => ask("b", 1), () => ask("c", 50)];
  expect(await whatGoes(...questions)).toEqual(["a 2", "b 2", "c 52"]);
});

test("the more resources are changed, the longer a question waits for others", async () => {
  change(100);
  const questions = [() => ask("a"), () => ask("b", 19), () => ask("c", 21)];
  expect(await whatGoes(...questions)).toEqual(["a 20", "b 20", "c 41"]);
});

test("a dozen resources are enough for a wait in which others can join", async () => {
  change(10);
  expect(await whatGoes(() => ask("a"))).toEqual(["a 2"]);
  went = [];
  change(3);
  expect(await whatGoes(() => ask("b"))).toEqual(["b 8"]);
});

test("when resources are deleted it waits for less long, since there are ever fewer", async () => {
  change(130, "delete");
  expect(await whatGoes(() => ask("a"))).toEqual(["a 8"]);
});

test("it waits for a tenth of a second at most", async () => {
  change(5_000);
  expect(await whatGoes(() => ask("a"))).toEqual(["a 100"]);
});
