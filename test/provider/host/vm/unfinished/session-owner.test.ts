/** By which digest a run's session is known, and how long one waits for another run. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import {
  idleSeconds,
  ownSession,
  untilNotAtWork,
} from "../../../../../provider/host/vm/unfinished/session-owner.ts";
import { told } from "../../../../support/told.ts";
import { failure, Lab } from "../../../resources/lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

afterEach(() => void vi.restoreAllMocks());
afterAll(() => lab.close());

test("a session is known by a short digest, each by its own, and not by its key", async () => {
  const [own, other] = [await ownSession(lab.host), await ownSession(lab.connect())];
  expect(own).toMatch(/^[0-9a-f]{16}$/);
  expect(other).not.toBe(own);
  expect(await idleSeconds(lab.host, own)).toBeLessThan(60);
  expect(await idleSeconds(lab.host, "0123456789abcdef")).toBeUndefined();
});

test("a host that tells of no sessions has none that is at work", async () => {
  const host = lab.connect();
  const facts = await host.facts();
  const content = { ...facts.content, sessionManager: undefined };
  vi.spyOn(host, "facts").mockResolvedValue({ ...facts, content });
  expect(await ownSession(host)).toBe("");
  expect(await idleSeconds(host, await ownSession(lab.host))).toBeUndefined();
});

test.each([
  ["no session of its own", "currentSession"],
  ["no list of them", "sessionList"],
])("if a host tells of %s, no session counts as being at work", async (_, property) => {
  const other = await ownSession(lab.connect());
  const host = lab.connect();
  told(host, property, () => undefined);
  const own = await ownSession(host);
  if (property === "currentSession") expect(own).toBe("");
  else expect(await idleSeconds(host, other)).toBeUndefined();
});

test("another run is waited for until it would be silent for fifteen seconds, and not when the run is to end", async () => {
  const other = await ownSession(lab.connect());
  const wait = vi.spyOn(globalThis, "setTimeout");
  const stop = new AbortController();
  const onStatus = vi.fn(() => void setImmediate(() => stop.abort(new Error("^C"))));
  const waiting = untilNotAtWork(lab.host, other, '"web"', { signal: stop.signal, onStatus });
  expect((await failure(waiting)).message).toBe("^C");
  expect(onStatus).toHaveBeenCalledWith(
    '"web" is half made: looking whether another run is still at work on it',
  );
  const pauses = wait.mock.calls.map(([, milliseconds]) => milliseconds ?? 0);
  expect(pauses.some((pause) => pause > 10_000 && pause <= 15_500)).toBe(true);
});
