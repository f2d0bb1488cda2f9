import { setTimeout as pauseFor } from "node:timers/promises";
import { expect, it } from "vitest";
import { createVm, nic, startLab } from "../../host/lab.ts";

it("brings every guest to an address when many start at once in a busy process", {
  timeout: 60_000,
}, async () => {
  const { simulator, client } = await startLab({ guestAddressDelayMs: 4 });
  const vms: string[] = [];
  for (let number = 1; number <= 60; number++) {
    vms.push(await createVm(client, `vm${number}`, { memoryMB: 4, tail: nic() }));
  }
  const moids = vms.map((vm) => vm.split(":")[1] ?? "");
  await Promise.all(
    moids.map(async (moid, index) => {
      await pauseFor(index);
      await simulator.behindBack.powerOn(moid);
      // What a busy process does: timers of several milliseconds are due when it looks again.
      const until = performance.now() + (index % 4);
      while (performance.now() < until);
    }),
  );
  for (const vm of vms) {
    await expect.poll(() => client.value(vm, "guest.ipAddress"), { message: vm }).toMatch(/^10\./);
  }
});
