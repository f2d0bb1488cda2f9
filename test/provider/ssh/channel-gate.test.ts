/** How many commands one connection runs at once, when a host allows fewer than anybody knew. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChannelGate, ChannelRefusedError } from "../../../provider/ssh/channel-gate.ts";

const CTRL_C = new Error("^C");

/** A host that allows so many channels, and commands that end when they are told. */
class Host {
  allows: number;
  open = 0;
  most = 0;
  asked = 0;
  readonly #ends: (() => void)[] = [];
  readonly begun: string[] = [];

  constructor(allows: number) {
    this.allows = allows;
  }

  run(gate: ChannelGate, name: string, signal?: AbortSignal): Promise<string> {
    const openChannel = async () => {
      this.asked++;
      if (this.open >= this.allows) throw new ChannelRefusedError("no more");
      this.most = Math.max(this.most, ++this.open);
      this.begun.push(name);
    };
    const use = () =>
      new Promise<void>((resolve) => void this.#ends.push(resolve)).then(() => void this.open--);
    return gate.run(openChannel, use, signal).then(() => name);
  }

  /** Ends the command that began first. */
  async end(): Promise<void> {
    this.#ends.shift()?.();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve();
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("no more run at once than it was told, and the others in their order", async () => {
  const [gate, host] = [new ChannelGate(2), new Host(9)];
  const runs = ["a", "b", "c", "d"].map((name) => host.run(gate, name));
  await settled();
  expect(host.begun).toEqual(["a", "b"]);
  await host.end();
  expect(host.begun).toEqual(["a", "b", "c"]);
  for (let left = 3; left > 0; left--) await host.end();
  expect(await Promise.all(runs)).toEqual(["a", "b", "c", "d"]);
  expect([host.most, host.asked]).toEqual([2, 4]);
});

test("a limit below one is one", async () => {
  const [gate, host] = [new ChannelGate(0), new Host(9)];
  const runs = ["a", "b"].map((name) => host.run(gate, name));
  await settled();
  expect(host.begun).toEqual(["a"]);
  await host.end();
  await host.end();
  await Promise.all(runs);
});

test("a refused channel waits for another to close, and no more than were open are asked for from then on", async () => {
  const [gate, host] = [new ChannelGate(8), new Host(2)];
  const runs = ["a", "b", "c", "d", "e"].map((name) => host.run(gate, name));
  await settled();
  expect([host.begun, host.asked]).toEqual([["a", "b"], 5]);
  for (let left = 5; left > 0; left--) await host.end();
  expect((await Promise.all(runs)).length).toBe(5);
  host.asked = 0;
  const later = ["f", "g", "h"].map((name) => host.run(gate, name));
  await settled();
  expect([host.begun.slice(5), host.asked]).toEqual([["f", "g"], 2]);
  for (let left = 3; left > 0; left--) await host.end();
  await Promise.all(later);
});

test("a host that refuses the only channel is asked some times, later each time, and then no more", async () => {
  const [gate, host] = [new ChannelGate(8), new Host(0)];
  const refused = host.run(gate, "a");
  refused.catch(() => {});
  await vi.advanceTimersByTimeAsync(49);
  expect(host.asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(host.asked).toBe(2);
  await vi.advanceTimersByTimeAsync(99);
  expect(host.asked).toBe(2);
  await vi.runAllTimersAsync();
  await expect(refused).rejects.toThrow(ChannelRefusedError);
  expect(host.asked).toBe(10);
  host.allows = 1;
  const next = host.run(gate, "b");
  await settled();
  await host.end();
  expect(await next).toBe("b");
});

test("one that waits for a host that refuses ends with its run, and lets the next one in", async () => {
  const [gate, host] = [new ChannelGate(8), new Host(0)];
  const stop = new AbortController();
  const refused = host.run(gate, "a", stop.signal);
  await settled();
  const next = host.run(gate, "b");
  await settled();
  host.allows = 1;
  stop.abort(CTRL_C);
  await expect(refused).rejects.toBe(CTRL_C);
  await settled();
  await host.end();
  expect(await next).toBe("b");
});

test("what fails for another reason is not tried again, and gives its place back", async () => {
  const gate = new ChannelGate(1);
  const reason = new Error("no such command");
  let asked = 0;
  const failing = async () => {
    asked++;
    throw reason;
  };
  await expect(gate.run(failing, async () => {}, undefined)).rejects.toBe(reason);
  await expect(gate.run(async () => {}, failing, undefined)).rejects.toBe(reason);
  await expect(gate.run(failing, failing, AbortSignal.abort(CTRL_C))).rejects.toBe(CTRL_C);
  expect(asked).toBe(2);
  expect(
    await gate.run(
      async () => 1,
      async (channel) => channel + 1,
      undefined,
    ),
  ).toBe(2);
});

test("one that waits for its place leaves the line with its run, and the others keep their places", async () => {
  const [gate, host] = [new ChannelGate(1), new Host(1)];
  const stop = new AbortController();
  const gone = AbortSignal.abort(CTRL_C);
  const first = host.run(gate, "a");
  const runs = [host.run(gate, "b"), host.run(gate, "c", stop.signal), host.run(gate, "d")];
  await settled();
  stop.abort(CTRL_C);
  await expect(runs[1]).rejects.toBe(CTRL_C);
  await expect(host.run(gate, "e", gone)).rejects.toBe(CTRL_C);
  for (let left = 3; left > 0; left--) await host.end();
  expect([await first, await runs[0], await runs[2], host.begun]).toEqual(["a", "b", "d", ["a", "b", "d"]]);
});

test("one that is told to stop just as its turn comes hands it on", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const [gate, host] = [new ChannelGate(1), new Host(1)];
    const stop = new AbortController();
    const first = host.run(gate, "a");
    const second = host.run(gate, "b", stop.signal);
    second.catch(() => {});
    const third = host.run(gate, "c");
    await settled();
    const end = host.end();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    stop.abort(CTRL_C);
    await end;
    await host.end();
    await host.end();
    expect([await first, await Promise.race([third, settled()])], `after ${turns} turns`).toEqual(["a", "c"]);
  }
});
