import { afterEach, beforeEach, expect, test } from "vitest";
import { UnfinishedError } from "../../../provider/resources/unfinished-error.ts";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ guestAddressDelayMs: 150 });
});

afterEach(() => lab.close());

test("waiting for an address ends when the guest has one that is not link-local", async () => {
  const { outs } = await lab.create({ waitFor: { ip: true } });
  expect(outs.defaultIpAddress).toMatch(/^10\./);
  expect(outs.guestIpAddresses).toContain(outs.defaultIpAddress);
  expect(lab.texts("status")).toContain("waiting for an address");
});

test("waiting for Tools ends when they run, whatever the addresses", async () => {
  const { outs } = await lab.create({ waitFor: { tools: true } });
  expect(outs.powerState).toBe("poweredOn");
  expect(lab.texts("status")).toContain("waiting for running VMware Tools");
});

test("nothing is waited for unless it is asked for", async () => {
  const { outs } = await lab.create();
  expect(outs).not.toHaveProperty("defaultIpAddress");
  expect(lab.texts("status").filter((text) => text.startsWith("waiting for"))).toEqual([]);
});

test("a VM that is not to run is not waited for", async () => {
  const { outs } = await lab.create({ powerOn: false, waitFor: { ip: true } });
  expect(outs.powerState).toBe("poweredOff");
});

test("a guest that gets no address in time keeps its VM, and the next update waits again", async () => {
  const slow = await Lab.open({ guestAddressDelayMs: 2500 });
  try {
    const error = await failure(slow.create({ waitFor: { ip: true, timeoutSeconds: 1 } }));
    expect(error).toBeInstanceOf(UnfinishedError);
    expect(error.message).toContain('"vm" runs, but did not have an address within 1 s');
    expect(slow.raw.vm("vm").powerState).toBe("poweredOn");
    const { id, properties } = error as UnfinishedError;
    expect(properties).toMatchObject({ __phase: "unfinished", powerState: "poweredOn" });

    const inputs = await slow.inputs({ waitFor: { ip: true } });
    const updated = await slow.update({ id, outs: properties, inputs }, { waitFor: { ip: true } });
    expect(updated.outs).toMatchObject({ __phase: "done", defaultIpAddress: expect.stringMatching(/^10\./) });
    expect(slow.ownerMark(slow.raw.vm("vm"))?.phase).toBe("created");
  } finally {
    await slow.close();
  }
});
