/** Names with a slash and their like, which some hosts escape and people never do. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getNetwork } from "../../../provider/resources/look-ups/reads.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { failure, Lab } from "./lab.ts";
import { Managed } from "./managed.ts";

const NAMES = ["v910 10.33.156.0/24", "a\\b", "50% [x] {y}", "über/宿題 +\u2028&<\"'>", "a%2fb"];

describe.each(["plain", "escaped"] as const)("on a host that spells names of networks %s", (networkNames) => {
  let lab: Lab;
  let group: Managed;

  beforeEach(async () => {
    lab = await Lab.open({ behaviour: { networkNames } });
    group = new Managed(lab, "PortGroup", portGroup);
  });

  afterEach(() => lab.close());

  const networks = (name: string) =>
    lab.raw
      .vm(name)
      .config.hardware.device?.flatMap(({ backing }) =>
        backing?.$type === "VirtualEthernetCardNetworkBackingInfo" && "deviceName" in backing
          ? [backing.deviceName]
          : [],
      );

  test.each(NAMES)("the port group %j is used by its plain name everywhere", async (name) => {
    const state = await group.create({ name, virtualSwitch: "vSwitch0", vlanId: 910 });
    expect((await group.read(state))?.outs).toEqual(state.outs);
    const vm = await lab.create({ name: "a", powerOn: false, ovfNetworkMap: { "VM Network": name } });
    expect(networks("a")).toEqual([name]);
    const moved = await lab.update(vm, {
      name: "a",
      powerOn: false,
      networkInterfaces: [{ network: "lab-net" }],
    });
    const back = await lab.update(moved, {
      name: "a",
      powerOn: false,
      networkInterfaces: [{ network: name }],
    });
    expect((await lab.read(back))?.outs.networkInterfaces).toEqual([{ network: name }]);
    const found = await getNetwork.read("id", { name }, lab.context());
    expect(found.props?.result).toMatchObject({ name, vlanId: 910, virtualSwitch: "vSwitch0" });
    await lab.delete(back);
    await group.delete(state);
    expect(await group.read(state)).toBeUndefined();
  });

  test.each(NAMES)(
    "the port group %j is not deleted while a machine is on it, off, running or unreadable",
    async (name) => {
      const state = await group.create({ name, virtualSwitch: "vSwitch0" });
      const vm = await lab.create({ name: "a", powerOn: false, ovfNetworkMap: { "VM Network": name } });
      const refused = async (why = 'the VM "a"') =>
        expect((await failure(group.delete(state))).message).toContain(`is used by ${why}`);
      const { behindBack } = lab.raw.simulator;
      const { moid } = lab.raw.vm("a");
      await refused();
      await behindBack.powerOn(moid);
      await refused();
      await behindBack.powerOff(moid);
      behindBack.setUnreadable(moid, { state: "inaccessible" });
      await refused();
      behindBack.setUnreadable(moid, { state: "inaccessible", tells: "path" });
      await refused("perhaps the VM");
      behindBack.setUnreadable(moid, undefined);
      expect((await group.read(state))?.outs).toEqual(state.outs);
      const vSwitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
      const adopted = await vSwitch.create({ name: "vSwitch0", networkAdapters: ["vmnic0"], adopt: true });
      expect((await failure(vSwitch.delete(adopted))).message).toContain('the VM "a"');
      await lab.delete(vm);
      await group.delete(state);
      expect(await group.read(state)).toBeUndefined();
    },
  );

  test("a name that it does not have is an error that lists plain names", async () => {
    await group.create({ name: "v910 10.33.156.0/24", virtualSwitch: "vSwitch0" });
    const { message } = await failure(
      lab.create({ name: "a", powerOn: false, ovfNetworkMap: { "VM Network": "v910 10.33.156.0/25" } }),
    );
    expect(message).toContain('did you mean "v910 10.33.156.0/24"?');
  });
});
