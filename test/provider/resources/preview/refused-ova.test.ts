/** What only the host knows of an OVA is told by the preview, before anything of it is sent. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

/** A device that hosts without vCenter do not know. */
const OTHER_DEVICE = `<Item>
  <rasd:ElementName>Key store</rasd:ElementName>
  <rasd:InstanceID>60</rasd:InstanceID>
  <rasd:ResourceSubType>vmware.nothing</rasd:ResourceSubType>
  <rasd:ResourceType>1</rasd:ResourceType>
</Item>`;

const REFUSED =
  /^ovaPath: esxi1 refuses .*test\.ova: .*vmware\.nothing.*\. With relax: true this is changed for the host\.$/;

const machine = (name: string, args: Previewed["args"]): Previewed => ({
  kind: "OvaDeployment",
  args: { name, ...args },
});

const refusedOva = () => lab.ova({ manifest: null, hardware: OTHER_DEVICE });

const asked = () => lab.raw.count("CreateImportSpec");

test("a device that the host does not have is an error for each machine, and the host is asked once", async () => {
  const ovaPath = await refusedOva();
  for (const name of ["one", "two", "three"]) {
    const { failures } = await previewed(lab, machine(name, { ovaPath }));
    expect(failures).toEqual([expect.stringMatching(REFUSED)]);
  }
  expect(asked()).toBe(1);
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("with relax: true the same OVA is accepted", async () => {
  const ovaPath = await refusedOva();
  expect((await previewed(lab, machine("vm", { ovaPath, relax: true }))).failures).toEqual([]);
});

test("a machine that stays is not asked about, and one that gets another OVA is", async () => {
  const good = await lab.ova({}, "good.ova");
  const before = { name: "vm", ovaPath: good };
  expect(await previewed(lab, { ...machine("vm", { ovaPath: good, memory: 256 }), before })).toEqual({
    failures: [],
    warnings: [],
  });
  expect(asked()).toBe(0);
  const { failures } = await previewed(lab, { ...machine("vm", { ovaPath: await refusedOva() }), before });
  expect(failures).toEqual([expect.stringMatching(REFUSED)]);
});

test.each([
  ["a setting that is not known yet", { annotation: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }],
  ["a network that the host does not have", { ovfNetworkMap: { "VM Network": "not yet" } }],
])("%s leaves the question to the deployment", async (_, args) => {
  const { failures } = await previewed(lab, machine("vm", { ovaPath: await refusedOva(), ...args }));
  expect(failures.filter((text) => REFUSED.test(text))).toEqual([]);
  expect(asked()).toBe(0);
});

test("a host that cannot answer keeps no preview from its end", async () => {
  lab.raw.simulator.faults.add({ method: "CreateImportSpec", action: "disconnect" });
  expect((await previewed(lab, machine("vm", { ovaPath: await refusedOva() }))).failures).toEqual([]);
});
