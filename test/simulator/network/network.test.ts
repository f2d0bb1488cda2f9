import { describe, expect, it } from "vitest";
import type { Behaviour } from "../../../simulator/behaviour.ts";
import { createVm, nic, restart, startLab } from "../host/lab.ts";
import { allTexts, firstText, type RawClient } from "../host/raw-client.ts";
import { logIn, run } from "../ssh/ssh-lab.ts";

const NETWORK = "HostNetworkSystem:networkSystem";

function portGroup(name: string, vlanId = 0, vswitchName = "vSwitch0", policy = "<policy/>"): string {
  return `<portgrp><name>${name}</name><vlanId>${vlanId}</vlanId><vswitchName>${vswitchName}</vswitchName>${policy}</portgrp>`;
}

function vswitch(name: string, uplinks: readonly string[] = [], rest = ""): string {
  const nics = uplinks.map((one) => `<nicDevice>${one}</nicDevice>`).join("");
  const bridge = uplinks.length > 0 ? `<bridge xsi:type="HostVirtualSwitchBondBridge">${nics}</bridge>` : "";
  return `<vswitchName>${name}</vswitchName><spec><numPorts>128</numPorts>${bridge}${rest}</spec>`;
}

const SHUT =
  "<policy><security><allowPromiscuous>false</allowPromiscuous><macChanges>false</macChanges>" +
  "<forgedTransmits>false</forgedTransmits></security></policy>";
const SHUT_IN_PART = "<policy><security><macChanges>false</macChanges></security></policy>";

/** What terraform-provider-vsphere sends of a vSwitch without uplinks. */
function wholePolicy(): string {
  return (
    `${SHUT.replace("</policy>", "")}<nicTeaming><policy>loadbalance_srcid</policy><reversePolicy>true</reversePolicy>` +
    "<notifySwitches>true</notifySwitches><rollingOrder>false</rollingOrder><failureCriteria>" +
    "<checkSpeed>minimum</checkSpeed><speed>10</speed><checkDuplex>false</checkDuplex><fullDuplex>false</fullDuplex>" +
    "<checkErrorPercent>false</checkErrorPercent><percentage>0</percentage><checkBeacon>false</checkBeacon>" +
    "</failureCriteria><nicOrder/></nicTeaming><shapingPolicy><enabled>false</enabled></shapingPolicy></policy>"
  );
}

function without(element: string): string {
  return wholePolicy().replace(new RegExp(`<${element}>.*</${element}>|<${element}/>`), "");
}

async function networks(client: RawClient): Promise<string[]> {
  return allTexts(
    await client.read("Folder:ha-folder-network", "childEntity"),
    "ManagedObjectReference",
  ).sort();
}

async function switchNames(client: RawClient): Promise<string[]> {
  const info = await client.read(NETWORK, "networkInfo.vswitch");
  return [...info.matchAll(/<HostVirtualSwitch[^>]*><name>([^<]*)</g)].map(([, name = ""]) => name);
}

describe("the network of a new host", () => {
  it("has a vSwitch with an uplink, the port groups of VMs, and one of the host itself", async () => {
    const { client } = await startLab({ networks: ["VM Network", "lab-net"] });
    const info = await client.read(NETWORK, "networkInfo");
    expect(firstText(info, "nicDevice")).toBe("vmnic0");
    expect(allTexts(info, "device")).toEqual(["vmnic0", "vmnic1", "vmnic2", "vmnic3", "vmk0"]);
    expect(allTexts(info, "vswitchName")).toEqual(["vSwitch0", "vSwitch0", "vSwitch0"]);
    expect(info).toContain("<portgroup>key-vim.host.PortGroup-Management Network</portgroup>");
    expect(await networks(client)).toEqual(["HaNetwork-VM Network", "HaNetwork-lab-net"]);
    const config = await client.read(NETWORK, "networkConfig");
    expect(allTexts(config, "vlanId")).toEqual(["0", "0", "0"]);
  });
});

describe("a port group", () => {
  it("comes, changes and goes, and its network with it", async () => {
    const { client } = await startLab({ networks: ["VM Network"] });
    await client.ok(
      "AddPortGroup",
      NETWORK,
      portGroup(
        "dev",
        42,
        "vSwitch0",
        "<policy><nicTeaming><notifySwitches>false</notifySwitches></nicTeaming></policy>",
      ),
    );
    expect(await networks(client)).toEqual(["HaNetwork-VM Network", "HaNetwork-dev"]);
    expect(await client.value("Network:HaNetwork-dev", "name")).toBe("dev");
    for (const owner of ["HostSystem:ha-host", "Datacenter:ha-datacenter", "ComputeResource:ha-compute-res"])
      expect(await client.read(owner, "network")).toContain("HaNetwork-dev");
    const info = await client.read(NETWORK, "networkInfo.portgroup");
    const own = /<key>key-vim\.host\.PortGroup-dev<\/key>.*?<\/HostPortGroup>/s.exec(info)?.[0] ?? "";
    expect(firstText(own, "notifySwitches")).toBe("false");
    expect(firstText(own, "forgedTransmits")).toBe("false");
    expect(own.slice(own.indexOf("<spec>"))).not.toContain("forgedTransmits");
    await client.ok("UpdatePortGroup", NETWORK, `<pgName>dev</pgName>${portGroup("dev", 43)}`);
    expect(allTexts(await client.read(NETWORK, "networkInfo.portgroup"), "vlanId")).toContain("43");
    await client.ok("RemovePortGroup", NETWORK, "<pgName>dev</pgName>");
    expect(await networks(client)).toEqual(["HaNetwork-VM Network"]);
    expect((await client.call("RemovePortGroup", NETWORK, "<pgName>dev</pgName>")).fault).toBe("NotFound");
  });

  it.each([
    ["a name that is taken", portGroup("VM Network"), "AlreadyExists"],
    ["a name of the host's own", portGroup("Management Network"), "AlreadyExists"],
    ["an empty name", portGroup(""), "InvalidArgument"],
    ["a VLAN beyond the last", portGroup("x", 4096), "InvalidArgument"],
    ["a vSwitch that is not there", portGroup("x", 0, "vSwitch7"), "NotFound"],
    [
      "an uplink of another vSwitch",
      portGroup(
        "x",
        0,
        "vSwitch0",
        "<policy><nicTeaming><nicOrder><activeNic>vmnic1</activeNic></nicOrder></nicTeaming></policy>",
      ),
      "InvalidArgument",
    ],
    ["one value of security", portGroup("x", 0, "vSwitch0", SHUT_IN_PART), "InvalidArgument"],
  ])("of %s is refused", async (_what, spec, fault) => {
    const { client } = await startLab();
    const before = await networks(client);
    expect((await client.call("AddPortGroup", NETWORK, spec)).fault).toBe(fault);
    expect(await networks(client)).toEqual(before);
  });

  it("stays while a running VM or the host itself uses it", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { tail: nic("lab-net") });
    await client.task("PowerOnVM_Task", vm);
    expect(await client.call("RemovePortGroup", NETWORK, "<pgName>lab-net</pgName>")).toMatchObject({
      fault: "ResourceInUse",
      message: "The resource 'lab-net' is in use.",
    });
    expect((await client.call("RemovePortGroup", NETWORK, "<pgName>Management Network</pgName>")).fault).toBe(
      "ResourceInUse",
    );
    expect(
      (await client.call("RemoveVirtualSwitch", NETWORK, "<vswitchName>vSwitch0</vswitchName>")).fault,
    ).toBe("ResourceInUse");
    await client.task("PowerOffVM_Task", vm);
    await client.ok("RemovePortGroup", NETWORK, "<pgName>lab-net</pgName>");
    expect(await client.read(vm, "network")).not.toContain("HaNetwork");
    expect(firstText(await client.read(vm, "config.hardware.device[4000].backing"), "deviceName")).toBe(
      "lab-net",
    );
    expect((await client.task("PowerOnVM_Task", vm)).state).toBe("success");
  });

  it("that gets another name leaves the adapters of VMs on the old one", async () => {
    const { client } = await startLab({ networks: ["lab-net"] });
    const vm = await createVm(client, "a", { tail: nic("lab-net") });
    await client.ok("UpdatePortGroup", NETWORK, `<pgName>lab-net</pgName>${portGroup("new-net", 7)}`);
    expect(await networks(client)).toEqual(["HaNetwork-new-net"]);
    expect(await client.read(vm, "network")).not.toContain("HaNetwork");
    await client.ok("UpdatePortGroup", NETWORK, `<pgName>new-net</pgName>${portGroup("lab-net")}`);
    expect(await client.read(vm, "network")).toContain("HaNetwork-lab-net");
  });

  it("that goes changes no guest's address on another one", async () => {
    const { client } = await startLab({ networks: ["first", "second"] });
    const vm = await createVm(client, "a", { tail: nic("second") });
    await client.task("PowerOnVM_Task", vm);
    const address = () => client.value(vm, "guest.ipAddress");
    await expect.poll(address).toMatch(/^10\./);
    const before = await address();
    await client.ok("RemovePortGroup", NETWORK, "<pgName>first</pgName>");
    expect(await address()).toBe(before);
  });

  it("that has gone takes no adapter of a new VM", async () => {
    const { client } = await startLab();
    await client.ok("RemovePortGroup", NETWORK, "<pgName>lab-net</pgName>");
    await expect(createVm(client, "a", { tail: nic("lab-net") })).rejects.toThrow("InvalidDeviceBacking");
  });
});

describe("a vSwitch", () => {
  it.each([
    ["refuses other MAC addresses", {}, "false"],
    ["allows other MAC addresses, on hosts that do", { switchSecurity: "open" }, "true"],
  ] as const)("that nobody has told %s", async (_what, behaviour, answer) => {
    const { client } = await startLab({ behaviour });
    await client.ok("AddVirtualSwitch", NETWORK, vswitch("x"));
    const info = await client.read(NETWORK, "networkInfo.vswitch");
    expect(allTexts(info, "forgedTransmits")).toEqual([answer, answer]);
    expect(allTexts(info, "macChanges")).toEqual([answer, answer]);
  });

  it("takes a whole policy, with uplinks and without", async () => {
    const { client } = await startLab();
    await client.ok("AddVirtualSwitch", NETWORK, vswitch("x", [], wholePolicy()));
    const order = "<nicOrder><activeNic>vmnic1</activeNic></nicOrder>";
    await client.ok(
      "UpdateVirtualSwitch",
      NETWORK,
      vswitch("x", ["vmnic1"], wholePolicy().replace("<nicOrder/>", order)),
    );
    expect(await switchNames(client)).toEqual(["vSwitch0", "x"]);
  });

  it("comes with defaults, changes, and takes its port groups along when it goes", async () => {
    const { client } = await startLab({ networks: ["VM Network"] });
    await client.ok("AddVirtualSwitch", NETWORK, "<vswitchName>vSwitch1</vswitchName>");
    await client.ok("AddPortGroup", NETWORK, portGroup("isolated", 0, "vSwitch1"));
    await client.ok(
      "UpdateVirtualSwitch",
      NETWORK,
      vswitch("vSwitch1", ["vmnic2", "vmnic3"], "<mtu>9000</mtu>"),
    );
    const info = await client.read(NETWORK, "networkInfo.vswitch");
    expect(await switchNames(client)).toEqual(["vSwitch0", "vSwitch1"]);
    expect(allTexts(info, "nicDevice")).toEqual(["vmnic0", "vmnic2", "vmnic3"]);
    expect(allTexts(info, "activeNic")).toEqual(["vmnic0", "vmnic2", "vmnic3"]);
    expect(allTexts(info, "mtu")).toContain("9000");
    await client.ok("RemoveVirtualSwitch", NETWORK, "<vswitchName>vSwitch1</vswitchName>");
    expect(await networks(client)).toEqual(["HaNetwork-VM Network"]);
  });

  it.each([
    ["a name that is taken", vswitch("vSwitch0"), "AlreadyExists"],
    ["a name of 32 characters", vswitch("v".repeat(32)), "InvalidArgument"],
    ["an uplink that is taken", vswitch("x", ["vmnic0"]), "ResourceInUse"],
    ["an uplink twice", vswitch("x", ["vmnic1", "vmnic1"]), "ResourceInUse"],
    ["an uplink that is not there", vswitch("x", ["vmnic9"]), "InvalidArgument"],
    ["too large an MTU", vswitch("x", [], "<mtu>9001</mtu>"), "InvalidArgument"],
    [
      "no such teaming",
      vswitch("x", [], wholePolicy().replace("loadbalance_srcid", "best")),
      "InvalidArgument",
    ],
    [
      "shaping without figures",
      vswitch("x", [], wholePolicy().replace("<enabled>false", "<enabled>true")),
      "InvalidArgument",
    ],
    ["a policy of security alone", vswitch("x", [], SHUT), "InvalidArgument"],
    ...[
      ...["allowPromiscuous", "macChanges", "forgedTransmits", "reversePolicy", "notifySwitches"],
      ...["rollingOrder", "failureCriteria", "checkSpeed", "speed", "checkDuplex", "fullDuplex"],
      ...["checkErrorPercent", "percentage", "checkBeacon", "nicOrder", "shapingPolicy"],
    ].map((hole) => [`no ${hole}`, vswitch("x", [], without(hole)), "InvalidArgument"] as const),
  ] as const)("with %s is refused", async (_what, spec, fault) => {
    const { client } = await startLab();
    expect((await client.call("AddVirtualSwitch", NETWORK, spec)).fault).toBe(fault);
    expect(await switchNames(client)).toEqual(["vSwitch0"]);
  });
});

it("a free licence lets nobody change the network", async () => {
  const { client } = await startLab({ license: "free" });
  for (const [method, parameters] of [
    ["AddPortGroup", portGroup("x")],
    ["RemovePortGroup", "<pgName>lab-net</pgName>"],
    ["AddVirtualSwitch", vswitch("x")],
    ["RemoveVirtualSwitch", "<vswitchName>vSwitch0</vswitchName>"],
  ] as const)
    expect((await client.call(method, NETWORK, parameters)).fault).toBe("RestrictedVersion");
});

it("the network is the same after a restart, and a port group that was removed stays away", async () => {
  const { host, client } = await startLab({ networks: ["VM Network", "lab-net"] });
  await client.ok("AddVirtualSwitch", NETWORK, vswitch("vSwitch1", ["vmnic1"]));
  await client.ok("AddPortGroup", NETWORK, portGroup("dev", 5, "vSwitch1"));
  await client.ok("RemovePortGroup", NETWORK, "<pgName>lab-net</pgName>");
  const before = await client.read(NETWORK, "networkConfig");
  const { client: again } = await restart(host);
  expect(await again.read(NETWORK, "networkConfig")).toBe(before);
  const { client: last } = await restart(host, { networks: ["VM Network", "more"] });
  expect(await networks(last)).toEqual(["HaNetwork-VM Network", "HaNetwork-dev", "HaNetwork-more"]);
});

it("esxcli does the same from the host's shell", async () => {
  const { simulator, client } = await startLab({ ssh: { listen: "127.0.0.1:0" }, license: "free" });
  const ssh = await logIn(simulator);
  const standard = "esxcli network vswitch standard";
  for (const command of [
    `${standard} add -v vSwitch1`,
    `${standard} uplink add -v vSwitch1 -u vmnic1`,
    `${standard} set -v vSwitch1 -m 9000`,
    `${standard} portgroup add -p dev -v vSwitch1`,
    `${standard} portgroup set -p dev -v 9`,
  ])
    expect(await run(ssh, command)).toEqual({ code: 0, stdout: "", stderr: "" });
  expect((await run(ssh, `${standard} portgroup list`)).stdout).toMatch(/^dev +vSwitch1 +0 +9$/m);
  expect((await run(ssh, `${standard} list`)).stdout).toMatch(/MTU: 9000\n {3}Uplinks: vmnic1\n/);
  expect(await run(ssh, `${standard} uplink add -v vSwitch1 -u vmnic0`)).toMatchObject({ code: 1 });
  await run(ssh, `${standard} uplink remove -v vSwitch1 -u vmnic1`);
  expect(await client.read(NETWORK, "networkInfo.vswitch")).not.toContain("<nicDevice>vmnic1");
  await run(ssh, `${standard} portgroup remove -p dev -v vSwitch1`);
  await run(ssh, `${standard} remove -v vSwitch1`);
  expect(await switchNames(client)).toEqual(["vSwitch0"]);
});

describe("esxcli and policies", () => {
  const standard = "esxcli network vswitch standard";

  async function open(behaviour: Partial<Behaviour> = {}) {
    const { simulator, client } = await startLab({
      ssh: { listen: "127.0.0.1:0" },
      license: "free",
      behaviour,
    });
    const ssh = await logIn(simulator);
    const ok = async (command: string) =>
      expect(await run(ssh, `${standard} ${command}`)).toEqual({ code: 0, stdout: "", stderr: "" });
    await ok("add -v vSwitch1 -P 64");
    await ok("uplink add -v vSwitch1 -u vmnic1");
    await ok("uplink add -v vSwitch1 -u vmnic2");
    await ok("portgroup add -p dev -v vSwitch1");
    const said = async (command: string) => (await run(ssh, `${standard} ${command}`)).stdout;
    const spec = async (key: string) => {
      const info = await client.read(NETWORK, "networkInfo");
      const from = info.indexOf("<spec>", info.indexOf(`<key>key-vim.host.${key}</key>`));
      return info.slice(from, info.indexOf("</spec>", from));
    };
    return { ok, said, spec, ssh };
  }

  it("a vSwitch's whole policy is set and told, in words that do not agree", async () => {
    const { ok, said, spec } = await open();
    await ok("set -v vSwitch1 -m 9000 -c down");
    await ok("policy security set -v vSwitch1 -p true -f true -m false");
    await ok("policy failover set -v vSwitch1 -a vmnic1 -b false -f beacon -l mac -n false -s vmnic2");
    await ok("policy shaping set -v vSwitch1 -e true --avg-bandwidth=102400 -k 1024000 -t 1024");
    expect(await said("policy security get -v vSwitch1")).toBe(
      "   Allow Promiscuous: true\n   Allow MAC Address Change: false\n   Allow Forged Transmits: true\n",
    );
    expect(await said("policy failover get -v vSwitch1")).toBe(
      "   Load Balancing: srcmac\n   Network Failure Detection: beacon\n   Notify Switches: false\n   Failback: false\n" +
        "   Active Adapters: vmnic1\n   Standby Adapters: vmnic2\n   Unused Adapters: \n",
    );
    expect(await said("policy shaping get -v vSwitch1")).toBe(
      "   Enabled: true\n   Average Bandwidth: 102400 Kbps\n   Peak Bandwidth: 1024000 Kbps\n   Burst Size: 1024 Kib\n",
    );
    const all = await spec("VirtualSwitch-vSwitch1");
    expect(firstText(all, "mtu")).toBe("9000");
    expect(firstText(all, "numPorts")).toBe("64");
    expect(firstText(all, "operation")).toBe("none");
    expect(firstText(all, "averageBandwidth")).toBe("102400000");
    expect(firstText(all, "burstSize")).toBe(String(1024 * 128));
  });

  it("an uplink that neither list names is used no more", async () => {
    const { ok, said } = await open();
    await ok("policy failover set -v vSwitch1 -a vmnic2");
    expect(await said("policy failover get -v vSwitch1")).toMatch(
      /Active Adapters: vmnic2\n {3}Standby Adapters: \n {3}Unused Adapters: vmnic1\n$/,
    );
  });

  it("a port group has of its own what was set, and nothing after a reset, which comes before the rest of its line", async () => {
    const { ok, said, spec } = await open();
    await ok("portgroup policy security set -f false -m false -o true -p dev");
    await ok("portgroup policy failover set -p dev -l explicit -a vmnic1");
    await ok("portgroup policy shaping set -p dev -e false");
    expect(await said("portgroup policy security get -p dev")).toMatch(
      /Allow Promiscuous: true\n[\s\S]*Override Vswitch Allow Promiscuous: true\n/,
    );
    await ok("portgroup policy failover set -u -p dev --failback=false");
    await ok("portgroup policy security set -u -p dev");
    expect(await said("portgroup policy failover get -p dev")).toMatch(
      /Load Balancing: srcport\n[\s\S]*Failback: false\n[\s\S]*Override Vswitch Load Balancing: false\n[\s\S]*Override Vswitch Failback: true\n/,
    );
    const all = await spec("PortGroup-dev");
    expect(all).not.toContain("allowPromiscuous");
    expect(all).not.toContain("activeNic");
    expect(all).toContain("<rollingOrder>true</rollingOrder>");
    expect(all).toContain("<enabled>false</enabled>");
  });

  it("what does not exist, or is no value, is refused with status 1", async () => {
    const { ssh } = await open();
    for (const command of [
      "policy security set -v vSwitch9 -p true",
      "policy failover set -v vSwitch1 -l srcport",
      "policy failover set -v vSwitch1 -a vmnic9",
      "set -v vSwitch1 -c lldp",
      "portgroup policy shaping set -p dev -e true",
    ]) {
      const { code, stdout } = await run(ssh, `${standard} ${command}`);
      expect(`${code} ${stdout}`).toMatch(/^1 Error: /);
    }
  });

  it("takes bursts in another unit where it is told so", async () => {
    const { ok, spec } = await open({ burstUnit: "bytes" });
    await ok("policy shaping set -v vSwitch1 -e true -b 1 -k 1 -t 3");
    expect(firstText(await spec("VirtualSwitch-vSwitch1"), "burstSize")).toBe("3072");
  });
});
