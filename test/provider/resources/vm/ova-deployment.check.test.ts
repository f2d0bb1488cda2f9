import { afterEach, beforeEach, expect, test } from "vitest";
import { diskFile } from "../../../support/ova-builder.ts";
import { need } from "../../../support/prerequisites.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { Lab, PROVIDER } from "../lab.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

test("what is not given has its default, and the OVA's digest is added", async () => {
  const { inputs, failures } = await lab.check({ memory: 64 });
  expect(failures).toEqual([]);
  expect(inputs).toEqual({
    name: "vm",
    ovaPath: tinyOva.path,
    memory: 64,
    diskProvisioning: "thin",
    powerOn: true,
    allowPowerCycle: true,
    ovaDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    __provider: PROVIDER,
    __urn: expect.stringContaining("urn:pulumi:dev::lab"),
  });
});

test.each(["extraConfig", "properties", "ovfNetworkMap"])(
  "a name that means something to JavaScript is refused as a key of %s, not dropped",
  async (map) => {
    const settings = JSON.parse(`{"constructor": "a", "__proto__": "b", "prototype": "c"}`) as object;
    const { failures } = await lab.check({ [map]: settings });
    expect(
      failures.filter(({ reason }) => /^cannot be a key/.test(reason)).map(({ property }) => property),
    ).toEqual([`${map}.constructor`, `${map}.__proto__`, `${map}.prototype`]);
  },
);

test("a check contacts no host", async () => {
  await lab.check({});
  expect(lab.raw.count()).toBe(0);
});

test.each([
  [{ name: "" }, "name", "must not be empty"],
  [{ name: 5 }, "name", "must be a text, not a number: put it in quotes"],
  [{ name: " vm" }, "name", "must not begin or end with a space"],
  [{ name: "v\nm" }, "name", "must not have control characters"],
  [{ name: "x".repeat(81) }, "name", "must have at most 80 characters"],
  [{ ovaPath: "" }, "ovaPath", "must not be empty"],
  [{ ovaPath: 5 }, "ovaPath", "must be a path or URL, not a number: put it in quotes"],
  [{ memory: 63 }, "memory", "must be a multiple of 4 MB, otherwise the host does not power the VM on"],
  [{ memory: 0 }, "memory", "must be at least 4 MB"],
  [{ memory: 64.5 }, "memory", "must be a whole number"],
  [{ memory: "64" }, "memory", "must be a number (MB), not a text: write it without quotes"],
  [{ numCpus: 0 }, "numCpus", "must be at least 1"],
  [{ numCpus: 769 }, "numCpus", "must be at most 768"],
  [{ numCpus: 4, numCoresPerSocket: 3 }, "numCoresPerSocket", "must divide numCpus, which is 4"],
  [{ annotation: 1 }, "annotation", "must be a text, not a number: put it in quotes"],
  [{ powerOn: "yes" }, "powerOn", `must be true, false or "once"`],
  [{ allowPowerCycle: 1 }, "allowPowerCycle", "must be true or false, not a number"],
  [{ datastore: "" }, "datastore", "must not be empty"],
  [{ extraConfig: { a: 1 } }, "extraConfig.a", "must be a text, not a number: put it in quotes"],
  [{ properties: { a: true } }, "properties.a", "must be a text, not true: put it in quotes"],
  [{ diskProvisioning: "fat" }, "diskProvisioning", "must be one of thin, thick, eagerZeroedThick"],
  [{ waitFor: { tcpPort: 70000 } }, "waitFor.tcpPort", "must be at most 65535"],
  [{ waitFor: { ip: 1 } }, "waitFor.ip", "must be true or false, not a number"],
  [{ waitFor: { timeoutSeconds: 0 } }, "waitFor.timeoutSeconds", "must be at least 1 seconds"],
  [{ waitFor: { tcp: 1 } }, "waitFor.tcp", "there is no such setting; did you mean tcpPort?"],
  [{ timeouts: { createSeconds: 0 } }, "timeouts.createSeconds", "must be at least 1 seconds"],
  [{ timeouts: { shutdownSeconds: -1 } }, "timeouts.shutdownSeconds", "must be at least 0 seconds"],
  [{ memmory: 64 }, "memmory", "there is no such setting; did you mean memory?"],
])("%j is refused", async (settings, property, reason) => {
  const { failures } = await lab.check(settings);
  expect(failures).toContainEqual({ property, reason });
});

test("everything that is wrong is said at once", async () => {
  const { failures } = await lab.check({ memory: 3, ovaPath: "/none.ova", waitFor: { tcpPort: 0 } });
  expect(failures.map(({ property }) => property).sort()).toEqual(["memory", "ovaPath", "waitFor.tcpPort"]);
});

test("a setting that must be there and is not is said to be missing", async () => {
  const { failures } = await lab.check({ ovaPath: undefined });
  expect(failures).toEqual([{ property: "ovaPath", reason: "is required" }]);
});

test("an OVA that is not there is named by its path", async () => {
  const { failures } = await lab.check({ ovaPath: "missing/none.ova" });
  expect(failures).toEqual([
    {
      property: "ovaPath",
      reason: expect.stringMatching(/missing\/none\.ova.*(no such file|not exist|not there)/i),
    },
  ]);
});

test("a disk that no host takes is refused", async () => {
  const ovaPath = await lab.ova({ files: [diskFile("a.vmdk", { content: Buffer.alloc(4096, "x") })] });
  const { failures } = await lab.check({ ovaPath });
  expect(failures).toEqual([
    { property: "ovaPath", reason: expect.stringMatching(/a\.vmdk.*streamOptimized/i) },
  ]);
});

const SECTIONS = `<ProductSection><Info>i</Info>
  <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="tiny"/>
  <Property ovf:key="port" ovf:type="uint16" ovf:userConfigurable="true"/>
</ProductSection>`;

test("a real OVA that is cut off in the middle of its disk is refused, though its manifest is whole", async (context) => {
  const ovaPath = await need(context, "TEST_TTYLINUX_OVA");
  const { failures } = await lab.check({ ovaPath, ovfNetworkMap: { nat: "VM Network" } });
  expect(failures).toEqual([
    {
      property: "ovaPath",
      reason: expect.stringMatching(/ttylinux-pc_i486-16\.1-disk1\.vmdk ends before/),
    },
  ]);
});

test("what the OVF does not offer is refused with what was probably meant", async () => {
  const ovaPath = await lab.ova({ sections: SECTIONS, networks: ["VM Network"] });
  const { failures } = await lab.check({
    ovaPath,
    ovfNetworkMap: { "VM Netwrok": "lab-net" },
    deploymentOption: "large",
    properties: { hostnam: "a", port: "80" },
  });
  expect(failures).toEqual([
    { property: "ovfNetworkMap.VM Netwrok", reason: expect.stringContaining('did you mean "VM Network"?') },
    { property: "deploymentOption", reason: expect.stringContaining('no deployment option "large"') },
    { property: "properties.hostnam", reason: expect.stringContaining('did you mean "hostname"?') },
  ]);
});

test("a property that the OVF needs must be given, and no message repeats a value", async () => {
  const ovaPath = await lab.ova({ sections: SECTIONS });
  expect((await lab.check({ ovaPath })).failures).toEqual([
    { property: "properties.port", reason: expect.stringContaining("needs a value") },
  ]);
  const { failures } = await lab.check({ ovaPath, properties: { port: "hidden-value" } });
  expect(failures).toHaveLength(1);
  expect(JSON.stringify(failures)).not.toContain("hidden-value");
});

test("licence agreements must be accepted", async () => {
  const ovaPath = await lab.ova({
    sections: "<EulaSection><Info>i</Info><License>Be nice.</License></EulaSection>",
  });
  const { failures } = await lab.check({ ovaPath });
  expect(failures).toEqual([
    { property: "acceptAllEulas", reason: expect.stringContaining("acceptAllEulas: true if you agree") },
  ]);
  expect((await lab.check({ ovaPath, acceptAllEulas: true })).failures).toEqual([]);
  expect((await lab.check({ ovaPath, acceptAllEulas: UNKNOWN })).failures).toEqual([]);
});

test("what a preview does not know yet passes and stays unknown", async () => {
  const settings = {
    name: UNKNOWN,
    memory: UNKNOWN,
    annotation: UNKNOWN,
    powerOn: UNKNOWN,
    waitFor: { tcpPort: UNKNOWN },
    extraConfig: { "guestinfo.a": UNKNOWN, "guestinfo.b": "known" },
    ovfNetworkMap: UNKNOWN,
  };
  const { inputs, failures } = await lab.check(settings);
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ ...settings, diskProvisioning: "thin", allowPowerCycle: true });
});

test("beside what is not known yet, mistakes are found", async () => {
  const { failures } = await lab.check({ name: UNKNOWN, memory: 3, extraConfig: { a: UNKNOWN, b: 1 } });
  expect(failures.map(({ property }) => property).sort()).toEqual(["extraConfig.b", "memory"]);
});

test("properties that are not known yet are taken to be right", async () => {
  const ovaPath = await lab.ova({ sections: SECTIONS });
  expect((await lab.check({ ovaPath, properties: { port: UNKNOWN } })).failures).toEqual([]);
  expect((await lab.check({ ovaPath, properties: UNKNOWN })).failures).toEqual([]);
});

test("an OVA whose path is not known yet may be any", async () => {
  const { inputs, failures } = await lab.check({ ovaPath: UNKNOWN, properties: { any: "thing" } });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ ovaPath: UNKNOWN, ovaDigest: UNKNOWN });
});

test("the same OVA at another path has the same digest, another one has not", async () => {
  const one = await lab.inputs({ ovaPath: await lab.ova({}, "one.ova") });
  const copy = await lab.inputs({ ovaPath: await lab.ova({}, "copy.ova") });
  const other = await lab.inputs({
    ovaPath: await lab.ova({ files: [diskFile("tiny-disk1.vmdk", { seed: 5 })] }, "other.ova"),
  });
  expect(copy.ovaDigest).toBe(one.ovaDigest);
  expect(other.ovaDigest).not.toBe(one.ovaDigest);
});

test("a relative path counts from the project's folder", async () => {
  await lab.ova({}, "images/here.ova");
  expect((await lab.check({ ovaPath: "images/here.ova" })).failures).toEqual([]);
});

test("a machine to be adopted is looked for also while the OVA is not known yet", async () => {
  const { failures } = await lab.check({ ovaPath: UNKNOWN, adopt: { name: "gone" } });
  expect(failures).toEqual([
    { property: "adopt", reason: expect.stringContaining('has no machine named "gone" to adopt') },
  ]);
});

test("a machine to be adopted is not looked for as long as something else is wrong", async () => {
  const { failures } = await lab.check({ memory: 3, adopt: { name: "gone" } });
  expect(failures.map(({ property }) => property)).toEqual(["memory"]);
  expect(lab.raw.count()).toBe(0);
});
