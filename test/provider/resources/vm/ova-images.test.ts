/** An OVA with an image for its CD drive: the file came with the machine, and goes with it. */
import { writeFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import { diskFile, type OvaOptions } from "../../../support/ova-builder.ts";
import { failure, Lab } from "../lab.ts";

const WITH_IMAGE: OvaOptions = {
  files: [{ href: "tools.iso", content: Buffer.alloc(70_000, 5) }, diskFile("disk.vmdk")],
  hardware: [
    "<Item><rasd:Address>0</rasd:Address><rasd:ElementName>IDE 0</rasd:ElementName>" +
      "<rasd:InstanceID>20</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>",
    "<Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>CD</rasd:ElementName>" +
      "<rasd:HostResource>ovf:/file/file1</rasd:HostResource><rasd:InstanceID>21</rasd:InstanceID>" +
      "<rasd:Parent>20</rasd:Parent><rasd:ResourceType>15</rasd:ResourceType></Item>",
  ].join("\n"),
};

let lab: Lab;
afterEach(() => lab.close());

const WAYS: readonly [string, Partial<SimulatorOptions>][] = [
  ["by the API", {}],
  ["over SSH", { license: "free", ssh: { listen: "127.0.0.1:0" } }],
];

describe.each(WAYS)("an OVA with an image, made %s", (_, options) => {
  const open = async (): Promise<string> => {
    lab = await Lab.open(options);
    return lab.ova(WITH_IMAGE);
  };
  const files = async () => (await lab.raw.contents()).files;
  const drive = (name: string) =>
    (lab.raw.vm(name).config.hardware.device ?? []).find(({ $type }) => $type === "VirtualCdrom");
  const put = (name: string, fileName: string) => {
    const device = drive(name);
    const backing = { $type: "VirtualCdromIsoBackingInfo", fileName };
    return lab.raw.simulator.behindBack.reconfigure(lab.raw.vm(name).moid, {
      $type: "VirtualMachineConfigSpec",
      deviceChange: [
        {
          $type: "VirtualDeviceConfigSpec",
          operation: "edit",
          device: { ...device, key: device?.key ?? 0, backing },
        },
      ],
    });
  };

  test("leaves nothing when it is deleted, in a drive or not", async () => {
    const ovaPath = await open();
    const vm = await lab.create({ name: "one", ovaPath, powerOn: false });
    expect(await files()).toContain("[datastore1] one/_deviceImage0.iso");
    await lab.delete(vm);
    expect(await files()).toEqual([]);

    const other = await lab.create({ name: "two", ovaPath, powerOn: false });
    await writeFile(lab.raw.simulator.localFile("[datastore1] mine.iso"), "mine");
    await put("two", "[datastore1] mine.iso");
    await lab.delete(other);
    expect(await files()).toEqual(["[datastore1] mine.iso"]);
    expect(lab.texts("warn")).toEqual([]);
  });

  test("leaves the image that another machine has in its drive, and says so", async () => {
    const ovaPath = await open();
    const vm = await lab.create({ name: "one", ovaPath, powerOn: false });
    const user = await lab.create({ name: "user", ovaPath, powerOn: false });
    await put("user", "[datastore1] one/_deviceImage0.iso");
    await lab.delete(vm);
    expect(lab.texts("warn")).toEqual([
      '"one" is deleted, but [datastore1] one/_deviceImage0.iso stays, because "user" may need it. ' +
        "Delete that file yourself when nobody needs it any more.",
    ]);
    await lab.delete(user);
    expect(await files()).toEqual(["[datastore1] one/", "[datastore1] one/_deviceImage0.iso"]);
  });

  test("leaves an image that somebody has put into its folder and its drive, and says so", async () => {
    const ovaPath = await open();
    const vm = await lab.create({ name: "one", ovaPath, powerOn: false });
    await writeFile(lab.raw.simulator.localFile("[datastore1] one/_deviceImage7.iso"), "mine");
    await put("one", "[datastore1] one/_deviceImage7.iso");
    await lab.delete(vm);
    expect(await files()).toEqual(["[datastore1] one/", "[datastore1] one/_deviceImage7.iso"]);
    expect(lab.texts("warn")).toEqual([expect.stringContaining('nothing says that it was made for "one"')]);
  });

  test("leaves nothing of one that is damaged behind its image", async () => {
    await open();
    const tamper = (entries: Map<string, Buffer>) => void entries.get("disk.vmdk")?.fill(1, 70_000, 70_010);
    const ovaPath = await lab.ova({ ...WITH_IMAGE, tamper }, "damaged.ova");
    expect((await failure(lab.create({ name: "one", ovaPath }))).message).toMatch(/disk\.vmdk/);
    expect(await files()).toEqual([]);
  });
});

test("a machine that moves to another datastore takes its image along, and leaves nothing", async () => {
  lab = await Lab.open({
    datastores: ["datastore1", "big"].map((name) => ({ name, capacityBytes: 2 ** 36 })),
  });
  const ovaPath = await lab.ova(WITH_IMAGE);
  const settings = { name: "one", ovaPath, powerOn: false };
  const vm = await lab.create({ ...settings, datastore: "datastore1" });
  const moved = await lab.update(vm, { ...settings, datastore: "big" });
  const { files } = await lab.raw.contents();
  expect(files).toContain("[big] one/_deviceImage0.iso");
  expect(files.filter((file) => file.startsWith("[datastore1]"))).toEqual([]);
  await lab.delete(moved);
  expect((await lab.raw.contents()).files).toEqual([]);
});

test("the CD with the OVF environment goes over SSH too, where the licence has ended since", async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  const sections =
    '<ProductSection><Info>p</Info><Property ovf:key="a" ovf:type="string" ovf:userConfigurable="true"/></ProductSection>';
  const ovaPath = await lab.ova({ sections, transport: "iso" });
  const vm = await lab.create({ ovaPath, powerOn: false, ovfTransport: "iso", properties: { a: "1" } });
  expect((await lab.raw.contents()).files.filter((file) => file.endsWith(".iso"))).toHaveLength(1);
  await lab.raw.restart({ license: "free" });
  await lab.restart();
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});
