import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { RawNetwork } from "../raw-network.ts";

let lab: Lab;
let group: Managed;

beforeEach(async () => {
  lab = await Lab.open();
  group = new Managed(lab, "PortGroup", portGroup);
});

afterEach(() => lab.close());

const OPEN =
  "<policy><security><allowPromiscuous>true</allowPromiscuous><macChanges>true</macChanges>" +
  "<forgedTransmits>true</forgedTransmits></security></policy>";
const DEV = { name: "dev", virtualSwitch: "vSwitch0", vlanId: 42 };

test("a port group is made, read and removed, twice without harm", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create({ ...DEV, allowPromiscuous: true });
  expect(state).toMatchObject({
    id: "dev",
    outs: {
      ...DEV,
      allowPromiscuous: true,
      key: "key-vim.host.PortGroup-dev",
      hostUuid: lab.raw.simulator.hostUuid,
      __phase: "done",
    },
  });
  expect(Object.keys(state.outs)).not.toContain("allowForgedTransmits");
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
  expect(await raw.value("PortGroup", "dev", "allowPromiscuous")).toBe("true");
  // Hosts take the three values together: those that nobody names are the vSwitch's.
  expect(await raw.value("PortGroup", "dev", "forgedTransmits")).toBe("false");

  const read = await group.read(state);
  expect(read?.outs).toEqual(state.outs);
  expect(await group.diff(state, { ...DEV, allowPromiscuous: true })).toMatchObject({ changes: false });

  await group.delete(state);
  expect(await raw.spec("PortGroup", "dev")).toBe("");
  await group.delete(state);
  expect(await group.read(state)).toBeUndefined();
});

test("every setting reads back as it was written", async () => {
  const settings = {
    ...DEV,
    vlanId: 4095,
    allowPromiscuous: true,
    allowMacChanges: false,
    allowForgedTransmits: false,
    teamingPolicy: "failover_explicit",
    activeNics: ["vmnic0"],
    notifySwitches: false,
    failback: false,
    checkBeacon: true,
    shapingEnabled: true,
    shapingAverageBandwidth: 1_000_000,
    shapingPeakBandwidth: 2_000_000,
    shapingBurstSize: 500_000,
  };
  const state = await group.create(settings);
  expect(state.outs).toMatchObject(settings);
  const read = await group.read(state);
  expect(read?.outs).toEqual(state.outs);
  expect(await group.diff(state, settings)).toMatchObject({ changes: false });
});

test("a change is made in place; a setting that is taken out is the vSwitch's again", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create({ ...DEV, allowPromiscuous: true, activeNics: ["vmnic0"] });
  const wish = { ...DEV, vlanId: 43, allowMacChanges: false };
  expect(await group.diff(state, wish)).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
  expect(lab.texts("info")).toEqual([
    "update in place: vlanId 42 → 43, allowPromiscuous true → unset, allowMacChanges unset → false, activeNics vmnic0 → unset",
  ]);
  const after = await group.update(state, wish);
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("43");
  expect(await raw.value("PortGroup", "dev", "macChanges")).toBe("false");
  expect(await raw.value("PortGroup", "dev", "allowPromiscuous")).toBe("false");
  expect(await raw.spec("PortGroup", "dev")).not.toContain("activeNic");
  expect(Object.keys(after.outs)).not.toContain("allowPromiscuous");
  expect(await group.diff(after, wish)).toMatchObject({ changes: false });
});

test("a port group that names nothing of security any more sends none of it", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create({ ...DEV, allowPromiscuous: true });
  const after = await group.update(state, DEV);
  expect(await raw.spec("PortGroup", "dev")).not.toMatch(/allowPromiscuous|macChanges|forgedTransmits/);
  expect(await group.diff(after, DEV)).toMatchObject({ changes: false });
});

test("a port group that names a part of security follows its vSwitch in the rest, and does not drift", async () => {
  const raw = await RawNetwork.open(lab);
  const vSwitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
  const under = await vSwitch.create({ name: "lab" });
  const wish = { name: "dev", virtualSwitch: "lab", allowPromiscuous: true };
  const state = await group.create(wish);
  expect(await group.diff((await group.read(state)) ?? state, wish)).toMatchObject({ changes: false });
  await vSwitch.update(under, { name: "lab", allowForgedTransmits: true });
  const now = (await group.read(state)) ?? state;
  expect(await group.diff(now, wish)).toMatchObject({ changes: true, replaces: [] });
  const after = await group.update(now, wish);
  expect(await raw.value("PortGroup", "dev", "forgedTransmits")).toBe("true");
  expect(await group.diff((await group.read(after)) ?? after, wish)).toMatchObject({ changes: false });
  // What was named and is taken out is the vSwitch's again.
  const named = await group.update(after, { ...wish, allowMacChanges: true });
  expect(await raw.value("PortGroup", "dev", "macChanges")).toBe("true");
  await group.update(named, wish);
  expect(await raw.value("PortGroup", "dev", "macChanges")).toBe("false");
});

test.each([
  [{ ...DEV, name: "other" }, "name"],
  [{ ...DEV, virtualSwitch: "vSwitch1" }, "virtualSwitch"],
  [{ ...DEV, host: "esxi2" }, "host"],
])("%o replaces it", async (wish, setting) => {
  const state = await group.create(DEV);
  expect(await group.diff(state, wish)).toMatchObject({ replaces: [setting], deleteBeforeReplace: true });
});

test("a refresh tells what somebody has changed, and the next update puts it right", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create(DEV);
  const policy = OPEN;
  await raw.updatePortGroup("dev", 7, "vSwitch0", policy);
  const now = await group.read(state);
  if (!now) throw new Error("gone");
  expect(now.outs).toMatchObject({ vlanId: 7, allowPromiscuous: true });
  expect(await group.diff(now, DEV)).toMatchObject({ changes: true, replaces: [] });
  await group.update(now, DEV);
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
  expect(await raw.spec("PortGroup", "dev")).not.toContain("allowPromiscuous");
});

test("one that somebody has removed or renamed is gone, and an update of it says what to do", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create(DEV);
  await raw.change("RemovePortGroup", "<pgName>dev</pgName>");
  expect((await failure(group.update(state, { ...DEV, vlanId: 1 }))).message).toBe(
    'The port group "dev" is not on esxi1 any more. Run `pulumi refresh` so that Pulumi knows it, then `pulumi up` ' +
      "makes it anew.",
  );
  expect(await group.read(state)).toBeUndefined();
});

describe("a port group that is there already", () => {
  test("is left alone", async () => {
    const raw = await RawNetwork.open(lab);
    await raw.addPortGroup("dev", 5);
    expect((await failure(group.create(DEV))).message).toBe(
      'esxi1 has the port group "dev" already, and it is left alone. No mark says that pulumi-esxi-direct made it. Set ' +
        "`adopt: true` to take it under management as it is, or give this resource another `name`.",
    );
    expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("5");
  });

  test("is adopted without being touched if it is what the program says", async () => {
    const raw = await RawNetwork.open(lab);
    await raw.addPortGroup("dev", 42);
    lab.raw.simulator.requests.clear();
    const state = await group.create({ ...DEV, adopt: true });
    expect(state.id).toBe("dev");
    for (const method of ["AddPortGroup", "UpdatePortGroup"]) expect(lab.raw.count(method)).toBe(0);
    expect(await group.diff(state, { ...DEV, adopt: true })).toMatchObject({ changes: false });
  });

  test("is not adopted if it differs, and every difference is told", async () => {
    const raw = await RawNetwork.open(lab);
    const policy = OPEN;
    await raw.change("AddVirtualSwitch", "<vswitchName>vSwitch1</vswitchName>");
    await raw.addPortGroup("dev", 5, "vSwitch1", policy);
    const before = await raw.spec("PortGroup", "dev");
    expect((await failure(group.create({ ...DEV, adopt: true }))).message).toContain(
      "virtualSwitch vSwitch1 → vSwitch0, vlanId 5 → 42, allowPromiscuous true → unset, allowMacChanges true → unset, allowForgedTransmits true → unset (on the host → in the program)",
    );
    expect(await raw.spec("PortGroup", "dev")).toBe(before);
  });

  test("is made if adopting finds none", async () => {
    const raw = await RawNetwork.open(lab);
    await group.create({ ...DEV, adopt: true });
    expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
  });
});

describe("what is in use stays", () => {
  test("a port group with VMs, running or not", async () => {
    const raw = await RawNetwork.open(lab);
    const state = await group.create(DEV);
    const settings = { networkInterfaces: [{ network: "dev" }] };
    await lab.create({ name: "on", ...settings });
    await lab.create({ name: "off", powerOn: false, ...settings });
    expect((await failure(group.delete(state))).message).toBe(
      'esxi1: the port group "dev" is used by the VM "off", the VM "on" and was left alone. ' +
        "Move them to another network, or remove them, then run this again.",
    );
    expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
  });

  test("a port group that is to have another name, which the preview says with the way out", async () => {
    const state = await group.create(DEV);
    const renamed = { ...DEV, name: "renamed" };
    expect(await group.diff(state, renamed)).toMatchObject({ replaces: ["name"] });
    expect(lab.texts("warn")).toEqual([]);
    await lab.create({ name: "on", networkInterfaces: [{ network: "dev" }] });
    const calls = lab.raw.count();
    await portGroup.diff(state.id, state.outs, renamed, { ...lab.context(), checkHost: false });
    expect(lab.texts("warn")).toEqual([]);
    expect(lab.raw.count()).toBe(calls);
    await group.diff(state, renamed);
    expect(lab.texts("warn")).toEqual([
      'a port group gets another name or vSwitch by a replacement, but "dev" cannot be removed, ' +
        'because it is used by the VM "on". Make the new port group as a resource of its own beside this one, move them ' +
        "to it, and run `pulumi up`. Then take this one out of the program",
    ]);
  });

  test("the port group of the host's own address", async () => {
    const state = await group.create({
      name: "Management Network",
      virtualSwitch: "vSwitch0",
      adopt: true,
    });
    expect((await failure(group.delete(state))).message).toContain("used by the VMkernel port vmk0");
  });
});

test("a VM of the same run finds a port group that came after the host was first read", async () => {
  await lab.host.facts();
  const state = await group.create(DEV);
  const vm = await lab.create({ name: "vm", networkInterfaces: [{ network: "dev" }], powerOn: false });
  const raw = await RawNetwork.open(lab);
  expect(await raw.client.read("Network:HaNetwork-dev", "vm")).toContain("VirtualMachine");
  await ovaDeployment.delete(vm.id, vm.outs, lab.context());
  await group.delete(state);
  const gone = { name: "vm3", networkInterfaces: [{ network: "dev" }], powerOn: false };
  expect((await failure(lab.create(gone))).message).toContain('esxi1 has no port group "dev"');
  // Somebody else's, made after our last look.
  await raw.addPortGroup("later");
  await lab.create({ name: "vm2", networkInterfaces: [{ network: "later" }], powerOn: false });
  expect(await raw.client.read("Network:HaNetwork-later", "vm")).toContain("VirtualMachine");
});

test("an answer that gets lost is no failure", async () => {
  lab.raw.simulator.faults.add({ method: "AddPortGroup", count: 1, action: "loseReply" });
  const state = await group.create(DEV);
  expect(state.outs).toMatchObject({ ...DEV, __phase: "done" });
  expect(lab.raw.count("AddPortGroup")).toBe(1);
});

test("an update that failed is sent again by the next", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create(DEV);
  lab.raw.simulator.faults.add({ method: "UpdatePortGroup", count: 1, action: { fault: "HostConfigFault" } });
  const wish = { ...DEV, vlanId: 1 };
  await failure(group.update(state, wish));
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
  await group.update(state, wish);
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("1");
});

test("a vSwitch that is not there is told with those that are, and nothing is made", async () => {
  expect((await failure(group.create({ ...DEV, virtualSwitch: "vSwitch1" }))).message).toBe(
    'esxi1 has no vSwitch "vSwitch1" for the port group "dev": did you mean "vSwitch0"? esxi1 has "vSwitch0". ' +
      "Nothing was created.",
  );
  expect(lab.raw.count("AddPortGroup")).toBe(0);
});

test("wrong settings are found before the host is asked", async () => {
  const { failures } = await group.check({
    name: "",
    virtualSwitch: "vSwitch0",
    vlanId: 4096,
    vlan: 1,
    activeNics: ["vmnic0", "vmnic0"],
    standbyNics: ["vmnic0"],
    shapingEnabled: true,
    shapingAverageBandwidth: 10,
    shapingPeakBandwidth: 5,
  });
  expect(failures.map(({ property, reason }) => `${property}: ${reason}`).sort()).toEqual([
    "activeNics: names vmnic0 twice",
    "name: must not be empty",
    "shapingBurstSize: is required with shapingEnabled: true",
    "shapingPeakBandwidth: must be at least shapingAverageBandwidth",
    "standbyNics: names vmnic0, which is also in activeNics",
    "vlan: there is no such setting; did you mean vlanId?",
    "vlanId: must be at most 4095",
  ]);
  expect(lab.raw.count()).toBe(0);
});

test("what a preview does not know yet is passed over", async () => {
  const { inputs, failures } = await group.check({
    ...DEV,
    virtualSwitch: UNKNOWN,
    activeNics: [UNKNOWN],
    shapingEnabled: UNKNOWN,
  });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ virtualSwitch: UNKNOWN, activeNics: [UNKNOWN] });
});

test("another host under the same name is left alone", async () => {
  const state = await group.create(DEV);
  const other = { ...state, outs: { ...state.outs, hostUuid: "00000000-0000-0000-0000-000000000000" } };
  expect((await failure(group.delete(other))).message).toContain(
    'The port group "dev" is on the host with the hardware UUID 00000000-0000-0000-0000-000000000000',
  );
});

test("many port groups are read in one call", async () => {
  const names = ["a", "b", "c", "d"];
  const states = await Promise.all(names.map((name) => group.create({ ...DEV, name })));
  await lab.host.facts();
  lab.raw.simulator.requests.clear();
  await Promise.all(states.map((state) => group.read(state)));
  expect(lab.raw.count("RetrievePropertiesEx")).toBe(1);
});

test("a licence without API access is told where only the API is to be used", async () => {
  await lab.raw.restart({ license: "free" });
  const inputs = await group.inputs(DEV);
  const free = lab.connect({ transport: "api" });
  const context = lab.context(undefined, free);
  expect((await failure(group.lifecycle.create(inputs, context))).message).toMatch(
    /AddPortGroup failed: Current license or ESXi version prohibits/,
  );
});

test("a port group that somebody puts a machine on while it is about to be deleted is not deleted", async () => {
  const raw = await RawNetwork.open(lab);
  const state = await group.create(DEV);
  const theirs = lab.connect();
  const wish = { name: "theirs", networkInterfaces: [{ network: "dev" }], powerOn: false };
  lab.afterReads(3, () => lab.create(wish, lab.context(undefined, theirs)));
  expect((await failure(group.delete(state))).message).toContain('is used by the VM "theirs"');
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("42");
});
