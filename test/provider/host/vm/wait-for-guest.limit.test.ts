/** How long a guest is waited for, by a clock that the test sets. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type GuestWish, waitForGuest } from "../../../../provider/host/vm/wait-for-guest.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let lab: Lab;
let said: string[];

beforeEach(async () => {
  lab = await Lab.open();
  await new Stranger(lab).vm("vm");
  said = [];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await lab.close();
});

/** A wait that has begun, with the limit that it has asked for. */
async function begin(wish: GuestWish, signal = new AbortController().signal) {
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm("vm").moid });
  if (vm === undefined) throw new Error("The host has no such machine.");
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(limit.signal);
  const waiting = waitForGuest(lab.host, vm, wish, { signal, onStatus: (text) => void said.push(text) });
  return { waiting, limit, asked: timeout.mock.calls[0]?.[0] };
}

test.each<[GuestWish, number, string]>([
  [{ ip: true }, 300_000, "did not have an address within 300 s"],
  [{ tools: true, timeoutSeconds: 7 }, 7000, "did not have running VMware Tools within 7 s"],
  [{ tcpPort: 22, timeoutSeconds: 1 }, 1000, "did not have an address within 1 s"],
])(
  "%j is waited for as long as that, and then the error says what was missing",
  async (wish, asked, message) => {
    const begun = await begin(wish);
    expect(begun.asked).toBe(asked);
    const error = failure(begun.waiting);
    begun.limit.abort();
    expect((await error).message).toContain(`esxi1: "vm" runs, but ${message} (waitFor). The VM is kept`);
  },
);

test("what is there before the limit ends the wait, and what comes of the limit then is nobody's", async () => {
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid);
  const begun = await begin({ poweredOff: true });
  await lab.raw.simulator.behindBack.powerOff(lab.raw.vm("vm").moid);
  await begun.waiting;
  begun.limit.abort();
  expect(said).toEqual(["waiting for the machine to switch itself off"]);
});

test("who stops the run gets his own reason, also when the limit is over", async () => {
  const run = new AbortController();
  const reason = new Error("^C");
  const begun = await begin({ ip: true }, run.signal);
  const error = failure(begun.waiting);
  run.abort(reason);
  begun.limit.abort();
  expect(await error).toBe(reason);
});
