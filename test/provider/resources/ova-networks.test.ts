import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceChange } from "../../../provider/host/vm/settings/device-changes.ts";
import type { VirtualDevice } from "../../../schema/index.ts";
import { failure, Lab, type Managed } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const OPTIONS = `<DeploymentOptionSection><Info>O</Info>
  <Configuration ovf:id="one" ovf:default="true"><Label>1</Label><Description>1</Description></Configuration>
  <Configuration ovf:id="two"><Label>2</Label><Description>2</Description></Configuration></DeploymentOptionSection>`;

/** An OVA with further networks, and an adapter on `Frontend` in option `two` only. */
function withMoreNetworks(): Promise<string> {
  return lab.ova({
    manifest: null,
    envelopeSections: OPTIONS,
    hardware: `<Item ovf:configuration="two">
        <rasd:AddressOnParent>9</rasd:AddressOnParent>
        <rasd:Connection>Frontend</rasd:Connection>
        <rasd:ElementName>ethernet1</rasd:ElementName>
        <rasd:InstanceID>200</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>`,
    tamper: (entries) => {
      const text = String(entries.get("tiny.ovf"));
      const more = ["none", "Frontend"].map(
        (name) => `<Network ovf:name="${name}"><Description>d</Description></Network>`,
      );
      entries.set(
        "tiny.ovf",
        Buffer.from(text.replace("</NetworkSection>", `${more.join("")}</NetworkSection>`)),
      );
    },
  });
}

test("networks that no adapter of the chosen option is on need no port group", async () => {
  await lab.create({ ovaPath: await withMoreNetworks(), powerOn: false });
  expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
});

test("a network of the chosen option does, and the error names it", async () => {
  const ovaPath = await withMoreNetworks();
  const error = await failure(lab.create({ ovaPath, deploymentOption: "two", powerOn: false }));
  expect(error.message).toContain("Frontend");
  expect(error.message).not.toContain('"none"');
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("a network that is mapped goes where it is mapped to", async () => {
  const ovaPath = await withMoreNetworks();
  await lab.create({
    ovaPath,
    deploymentOption: "two",
    ovfNetworkMap: { Frontend: "lab-net" },
    powerOn: false,
  });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

/** The port group of each adapter of the raw machine, with its MAC address. */
const adapters = (): readonly { readonly network: unknown; readonly mac: unknown }[] =>
  (lab.raw.vm("vm").config.hardware.device ?? [])
    .filter((device) => "macAddress" in device)
    .map((device: VirtualDevice) => ({
      network: Reflect.get(device.backing ?? {}, "deviceName"),
      mac: Reflect.get(device, "macAddress"),
    }));
const networks = () => adapters().map(({ network }) => network);

/** Moves the first adapter by hand, as somebody does in the host's client. */
async function moveByHand(vm: Managed, network: string): Promise<void> {
  const found = await lab.host.vms.byReference({ type: "VirtualMachine", value: String(vm.outs.moid) });
  const card = found?.devices.find((device) => "macAddress" in device);
  if (found === undefined || card === undefined) throw new Error("There is no adapter.");
  const backing = { $type: "VirtualEthernetCardNetworkBackingInfo", deviceName: network };
  const spec = { deviceChange: [deviceChange("edit", { ...card, backing })] };
  await lab.host.task(() => lab.host.client.call(found.ref, "ReconfigVM_Task", { spec }), {
    signal: new AbortController().signal,
  });
  lab.host.vms.forget();
}

/** A machine that runs, with an adapter on each of two networks of the OVF. */
async function twoNetworks(map: Record<string, string>): Promise<{ vm: Managed; ovaPath: string }> {
  const ovaPath = await lab.ova({ networks: ["inside", "outside"] });
  return { vm: await lab.create({ ovaPath, ovfNetworkMap: map }), ovaPath };
}
const BEFORE = { inside: "VM Network", outside: "lab-net" };
const AFTER = { inside: "lab-net", outside: "VM Network" };

test("another map moves the adapters while the machine runs: same machine, same addresses", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  const macs = adapters().map(({ mac }) => mac);
  expect(networks()).toEqual(["VM Network", "lab-net"]);
  const diff = await lab.diff(vm, { ovaPath, ovfNetworkMap: AFTER });
  expect(diff).toMatchObject({ changes: true, replaces: [] });
  expect(lab.texts("info").at(-1)).toMatch(/^update in place: .*ovfNetworkMap/);
  const powerOffs = lab.raw.count("PowerOffVM_Task") + lab.raw.count("ShutdownGuest");
  const after = await lab.update(vm, { ovaPath, ovfNetworkMap: AFTER });
  expect(after.outs).toMatchObject({ moid: vm.outs.moid, ovfNetworkMap: AFTER, powerState: "poweredOn" });
  expect(adapters()).toEqual([
    { network: "lab-net", mac: macs[0] },
    { network: "VM Network", mac: macs[1] },
  ]);
  expect(lab.raw.count("PowerOffVM_Task") + lab.raw.count("ShutdownGuest")).toBe(powerOffs);
  const seen = await lab.read(after);
  expect(await lab.diff(seen ?? after, { ovaPath, ovfNetworkMap: AFTER })).toMatchObject({ changes: false });
});

test("without a map they go back to the port groups that are called like the OVF's networks", async () => {
  const ovaPath = await lab.ova({ networks: ["VM Network"] });
  const vm = await lab.create({ ovaPath, ovfNetworkMap: { "VM Network": "lab-net" } });
  await lab.update(vm, { ovaPath });
  expect(networks()).toEqual(["VM Network"]);
});

test("what somebody has moved is seen by a refresh and set right", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  await moveByHand(vm, "lab-net");
  const seen = await lab.read(vm);
  expect(seen?.outs.ovfNetworkMap).toEqual({ inside: "lab-net", outside: "lab-net" });
  const settings = { ovaPath, ovfNetworkMap: BEFORE };
  expect(await lab.diff(seen ?? vm, settings)).toMatchObject({ changes: true, replaces: [] });
  await lab.update(seen ?? vm, settings);
  expect(networks()).toEqual(["VM Network", "lab-net"]);
});

test("what somebody has moved stays where the program gives no map", async () => {
  const ovaPath = await lab.ova({ networks: ["VM Network"] });
  const vm = await lab.create({ ovaPath });
  await moveByHand(vm, "lab-net");
  const seen = await lab.read(vm);
  expect(await lab.diff(seen ?? vm, { ovaPath })).toMatchObject({ changes: false });
  await lab.update(seen ?? vm, { ovaPath, annotation: "other" });
  expect(networks()).toEqual(["lab-net"]);
});

test("a map to a port group that is not there is an error, and nothing is moved", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  const error = await failure(lab.update(vm, { ovaPath, ovfNetworkMap: { ...BEFORE, inside: "none" } }));
  expect(error.message).toMatch(/no port group "none".*"lab-net"/);
  expect(networks()).toEqual(["VM Network", "lab-net"]);
});

test("adapters that are not the OVF's any more are nobody's to move", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  const more = await lab.update(vm, {
    ovaPath,
    ovfNetworkMap: BEFORE,
    networkInterfaces: [{ network: "VM Network" }],
  });
  const error = await failure(lab.update(more, { ovaPath, ovfNetworkMap: AFTER }));
  expect(error.message).toMatch(/1 network adapters and its OVF 2.*networkInterfaces, without ovfNetworkMap/);
  expect(networks()).toEqual(["VM Network"]);
});

test("networkInterfaces says where the adapters are, whatever the map says", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  const networkInterfaces = [{ network: "VM Network" }, { network: "VM Network" }];
  await lab.update(vm, { ovaPath, ovfNetworkMap: AFTER, networkInterfaces });
  expect(networks()).toEqual(["VM Network", "VM Network"]);
});

test("an update that failed after the map was changed moves the adapters when it goes on", async () => {
  const { vm, ovaPath } = await twoNetworks(BEFORE);
  const halfWay: Managed = { ...vm, outs: { ...vm.outs, ovfNetworkMap: AFTER, __phase: "unfinished" } };
  await lab.update(halfWay, { ovaPath, ovfNetworkMap: AFTER });
  expect(networks()).toEqual(["lab-net", "VM Network"]);
});
