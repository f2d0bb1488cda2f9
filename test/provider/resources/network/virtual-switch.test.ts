import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { RawNetwork } from "../raw-network.ts";

let lab: Lab;
let vswitch: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  vswitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
});

afterEach(() => lab.close());

const LAB = { name: "lab", networkAdapters: ["vmnic1", "vmnic2"], standbyNics: ["vmnic2"] };

test("a vSwitch is made with the usual policy, read and removed, twice without harm", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await vswitch.create(LAB);
  expect(state).toMatchObject({
    id: "lab",
    outs: {
      ...LAB,
      activeNics: ["vmnic1"],
      numPorts: 128,
      mtu: 1500,
      allowPromiscuous: false,
      allowMacChanges: false,
      teamingPolicy: "loadbalance_srcid",
      failback: true,
      beaconInterval: 1,
      linkDiscoveryProtocol: "cdp",
      key: "key-vim.host.VirtualSwitch-lab",
      hostUuid: lab.raw.simulator.hostUuid,
    },
  });
  const spec = await raw.spec("VirtualSwitch", "lab");
  expect(spec).toContain("<nicDevice>vmnic1</nicDevice><nicDevice>vmnic2</nicDevice>");
  expect(spec).toContain("<activeNic>vmnic1</activeNic><standbyNic>vmnic2</standbyNic>");
  expect((await vswitch.read(state))?.outs).toEqual(state.outs);
  expect(await vswitch.diff(state, LAB)).toMatchObject({ changes: false });

  await vswitch.delete(state);
  expect(await raw.spec("VirtualSwitch", "lab")).toBe("");
  await vswitch.delete(state);
  expect(await vswitch.read(state)).toBeUndefined();
});

test.each([
  ["an isolated vSwitch", { name: "lab" }],
  [
    "every setting",
    {
      ...LAB,
      numPorts: 256,
      mtu: 9000,
      allowPromiscuous: true,
      allowMacChanges: false,
      allowForgedTransmits: false,
      teamingPolicy: "loadbalance_ip",
      activeNics: ["vmnic1"],
      notifySwitches: false,
      failback: false,
      checkBeacon: true,
      beaconInterval: 5,
      linkDiscoveryProtocol: "lldp",
      linkDiscoveryOperation: "both",
      shapingEnabled: true,
      shapingAverageBandwidth: 1_000_000,
      shapingPeakBandwidth: 2_000_000,
      shapingBurstSize: 500_000,
    },
  ],
])("%s reads back as it was written", async (_what, settings) => {
  const state = await vswitch.create(settings);
  expect(state.outs).toMatchObject(settings);
  const read = await vswitch.read(state);
  expect(read?.outs).toEqual(state.outs);
  expect(await vswitch.diff(state, settings)).toMatchObject({ changes: false });
});

describe("security that the program does not name", () => {
  test.each(["closed", "open"] as const)("stays as a host that is %s has it", async (switchSecurity) => {
    await lab.raw.restart({ behaviour: { switchSecurity } });
    const raw = await RawNetwork.open(lab);
    const open = switchSecurity === "open" ? "true" : "false";
    let state = await vswitch.create({ name: "lab", allowPromiscuous: true, mtu: 9000 });
    const security = async () =>
      Promise.all(
        ["allowPromiscuous", "macChanges", "forgedTransmits"].map((one) =>
          raw.value("VirtualSwitch", "lab", one),
        ),
      );
    expect(await security()).toEqual(["true", open, open]);
    const wish = { name: "lab", allowForgedTransmits: open === "false" };
    expect(await vswitch.diff(state, wish)).toMatchObject({ changes: true, replaces: [] });
    state = await vswitch.update(state, wish);
    expect(await security()).toEqual(["false", open, String(open === "false")]);
    expect(await vswitch.diff(state, wish)).toMatchObject({ changes: false });
    expect(await vswitch.diff(state, { name: "lab" })).toMatchObject({ changes: false });
    await vswitch.delete(state);
    expect(await raw.spec("VirtualSwitch", "lab")).toBe("");
  });

  test("of a state that an earlier release wrote is no difference", async () => {
    const state = await vswitch.create({ name: "lab", allowMacChanges: true, allowForgedTransmits: true });
    expect(await vswitch.diff(state, { name: "lab" })).toMatchObject({ changes: false });
  });
});

test("a policy is sent whole: in one call where it names all of security, else in two", async () => {
  const whole = { allowPromiscuous: false, allowMacChanges: true, allowForgedTransmits: true };
  const counts = () =>
    ["AddVirtualSwitch", "UpdateVirtualSwitch"].map((method) => lab.raw.simulator.requests.count(method));
  await vswitch.create({ ...LAB, ...whole });
  expect(counts()).toEqual([1, 0]);
  await vswitch.create({ name: "plain" });
  expect(counts()).toEqual([2, 0]);
  await vswitch.create({ name: "other", teamingPolicy: "loadbalance_ip" });
  expect(counts()).toEqual([3, 1]);
});

test("a create whose second call fails goes on with the next run", async () => {
  const raw = await RawNetwork.open(lab);
  const fault = { fault: "HostConfigFault" } as const;
  lab.raw.simulator.faults.add({ method: "UpdateVirtualSwitch", count: 1, action: fault });
  const wish = { name: "lab", teamingPolicy: "loadbalance_ip" };
  const half = await vswitch.unfinished(vswitch.create(wish), await vswitch.inputs(wish));
  expect(await vswitch.diff(half, wish)).toMatchObject({ changes: true, replaces: [] });
  const state = await vswitch.update(half, wish);
  expect(state.outs).toMatchObject({ teamingPolicy: "loadbalance_ip", __phase: "done" });
  expect(await raw.value("VirtualSwitch", "lab", "policy")).toContain("loadbalance_ip");
});

test("changes are made in place: figures, uplinks more, less, none", async () => {
  const raw = await RawNetwork.open(lab);
  let state = await vswitch.create(LAB);
  for (const [wish, uplinks] of [
    [{ ...LAB, mtu: 9000, allowPromiscuous: true }, ["vmnic1", "vmnic2"]],
    [{ name: "lab", networkAdapters: ["vmnic1", "vmnic2", "vmnic3"] }, ["vmnic1", "vmnic2", "vmnic3"]],
    [{ name: "lab", networkAdapters: ["vmnic3"] }, ["vmnic3"]],
    [{ name: "lab" }, []],
  ] as const) {
    expect(await vswitch.diff(state, wish)).toMatchObject({ changes: true, replaces: [] });
    state = await vswitch.update(state, wish);
    const spec = await raw.spec("VirtualSwitch", "lab");
    expect([...spec.matchAll(/<nicDevice>(\w+)/g)].map(([, nic]) => nic)).toEqual(uplinks);
    expect(await vswitch.diff(state, wish)).toMatchObject({ changes: false });
  }
  expect(lab.texts("info")[0]).toBe("update in place: mtu 1500 → 9000, allowPromiscuous false → true");
  expect(await raw.value("VirtualSwitch", "lab", "mtu")).toBe("1500");
});

test("the order of the uplinks is no difference", async () => {
  const settings = { name: "lab", networkAdapters: ["vmnic1", "vmnic2"], activeNics: ["vmnic1", "vmnic2"] };
  const state = await vswitch.create(settings);
  const other = { ...settings, networkAdapters: ["vmnic2", "vmnic1"] };
  expect(await vswitch.diff(state, other)).toMatchObject({ changes: false });
});

test("another name replaces it", async () => {
  const state = await vswitch.create(LAB);
  expect(await vswitch.diff(state, { ...LAB, name: "other" })).toMatchObject({
    replaces: ["name"],
    deleteBeforeReplace: true,
  });
});

test("a refresh tells what somebody has changed, and the next update puts it right", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await vswitch.create(LAB);
  await raw.change(
    "UpdateVirtualSwitch",
    "<vswitchName>lab</vswitchName><spec><numPorts>64</numPorts><mtu>2000</mtu></spec>",
  );
  const now = await vswitch.read(state);
  if (!now) throw new Error("gone");
  expect(now.outs).toMatchObject({ numPorts: 64, mtu: 2000, networkAdapters: [], activeNics: [] });
  expect(await vswitch.diff(now, LAB)).toMatchObject({ changes: true, replaces: [] });
  const after = await vswitch.update(now, LAB);
  expect(after.outs).toEqual(state.outs);
});

describe("a vSwitch that is there already", () => {
  const zero = { name: "vSwitch0", networkAdapters: ["vmnic0"] };

  test("is left alone", async () => {
    expect((await failure(vswitch.create({ name: "vSwitch0" }))).message).toContain(
      'esxi1 has the vSwitch "vSwitch0" already, and it is left alone.',
    );
  });

  test("is adopted without being touched if it is what the program says", async () => {
    const state = await vswitch.create({ ...zero, adopt: true });
    expect(state.id).toBe("vSwitch0");
    for (const method of ["AddVirtualSwitch", "UpdateVirtualSwitch"]) expect(lab.raw.count(method)).toBe(0);
  });

  test("is not adopted if it differs, and every difference is told", async () => {
    const wish = { ...zero, networkAdapters: ["vmnic1"], mtu: 9000, adopt: true };
    expect((await failure(vswitch.create(wish))).message).toContain(
      ": networkAdapters vmnic0 → vmnic1, mtu 1500 → 9000, activeNics vmnic0 → vmnic1 (on the host → in the program)",
    );
    expect(lab.raw.count("UpdateVirtualSwitch")).toBe(0);
  });
});

test("a vSwitch with port groups is not deleted, and who is on them is told", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await vswitch.create({ name: "lab" });
  const group = new Managed(lab, "PortGroup", portGroup);
  const inside = await group.create({ name: "dev", virtualSwitch: "lab" });
  expect((await failure(vswitch.delete(state))).message).toBe(
    'esxi1: the vSwitch "lab" has the port groups "dev" and was left alone. Remove them first, then run this again.',
  );
  const vm = await lab.create({ name: "vm", networkInterfaces: [{ network: "dev" }], powerOn: false });
  expect((await failure(vswitch.delete(state))).message).toContain(
    '"dev", used by the VM "vm", and was left',
  );
  await lab.delete(vm);
  await group.delete(inside);
  await vswitch.delete(state);
  expect(await raw.spec("VirtualSwitch", "lab")).toBe("");
});

test("an uplink that is not there, or is another's, is told before anything is done", async () => {
  expect((await failure(vswitch.create({ name: "lab", networkAdapters: ["vmnic9"] }))).message).toContain(
    'esxi1 has no network adapter "vmnic9" for the vSwitch "lab": did you mean "vmnic0"?',
  );
  expect((await failure(vswitch.create({ name: "lab", networkAdapters: ["vmnic0"] }))).message).toBe(
    'esxi1: the network adapter vmnic0 is an uplink of the vSwitch "vSwitch0" already, so "lab" cannot have it. ' +
      "Nothing was changed.",
  );
  expect(lab.raw.count("AddVirtualSwitch")).toBe(0);
  const state = await vswitch.create(LAB);
  lab.raw.simulator.requests.clear();
  for (const [uplink, says] of [
    ["vmnic9", 'no network adapter "vmnic9"'],
    ["vmnic0", 'is an uplink of the vSwitch "vSwitch0" already'],
  ] as const) {
    const wish = { name: "lab", networkAdapters: [...LAB.networkAdapters, uplink] };
    expect((await failure(vswitch.update(state, wish))).message).toContain(says);
  }
  expect(lab.raw.count("UpdateVirtualSwitch")).toBe(0);
});

test("an answer that gets lost is no failure", async () => {
  lab.raw.simulator.faults.add({ method: "AddVirtualSwitch", count: 1, action: "loseReply" });
  expect((await vswitch.create(LAB)).outs).toMatchObject({ ...LAB, __phase: "done" });
});

test("a create that is refused leaves nothing", async () => {
  const raw = await RawNetwork.open(lab);
  lab.raw.simulator.faults.add({
    method: "AddVirtualSwitch",
    count: 1,
    action: { fault: "HostConfigFault" },
  });
  await failure(vswitch.create(LAB));
  expect(await raw.spec("VirtualSwitch", "lab")).toBe("");
  await vswitch.create(LAB);
});

test("wrong settings are found before the host is asked", async () => {
  const { failures } = await vswitch.check({
    name: "v".repeat(32),
    mtu: 100,
    numPorts: 0,
    networkAdapters: ["vmnic1", "vmnic1"],
    activeNics: ["vmnic3"],
    teamingPolicy: "best",
  });
  expect(failures.map(({ property, reason }) => `${property}: ${reason}`).sort()).toEqual([
    "activeNics: names vmnic3, which is not in networkAdapters",
    "mtu: must be at least 1280 bytes",
    "name: must have at most 31 characters",
    "networkAdapters: names vmnic1 twice",
    "numPorts: must be at least 1 ports",
    "teamingPolicy: must be one of loadbalance_ip, loadbalance_srcmac, loadbalance_srcid, failover_explicit",
  ]);
  const { failures: beacons } = await vswitch.check({ name: "lab", checkBeacon: true });
  expect(beacons).toEqual([
    { property: "checkBeacon", reason: "needs networkAdapters to send beacons through" },
  ]);
  expect(lab.raw.count()).toBe(0);
});

test("what a preview does not know yet is passed over", async () => {
  const { inputs, failures } = await vswitch.check({
    name: "lab",
    networkAdapters: UNKNOWN,
    activeNics: ["vmnic7"],
    checkBeacon: true,
  });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ networkAdapters: UNKNOWN, mtu: 1500 });
});

test("a vSwitch that somebody gives a port group while it is about to be deleted is not deleted", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await vswitch.create(LAB);
  lab.afterReads(2, () => raw.addPortGroup("theirs", 0, "lab"));
  expect((await failure(vswitch.delete(state))).message).toContain('has the port groups "theirs"');
  expect(await raw.spec("PortGroup", "theirs")).not.toBe("");
});
