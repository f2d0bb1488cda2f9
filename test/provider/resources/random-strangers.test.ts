/**
 * Draws hosts with machines, disks and files of strangers, and programs of ours that run beside them, are killed, find no
 * space and lose answers. Whatever happens, everything that is a stranger's stays byte for byte what it was; and ours is
 * what the program says, or an error says why not.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { draws } from "../../support/draws.ts";
import { HostWithStrangers } from "./host-with-strangers.ts";
import { steps } from "./random-programs.ts";

let host: HostWithStrangers;

beforeAll(async () => {
  host = await HostWithStrangers.open();
});

afterAll(async () => {
  await host.lab.close();
});

test("nothing of a stranger's is lost, whatever programs do beside it", { timeout: 3_600_000 }, async () => {
  let complete = 0;
  const property = fc.asyncProperty(steps, async (program) => {
    await host.reset();
    for (const step of program) await host.run(step);
    const isDeclared = await host.expectDeclared();
    await host.expectGone(isDeclared);
    if (isDeclared) complete++;
  });
  const { numRuns, ...options } = draws(150);
  await fc.assert(property, { numRuns, ...options });
  // Not all of it was refused.
  expect(complete).toBeGreaterThan(numRuns / 4);
});
