import { memoryUsage } from "node:process";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { YoungGarbage } from "../../../provider/ssh/young-garbage.ts";

const MIB = 1024 * 1024;

test("what was sent does not stay in memory until the whole heap is collected", async () => {
  const garbage = new YoungGarbage();
  const before = memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < 64; sent++) {
    Buffer.allocUnsafeSlow(MIB).fill(sent);
    garbage.add(MIB);
    // What is collected is given back by another thread.
    await setImmediate();
    most = Math.max(most, memoryUsage().arrayBuffers - before);
  }
  expect(most / MIB).toBeLessThan(24);
  expect(globalThis.gc).toBeUndefined();
});
