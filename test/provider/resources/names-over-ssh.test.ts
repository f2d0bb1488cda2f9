/** Names that a shell could misread, for everything that is made over SSH: each as people write it, on the raw host too. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { RawClient } from "../../simulator/host/raw-client.ts";
import { Lab } from "./lab.ts";
import { Managed } from "./managed.ts";
import { writesByApi } from "./writes-by-api.ts";

/** Each with another one that it is renamed to. */
const NAMES: readonly (readonly [string, string])[] = [
  ["Übung für Prüflinge", "Größe ß"],
  ["実習 環境", "宿題"],
  ['it\'s "quoted" `here`', "'"],
  ["two  spaces [x] (y) {z}", "[]"],
  [`$HOME $(reboot) \${PATH}`, "a;b&c|d>e<f"],
  ["-v", "--help"],
  ["#no comment", "~ * ? !"],
  ["back\\slash and 100 %", "%2f"],
];

let lab: Lab;
let raw: RawClient;

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  await lab.create({ powerOn: false });
  await lab.raw.restart({ license: "free", behaviour: { freeFolderWrites: "refused", lsNames: "masked" } });
  await lab.restart();
  lab.raw.simulator.requests.clear();
  raw = await RawClient.loggedIn(lab.raw);
});

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await raw.close();
  await lab.close();
});

const decoded = (xml: string) =>
  xml
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
const among = (xml: string, element: string) =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, text]) =>
    decoded(text ?? ""),
  );

const portGroups = async () => {
  const info = await raw.read("HostNetworkSystem:networkSystem", "networkInfo");
  const specs = [...info.matchAll(/<portgroup[ >].*?<spec>(.*?)<\/spec>/gs)];
  return specs.flatMap(([, spec]) => among(spec ?? "", "name")[0] ?? []).sort();
};
const switches = async () => {
  const info = await raw.read("HostNetworkSystem:networkSystem", "networkInfo");
  return [...info.matchAll(/<vswitch[ >].*?<name>(.*?)<\/name>/gs)]
    .map(([, name]) => decoded(name ?? ""))
    .sort();
};
/** As the host escapes names of managed objects. */
const plain = (text: string) => text.replaceAll("%2f", "/").replaceAll("%5c", "\\").replaceAll("%25", "%");
const pool = async (moid: unknown) =>
  plain(decoded((await raw.value(`ResourcePool:${String(moid)}`, "name")) ?? ""));
const snapshots = async () =>
  (await lab.raw.snapshots("vm")).map((text) =>
    plain(
      text
        .replace(/:[^:]*$/, "")
        .replaceAll("|22", '"')
        .replaceAll("|7C", "|"),
    ),
  );

/** Makes it, reads it, changes it, and deletes it. */
async function live(
  of: Managed,
  wishes: readonly [Record<string, unknown>, Record<string, unknown>],
  onHost: (outs: Record<string, unknown>) => Promise<unknown>,
  expected: readonly [unknown, unknown, unknown],
): Promise<void> {
  const made = await of.create(wishes[0]);
  expect(await onHost(made.outs)).toEqual(expected[0]);
  expect((await of.read(made))?.outs).toEqual(made.outs);
  expect(await of.diff(made, wishes[0])).toMatchObject({ changes: false });
  const changed = await of.update(made, wishes[1]);
  expect(await onHost(changed.outs)).toEqual(expected[1]);
  expect(await of.diff(changed, wishes[1])).toMatchObject({ changes: false });
  await of.delete(changed);
  expect(await onHost(changed.outs)).toEqual(expected[2]);
}

describe.each(NAMES)("over SSH, the name %j", (name, other) => {
  test("is that of a resource pool, and is changed", async () => {
    const root = async () => (await raw.read("ResourcePool:ha-root-pool", "resourcePool")).includes("pool1");
    await live(
      new Managed(lab, "ResourcePool", resourcePool),
      [{ name }, { name: other, cpuLimit: 500 }],
      async ({ moid }) => ((await root()) ? pool(moid) : "gone"),
      [name, other, "gone"],
    );
  });

  test("is that of a port group and of its vSwitch", async () => {
    const [groups, all] = [await portGroups(), await switches()];
    const vSwitch = new Managed(lab, "VirtualSwitch", virtualSwitch);
    const short = name.slice(0, 30).trim();
    const below = await vSwitch.create({ name: short });
    expect(await switches()).toEqual([...all, short].sort());
    await live(
      new Managed(lab, "PortGroup", portGroup),
      [
        { name, virtualSwitch: short },
        { name, virtualSwitch: short, vlanId: 7, allowPromiscuous: true },
      ],
      portGroups,
      [[...groups, name].sort(), [...groups, name].sort(), groups],
    );
    const changed = await vSwitch.update(below, { name: short, mtu: 9000 });
    expect(await vSwitch.diff(changed, { name: short, mtu: 9000 })).toMatchObject({ changes: false });
    await vSwitch.delete(changed);
    expect(await switches()).toEqual(all);
  });

  test("is that of a snapshot, and is changed", async () => {
    await live(
      new Managed(lab, "VmSnapshot", vmSnapshot),
      [
        { vm: "vm", name, description: other },
        { vm: "vm", name: other, description: name },
      ],
      snapshots,
      [[name], [other], []],
    );
  });
});
