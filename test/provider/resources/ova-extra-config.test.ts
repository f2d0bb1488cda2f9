import { afterEach, beforeEach, expect, test } from "vitest";
import { OWNER_MARK_KEY } from "../../../provider/host/vm/reading/owner-mark.ts";
import { diskFile } from "../../support/ova-builder.ts";
import { Lab } from "./lab.ts";

const extraConfig = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `<vmw:ExtraConfig ovf:required="false" vmw:key="${key}" vmw:value="${value}"/>`)
    .join("\n");

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const refusals = async (hardware: string, settings = {}) =>
  (await lab.check({ ovaPath: await lab.ova({ hardware }), ...settings })).failures;

const keysOnHost = (name = "vm") =>
  (lab.raw.vm(name).config.extraConfig ?? []).map(({ key }) => key.toLowerCase());

test("an OVA that opens the machine's screen is refused at preview, with each key", async () => {
  const hardware = extraConfig({
    "RemoteDisplay.vnc.enabled": "TRUE",
    "isolation.tools.copy.disable": "FALSE",
  });
  expect(await refusals(hardware)).toEqual([
    {
      property: "allowExtraConfig",
      reason: expect.stringMatching(
        /RemoteDisplay\.vnc\.enabled \(shows the machine's screen.*isolation\.tools\.copy\.disable.*allowExtraConfig: true/,
      ),
    },
  ]);
});

test.each([
  ["in another spelling of the namespace", '<x:ExtraConfig xmlns:x="urn:x" x:key="a.b" x:value="1"/>'],
  ["without a namespace", '<ExtraConfig key="a.b" value="1"/>'],
  ["of one deployment option", '<vmw:ExtraConfig ovf:configuration="none" vmw:key="a.b" vmw:value="1"/>'],
  ["that says that it is not required", extraConfig({ "a.b": "1" })],
])("a setting %s is refused too", async (_, hardware) => {
  expect(await refusals(hardware)).toEqual([
    { property: "allowExtraConfig", reason: expect.stringContaining("a.b") },
  ]);
});

test("a key with control characters is named without them", async () => {
  const [failure] = await refusals('<vmw:ExtraConfig vmw:key="a&#x9;b&#x7f;" vmw:value="1"/>');
  expect(failure?.reason).toContain('"a\\tb');
});

test("hundreds of keys are not all named", async () => {
  const keys = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key.${index}`, "1"]));
  const [failure] = await refusals(extraConfig(keys));
  expect(failure?.reason).toContain("key.29 and 270 more");
});

test("with allowExtraConfig the machine gets them, but for those that the program sets or forbids", async () => {
  const hardware = extraConfig({ "a.one": "1", "A.Two": "2", "a.three": "3" });
  const vm = await lab.create({
    ovaPath: await lab.ova({ hardware }),
    allowExtraConfig: true,
    extraConfig: { "a.two": "mine", "a.three": "" },
    powerOn: false,
  });
  const raw = lab.raw.vm("vm");
  expect(raw.instanceUuid).toBe(vm.id);
  expect(lab.extraConfig(raw, "a.one")).toBe("1");
  expect(lab.extraConfig(raw, "a.two")).toBe("mine");
  expect(keysOnHost().filter((key) => key === "a.two")).toHaveLength(1);
  expect(keysOnHost()).not.toContain("a.three");
});

test("keys that the program names itself need no permission", async () => {
  const hardware = extraConfig({ "Disk.EnableUUID": "TRUE" });
  expect(await refusals(hardware, { extraConfig: { "disk.enableUUID": "FALSE" } })).toEqual([]);
});

test("the NVRAM of the package is taken without permission, any other one is not", async () => {
  const files = [diskFile(), { href: "tiny.nvram", content: Buffer.alloc(8684, 1) }];
  const hardware = extraConfig({ nvram: "ovf:/file/file2" });
  await lab.create({ ovaPath: await lab.ova({ files, hardware }), powerOn: false });
  expect(keysOnHost()).toContain("nvram");
  const elsewhere = extraConfig({ nvram: "/vmfs/volumes/datastore1/other/vm.nvram" });
  const ovaPath = await lab.ova({ hardware: elsewhere }, "elsewhere.ova");
  expect((await lab.check({ ovaPath })).failures).toHaveLength(1);
});

test.each([false, true])(
  "a stranger's file cannot say what is this package's (allowExtraConfig: %s)",
  async (allowExtraConfig) => {
    await lab.create({ name: "victim", powerOn: false });
    const victim = lab.raw.vm("victim");
    const folder = victim.vmxPath.slice(0, victim.vmxPath.lastIndexOf("/"));
    const before = (await lab.raw.contents()).files.filter((file) => file.includes("victim")).sort();
    const disk = before.find((file) => file.endsWith(".vmdk")) ?? "";
    const detached = [`[datastore1] vm/../victim/${disk.split("/").at(-1)}`, `${folder}/victim.vmx`];
    const hardware = extraConfig({
      "pulumi-esxi-direct.detached": JSON.stringify(detached).replaceAll('"', "&quot;"),
      "Pulumi-ESXi-Direct.labels": "{}",
      " pulumi-esxi-direct.disks": "../victim/victim.vmdk",
      [OWNER_MARK_KEY]: "someone",
    });
    const vm = await lab.create({
      ovaPath: await lab.ova({ hardware }),
      allowExtraConfig,
      powerOn: false,
    });
    const own = keysOnHost().filter((key) => key.includes("pulumi-esxi-direct."));
    expect(own).toEqual([OWNER_MARK_KEY]);

    await lab.delete(vm);
    const after = await lab.raw.contents();
    expect(after.vms).toEqual(["victim: poweredOff"]);
    expect(after.files.filter((file) => file.includes("victim")).sort()).toEqual(before);
  },
);

test("a list of detached disks that climbs out of the machine's folder is not followed", async () => {
  await lab.create({ name: "victim", powerOn: false });
  const before = (await lab.raw.contents()).files.filter((file) => file.includes("victim")).sort();
  const disk = before
    .find((file) => /(?<!-flat)\.vmdk$/.test(file))
    ?.split("/")
    .at(-1);
  const vm = await lab.create({ powerOn: false });
  const { ref } = (await lab.host.vms.identified({ instanceUuid: vm.id })) ?? {};
  const list = JSON.stringify([`[datastore1] vm/../victim/${disk}`]);
  if (ref === undefined) throw new Error("The machine is not there.");
  const spec = {
    extraConfig: [{ $type: "OptionValue" as const, key: "pulumi-esxi-direct.detached", value: list }],
  };
  await lab.host.task(() => lab.host.client.call(ref, "ReconfigVM_Task", { spec }), {
    signal: new AbortController().signal,
  });
  lab.host.vms.forget();
  await lab.delete(vm);
  expect((await lab.raw.contents()).files.filter((file) => file.includes("victim")).sort()).toEqual(before);
});
