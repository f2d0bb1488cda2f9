import { connectivityState } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { closeEngine, engine, whenEngineIsGone } from "../../../provider/runtime/engine.ts";
import { freePort } from "../../support/ports.ts";
import { startEngine } from "./fake-engine.ts";

const argument = process.argv[2];
const own: (() => void)[] = [];

beforeEach(closeEngine);
afterEach(() => {
  closeEngine();
  for (const stop of own.splice(0)) stop();
  process.argv[2] = argument ?? "";
});

async function start() {
  const started = await startEngine();
  own.push(() => started.stop());
  process.argv[2] = started.address;
  return started;
}

const state = () => engine()?.getChannel().getConnectivityState(false);

describe("the engine", () => {
  test.each(["127.0.0.1:1234", "[::1]:1234", "localhost:1"])(
    "is at %s, and one connection serves all",
    (address) => {
      process.argv[2] = address;
      expect(engine()).toBeDefined();
      expect(engine()).toBe(engine());
    },
  );

  test.each(["", "run", "127.0.0.1", "http://127.0.0.1:1", "127.0.0.1:1/x"])(
    "is nowhere where the first argument is %j",
    (text) => {
      process.argv[2] = text;
      expect(engine()).toBeUndefined();
    },
  );

  test("is met anew once the connection to it is closed", async () => {
    await start();
    const first = engine();
    closeEngine();
    expect(engine()).not.toBe(first);
    closeEngine();
    closeEngine();
  });
});

describe("the end of the engine", () => {
  test("is told once, if it was there", async () => {
    const { stop } = await start();
    const tell = vi.fn<() => void>();
    const told = new Promise<void>((resolve) => whenEngineIsGone(() => resolve(tell())));
    await expect.poll(state).toBe(connectivityState.READY);
    expect(tell).not.toHaveBeenCalled();
    stop();
    await told;
    expect(tell).toHaveBeenCalledTimes(1);
  });

  test("is not told of one that was never there, and not after the connection is closed", async () => {
    process.argv[2] = `127.0.0.1:${await freePort()}`;
    const tell = vi.fn<() => void>();
    whenEngineIsGone(tell);
    await expect.poll(state).toBe(connectivityState.TRANSIENT_FAILURE);
    closeEngine();
    process.argv[2] = "none";
    whenEngineIsGone(tell);
    expect(tell).not.toHaveBeenCalled();
  });
});
