/** A guest finds its OVF properties, with the descriptor's own defaults, from its first boot on. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Lab } from "./lab.ts";

const SECTIONS = `<ProductSection ovf:class="net"><Info>i</Info>
  <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="tiny"/>
  <Property ovf:key="password" ovf:type="string" ovf:userConfigurable="true" ovf:password="true" ovf:value=""/>
  <Property ovf:key="build" ovf:type="string" ovf:userConfigurable="false" ovf:value="42"/>
</ProductSection>`;

let lab: Lab;
let ovaPath: string;

beforeEach(async () => {
  lab = await Lab.open();
  ovaPath = await lab.ova({ sections: SECTIONS, transport: "com.vmware.guestInfo" });
});

afterEach(() => lab.close());

/** The properties in the guest's environment document. */
function environment(): Record<string, string> {
  const document = String(lab.extraConfig(lab.raw.vm("vm"), "guestinfo.ovfEnv"));
  const properties = document.matchAll(/<Property oe:key="([^"]*)" oe:value="([^"]*)"\/>/g);
  return Object.fromEntries([...properties].map(([, key, value]) => [key, value]));
}

test("the environment has the user's values, and the descriptor's where there is none", async () => {
  const properties = { "net.password": `p<&>"s` };
  await lab.create({ ovaPath, properties, powerOn: false });
  expect(environment()).toEqual({
    "net.hostname": "tiny",
    "net.password": "p&lt;&amp;&gt;&quot;s",
    "net.build": "42",
  });
});

test("the environment is there before the first power-on, in the call that makes the VM", async () => {
  await lab.create({ ovaPath, properties: { "net.hostname": "web" } });
  expect(environment()["net.hostname"]).toBe("web");
  const methods = lab.raw.simulator.requests.entries().map(({ method }) => method);
  const reconfigured = methods.indexOf("ReconfigVM_Task");
  expect(methods.indexOf("PowerOnVM_Task")).toBeLessThan(reconfigured);
});

test("changed properties rewrite the environment in place, and those taken out are the descriptor's again", async () => {
  const vm = await lab.create({ ovaPath, properties: { "net.hostname": "web" } });
  const changed = await lab.update(vm, { ovaPath, properties: { "net.hostname": "db" } });
  expect(environment()["net.hostname"]).toBe("db");
  expect(await lab.diff(changed, { ovaPath })).toMatchObject({ changes: true, replaces: [] });
  const without = await lab.update(changed, { ovaPath });
  expect(environment()["net.hostname"]).toBe("tiny");
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  expect(await lab.diff(without, { ovaPath })).toMatchObject({ changes: false });
});

test("an OVF without properties gives the guest no environment", async () => {
  await lab.create({ ovaPath: await lab.ova({}, "plain.ova"), powerOn: false });
  expect(lab.extraConfig(lab.raw.vm("vm"), "guestinfo.ovfEnv")).toBeUndefined();
});

test("no status, message or recorded request has a property's value", async () => {
  const secret = "pr0perty-Secret";
  await lab.create({ ovaPath, properties: { "net.password": secret } });
  expect(JSON.stringify(lab.said)).not.toContain(secret);
});

test.each([
  ["iso", {}, 'says that its guest reads its properties by "iso"'],
  ["iso", { "net.hostname": "r1" }, 'says that its guest reads its properties by "iso"'],
  ["iso com.example.other", {}, 'by "iso", "com.example.other"'],
  [undefined, { "net.hostname": "r1" }, "does not say how its guest reads its properties"],
])(
  "a preview warns that a guest whose transport is %s may not find its properties (%j), once for an OVA",
  async (transport, properties, words) => {
    const name = "router.ova";
    const ovaPath = await lab.ova(
      { sections: SECTIONS, ...(transport !== undefined && { transport }) },
      name,
    );
    await lab.check({ ovaPath, properties });
    await lab.check({ ovaPath, properties, name: "second" });
    expect(lab.texts("warn")).toEqual([expect.stringContaining(words)]);
    expect(lab.texts("warn")[0]).toMatch(/router\.ova .*may look only at a CD/);
    expect(lab.raw.count()).toBe(0);
  },
);

test.each([
  ["com.vmware.guestInfo", SECTIONS, { "net.hostname": "r1" }],
  ["iso com.vmware.guestInfo", SECTIONS, { "net.hostname": "r1" }],
  ["iso", "", {}],
  [undefined, SECTIONS, {}],
])(
  "a preview warns of nothing where the transport is %s and there is nothing to miss",
  async (transport, sections, properties) => {
    const ovaPath = await lab.ova({ sections, ...(transport !== undefined && { transport }) }, "fine.ova");
    expect((await lab.check({ ovaPath, properties })).failures).toEqual([]);
    expect(lab.texts("warn")).toEqual([]);
  },
);

test("a guest that may look at a CD only has its properties in guestinfo all the same", async () => {
  const path = await lab.ova({ sections: SECTIONS, transport: "iso" }, "router.ova");
  await lab.create({ ovaPath: path, properties: { "net.hostname": "r1" }, powerOn: false });
  expect(environment()["net.hostname"]).toBe("r1");
});
