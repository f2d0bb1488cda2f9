import { afterEach, expect, test } from "vitest";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import { failure, Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { previewed } from "../preview/previewed.ts";
import { RawNetwork } from "../raw-network.ts";
import { writesByApi } from "../writes-by-api.ts";

let lab: Lab;
let group: Managed;
let vSwitch: Managed;

async function open(options: Partial<SimulatorOptions> = {}): Promise<RawNetwork> {
  lab = await Lab.open({
    license: "free",
    ssh: { listen: "127.0.0.1:0" },
    behaviour: { freeFolderWrites: "refused" },
    ...options,
  });
  group = new Managed(lab, "PortGroup", portGroup);
  vSwitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
  return RawNetwork.open(lab);
}

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await lab.close();
});

const WHOLE = {
  allowPromiscuous: true,
  allowMacChanges: false,
  allowForgedTransmits: true,
  teamingPolicy: "failover_explicit",
  notifySwitches: false,
  failback: false,
  checkBeacon: true,
  shapingEnabled: true,
  shapingAverageBandwidth: 1_000_000,
  shapingPeakBandwidth: 2_000_000,
  shapingBurstSize: 102_400,
};

test.each(["bits", "bytes"] as const)(
  "on a free host a vSwitch and its port group have every setting as written, where bursts count in %s",
  async (burstUnit) => {
    const raw = await open({ behaviour: { freeFolderWrites: "refused", burstUnit } });
    const wish = {
      ...WHOLE,
      name: "vSwitch1",
      networkAdapters: ["vmnic1", "vmnic2"],
      activeNics: ["vmnic2"],
      standbyNics: ["vmnic1"],
      numPorts: 64,
      mtu: 9000,
      linkDiscoveryOperation: "none",
    };
    const made = await vSwitch.create(wish);
    expect(made.outs).toMatchObject(wish);
    const dev = { ...WHOLE, name: "dev", virtualSwitch: "vSwitch1", vlanId: 42, activeNics: ["vmnic1"] };
    const inside = await group.create(dev);
    expect(inside.outs).toMatchObject(dev);
    expect(await raw.value("PortGroup", "dev", "burstSize")).toBe("102400");
    expect((await group.read(inside))?.outs).toEqual(inside.outs);
    expect(await group.diff(inside, dev)).toMatchObject({ changes: false });
    expect(await vSwitch.diff(made, wish)).toMatchObject({ changes: false });

    // What the program takes out is the vSwitch's again, and an uplink that no list names is used no more.
    const less = await group.update(inside, { name: "dev", virtualSwitch: "vSwitch1", failback: true });
    expect(less.outs).not.toHaveProperty("allowPromiscuous");
    const spec = await raw.spec("PortGroup", "dev");
    for (const gone of ["allowPromiscuous", "activeNic", "averageBandwidth"])
      expect(spec).not.toContain(gone);
    expect(spec).toContain("<rollingOrder>false</rollingOrder>");
    const changed = {
      ...wish,
      networkAdapters: ["vmnic2", "vmnic3"],
      activeNics: ["vmnic3"],
      standbyNics: [],
    };
    expect((await vSwitch.update(made, { ...changed, shapingEnabled: false })).outs).toMatchObject({
      networkAdapters: ["vmnic2", "vmnic3"],
      activeNics: ["vmnic3"],
      standbyNics: [],
      shapingEnabled: false,
    });

    expect((await failure(vSwitch.delete(made))).message).toMatch(/has the port groups "dev"/);
    await group.delete(less);
    await vSwitch.delete(made);
    await vSwitch.delete(made);
    expect(await raw.spec("PortGroup", "dev")).toBe("");
    expect(await raw.spec("VirtualSwitch", "vSwitch1")).toBe("");
    expect((await lab.raw.contents()).files).toEqual([]);
  },
);

test("a port group that cannot be made whole is taken away again, with the command's own words", async () => {
  const raw = await open();
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "shaping",
    action: { status: 1, stdout: "Error: Out of memory\n" },
  });
  const error = await failure(group.create({ ...WHOLE, name: "dev", virtualSwitch: "vSwitch0" }));
  expect(error.message).toMatch(/could not set the shaping policy of the port group "dev": .*Out of memory/);
  expect(await raw.spec("PortGroup", "dev")).toBe("");
  expect((await lab.raw.contents()).files).toEqual([]);
});

const hasVlanCommand = () =>
  lab.raw.simulator.requests.entries().some(({ target }) => target.includes("--vlan-id"));
const DEV = { ...WHOLE, name: "dev", virtualSwitch: "vSwitch0", vlanId: 7 };

test("a run that is stopped between two commands takes away what it has begun", async () => {
  const raw = await open();
  const stopped = new AbortController();
  lab.raw.simulator.faults.add({
    ...{ method: "ssh.exec", entity: "--vlan-id", action: "continue" },
    onWork: () => stopped.abort(new Error("stopped")),
  });
  expect((await failure(group.create(DEV, lab.context(stopped.signal)))).message).toMatch(/stopped/);
  expect(await raw.spec("PortGroup", "dev")).toBe("");
  expect((await lab.raw.contents()).files).toEqual([]);
});

test("a run that was killed between two commands is gone on with", async () => {
  await open();
  lab.raw.simulator.faults.add({ method: "ssh.exec", entity: "--vlan-id", action: "hang" });
  const killed = new AbortController();
  const first = group.create(DEV, lab.context(killed.signal)).catch(() => {});
  await expect.poll(hasVlanCommand, { timeout: 60_000 }).toBe(true);
  lab.raw.simulator.faults.clear();
  lab.restartAfterKill();
  const raw = await RawNetwork.open(lab);
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("0");
  const made = await group.create(DEV);
  expect(await raw.value("PortGroup", "dev", "vlanId")).toBe("7");
  await group.delete(made);
  expect(await raw.spec("PortGroup", "dev")).toBe("");
  killed.abort(new Error("killed"));
  await first;
});

test("what has no command is refused by a preview, with the reason; what stays as it is, is not", async () => {
  await open();
  const args = { name: "vSwitch1", networkAdapters: ["vmnic1"] };
  const told = async (more: Properties, before?: Properties) => {
    const preview = { kind: "VirtualSwitch", args: { ...args, ...more }, ...(before && { before }) } as const;
    return (await previewed(lab, preview)).failures;
  };
  const shaping = { shapingEnabled: true, shapingPeakBandwidth: 1000, shapingBurstSize: 1024 };
  expect(await told({ numPorts: 64 })).toEqual([]);
  expect(await told({ beaconInterval: 5 })).toEqual([
    expect.stringMatching(
      /^beaconInterval: .* is changed over SSH, and no command sets the interval of beacons/,
    ),
  ]);
  expect(await told({ linkDiscoveryProtocol: "lldp" })).toEqual([expect.stringMatching(/LLDP/)]);
  expect(await told({ activeNics: [] })).toEqual([expect.stringMatching(/^activeNics: /)]);
  expect(await told({ ...shaping, shapingAverageBandwidth: 1 })).toEqual([
    expect.stringMatching(/^shapingAverageBandwidth: .*whole thousands/),
  ]);
  expect(await told({ beaconInterval: 5 }, { ...args, beaconInterval: 5 })).toEqual([]);
  expect(await told({ numPorts: 256 }, { ...args, numPorts: 64 })).toEqual([
    expect.stringMatching(/^numPorts: .*only be given when the vSwitch is made/),
  ]);
});
