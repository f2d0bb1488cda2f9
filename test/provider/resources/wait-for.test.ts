import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
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

const BRIDGE = {
  ipAddress: ["172.17.0.1"],
  macAddress: "02:42:4d:8c:8c:f0",
  connected: false,
  deviceConfigId: -1,
};
const own = (...ipAddress: string[]) => ({
  ...{ network: "VM Network", macAddress: "00:50:56:8e:77:79" },
  ...{ connected: true, deviceConfigId: 4000, ipAddress },
});

describe("of a guest that runs containers", () => {
  test("the address of their bridge neither ends the wait nor is the default", async () => {
    const made = await lab.create({ powerOn: false });
    const guest = lab.raw.simulator.behindBack;
    guest.setGuest(String(made.outs.moid), { net: [BRIDGE, own()], ipAddress: "172.17.0.1" });
    const waiting = lab.update(made, { waitFor: { ip: true } });
    await expect.poll(() => lab.raw.vm("vm").powerState).toBe("poweredOn");
    const ref = { type: "VirtualMachine", value: String(made.outs.moid) };
    const reported = async () => (await lab.host.vms.byReference(ref))?.guestIpAddresses;
    await expect.poll(reported).toEqual(["172.17.0.1"]);
    guest.setGuest(String(made.outs.moid), { net: [BRIDGE, own("10.10.21.10")], ipAddress: "172.17.0.1" });
    const { outs } = await waiting;
    expect(outs).toMatchObject({
      defaultIpAddress: "10.10.21.10",
      guestIpAddresses: ["172.17.0.1", "10.10.21.10"],
    });
  });
});

test("the address that is waited for is the default, after a refresh too", async () => {
  const made = await lab.create({ powerOn: false });
  const second = { ...own("192.168.7.5"), deviceConfigId: 4001 };
  lab.raw.simulator.behindBack.setGuest(String(made.outs.moid), { net: [own("10.10.21.10"), second] });
  const updated = await lab.update(made, { waitFor: { ip: true, subnet: "192.168.0.0/16" } });
  expect(updated.outs.defaultIpAddress).toBe("192.168.7.5");
  expect((await lab.read(updated))?.outs.defaultIpAddress).toBe("192.168.7.5");
  const any = await lab.update(updated, { waitFor: { ip: true } });
  expect(any.outs.defaultIpAddress).toBe("10.10.21.10");
});

test("a port is tried at the address that the guest has by then", async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no port.");
    const made = await lab.create({ powerOn: false });
    const guest = lab.raw.simulator.behindBack;
    // Nothing listens there.
    guest.setGuest(String(made.outs.moid), { net: [own("::ffff:127.0.0.2")] });
    const waiting = lab.update(made, { waitFor: { tcpPort: address.port } });
    const status = (at: string) => `waiting for an answer at ${at}:${address.port}`;
    await expect.poll(() => lab.texts("status")).toContain(status("::ffff:127.0.0.2"));
    guest.setGuest(String(made.outs.moid), { net: [own("::ffff:127.0.0.1")] });
    await waiting;
    expect(lab.texts("status").at(-1)).toBe(status("::ffff:127.0.0.1"));
  } finally {
    server.close();
  }
});

test("a port is tried from the host's shell where this machine has no route to the guest", async () => {
  const routed = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  try {
    const made = await routed.create({ powerOn: false });
    const guest = routed.raw.simulator.behindBack;
    guest.setGuest(String(made.outs.moid), { net: [own("10.10.21.10")], ports: [80] });
    const waiting = routed.update(made, { waitFor: { tcpPort: 22, via: "host" } });
    await expect.poll(() => routed.texts("status")).toContain("waiting for an answer at 10.10.21.10:22");
    guest.setGuest(String(made.outs.moid), { net: [own("10.10.21.10")], ports: [80, 22] });
    expect((await waiting).outs).toMatchObject({ powerState: "poweredOn", __phase: "done" });
  } finally {
    await routed.close();
  }
});

describe("a machine whose installer ends by switching it off", () => {
  const settings = { waitFor: { poweredOff: true } };

  test("is waited for, stays off, and is no difference then", async () => {
    const making = lab.create(settings);
    await expect.poll(() => lab.texts("status")).toContain("waiting for the machine to switch itself off");
    const { moid } = lab.raw.vm("vm");
    await lab.raw.simulator.behindBack.powerOff(moid);
    const made = await making;
    expect(made.outs).toMatchObject({ powerState: "poweredOff", powerOn: "once", __phase: "done" });
    expect((await lab.diff(made, settings)).changes).toBe(false);
    const updated = await lab.update(made, { ...settings, annotation: "installed" });
    expect(updated.outs).toMatchObject({ powerState: "poweredOff", annotation: "installed" });
    expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
  });

  test("is not waited for again when somebody has started it since", async () => {
    const making = lab.create(settings);
    await expect.poll(() => lab.texts("status")).toContain("waiting for the machine to switch itself off");
    const { moid } = lab.raw.vm("vm");
    await lab.raw.simulator.behindBack.powerOff(moid);
    const made = await making;
    await lab.raw.simulator.behindBack.powerOn(moid);
    const updated = await lab.update(made, { ...settings, annotation: "in use" });
    expect(updated.outs.powerState).toBe("poweredOn");
  });

  test("that runs too long is kept, and the error says so", async () => {
    const error = await failure(lab.create({ waitFor: { poweredOff: true, timeoutSeconds: 1 } }));
    expect(error).toBeInstanceOf(UnfinishedError);
    expect(error.message).toContain('"vm" did not switch itself off within 1 s (waitFor). The VM is kept');
    expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  });
});

test.each([
  [{ waitFor: { poweredOff: true, ip: true } }, "waitFor.ip"],
  [{ waitFor: { poweredOff: true, tools: true, tcpPort: 22 } }, "waitFor.tools", "waitFor.tcpPort"],
  [{ powerOn: false, waitFor: { poweredOff: true } }, "waitFor.poweredOff"],
  [{ waitFor: { subnet: "10.0.0.0/8", tools: true } }, "waitFor.subnet"],
  [{ waitFor: { family: "ipv4", networkInterface: 0 } }, "waitFor.networkInterface", "waitFor.family"],
  [{ waitFor: { ip: true, subnet: "10.0.0.0" } }, "waitFor.subnet"],
  [{ waitFor: { ip: true, subnet: "10.0.0.0/8", family: "ipv6" } }, "waitFor.subnet"],
  [{ waitFor: { ip: true, via: "host" } }, "waitFor.via"],
  [{ waitFor: { ip: true, networkInterface: 10 } }, "waitFor.networkInterface"],
  [
    { networkInterfaces: [{ network: "VM Network" }], waitFor: { ip: true, networkInterface: 1 } },
    "waitFor.networkInterface",
  ],
])("%j is refused in a preview", async (settings, ...properties) => {
  const { failures } = await lab.check(settings);
  expect(failures.map(({ property }) => property)).toEqual(properties);
});
