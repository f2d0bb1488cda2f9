/** OVAs where the licence lets the API change nothing. Each test ends with a look at the raw host. */
import { afterEach, describe, expect, test } from "vitest";
import { diskFile, type OvaOptions } from "../../../support/ova-builder.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { READS } from "../kill-at.ts";
import { failure, Lab } from "../lab.ts";

const SSH = { listen: "127.0.0.1:0" };
const labs: Lab[] = [];

async function open(license: "free" | "licensed" = "free"): Promise<Lab> {
  const lab = await Lab.open({ ssh: SSH, license });
  labs.push(lab);
  return lab;
}

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close();
});

/** What the API was asked to change, but for the question whether it may. */
const writes = (lab: Lab) =>
  lab.raw.simulator.requests
    .entries()
    .map(({ method }) => method)
    .filter((method) => !/^ssh\./.test(method) && !READS.test(method))
    .filter((method) => !["UpdateServicePolicy", "CreateImportSpec", "folder"].includes(method));

const filesOf = async (lab: Lab) => (await lab.raw.contents()).files;

/** An item of the descriptor: drives and controllers beside disks. */
const item = (id: number, type: number, further: Readonly<Record<string, string | number>> = {}) => {
  const fields = { ElementName: `item ${id}`, InstanceID: id, ResourceType: type, ...further };
  const order = Object.keys(fields).sort() as (keyof typeof fields)[];
  return `<Item>${order.map((name) => `<rasd:${name}>${fields[name]}</rasd:${name}>`).join("")}</Item>`;
};

/** Disks as they come: plain, packed, in parts; a CD with an image, a floppy drive, USB, and settings of the firmware. */
const RICH: OvaOptions = {
  name: "rich",
  files: [
    diskFile("plain.vmdk", { seed: 1 }),
    diskFile("packed.vmdk", { seed: 2, compression: "gzip" }),
    diskFile("parts.vmdk", { seed: 3, chunkSizeBytes: 100_000 }),
    { href: "tools.iso", content: Buffer.alloc(70_000, 5) },
    { href: "rich.nvram", content: Buffer.alloc(8684, 6) },
  ],
  hardware: [
    item(20, 5, { Address: 0 }),
    item(21, 15, { AddressOnParent: 0, Parent: 20, HostResource: "ovf:/file/file4" }),
    item(22, 14, { AddressOnParent: 0 }),
    item(23, 23, { Address: 0, ResourceSubType: "vmware.usb.ehci" }),
    '<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>',
    '<vmw:Config ovf:required="false" vmw:key="cpuHotAddEnabled" vmw:value="true"/>',
    '<vmw:Config ovf:required="false" vmw:key="tools.syncTimeWithHost" vmw:value="true"/>',
    '<vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/file5"/>',
  ].join("\n"),
};

/** What a machine is like, without what no two machines have alike. */
function likeness(lab: Lab, name: string) {
  const { config } = lab.raw.vm(name);
  const devices = (config.hardware.device ?? []).map((device) => {
    const { $type, key, controllerKey, unitNumber, backing, connectable } = device as unknown as Record<
      string,
      unknown
    >;
    const {
      fileName,
      datastore: _,
      backingObjectId: __,
      uuid: ___,
      contentId: ____,
      ...others
    } = Object(backing);
    const { startConnected, allowGuestControl } = Object(connectable);
    const file = typeof fileName === "string" ? fileName.replace(/^.*\./, "") : undefined;
    return {
      $type,
      key,
      controllerKey,
      unitNumber,
      file,
      backing: others,
      startConnected,
      allowGuestControl,
    };
  });
  const { numCPU, numCoresPerSocket, memoryMB } = config.hardware;
  const { guestId, version, firmware, cpuHotAddEnabled, memoryHotAddEnabled, bootOptions, cpuAllocation } =
    config;
  return {
    devices,
    size: { numCPU, numCoresPerSocket, memoryMB },
    settings: {
      guestId,
      version,
      firmware,
      cpuHotAddEnabled,
      memoryHotAddEnabled,
      bootOptions,
      cpuAllocation,
    },
    syncs: config.tools?.syncTimeWithHost,
  };
}

describe("an OVA over SSH", () => {
  test("is streamed, made a disk by the host, started, changed and deleted, without a write of the API", async () => {
    const lab = await open();
    const vm = await lab.create({ name: "it's 1", memory: 128, extraConfig: { "guestinfo.role": "web" } });
    expect(vm.outs).toMatchObject({ name: "it's 1", powerState: "poweredOn", memory: 128, __phase: "done" });
    expect(vm.id).toBe(lab.raw.vm("it's 1").instanceUuid);
    expect(await lab.raw.rawDisk("it's 1")).toBe(tinyOva.rawSha256);
    expect(lab.extraConfig(lab.raw.vm("it's 1"), "guestinfo.role")).toBe("web");
    expect(lab.texts("status")).toContainEqual(expect.stringMatching(/^uploading \d+% of .*\/s, .*\.vmdk$/));
    expect(lab.texts("status")).toContainEqual(expect.stringMatching(/^making the disk of .*\.vmdk: 100%$/));
    expect((await filesOf(lab)).filter((file) => /uploading|copying|creating/.test(file))).toEqual([]);
    expect((await lab.read(vm))?.outs).toMatchObject({ memory: 128, powerState: "poweredOn" });

    const changed = await lab.update(vm, { name: "it's 1", memory: 256 });
    expect(lab.raw.vm("it's 1").config.hardware.memoryMB).toBe(256);
    await lab.delete(changed);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
    expect(writes(lab)).toEqual([]);
  });

  test("makes the same machine as by the API, with packed disks, disks in parts, images and NVRAM", async () => {
    const made = await Promise.all(
      (["licensed", "free"] as const).map(async (license) => {
        const lab = await open(license);
        const ovaPath = await lab.ova(RICH);
        const vm = await lab.create({ name: "rich", ovaPath, powerOn: false, diskProvisioning: "thick" });
        const disks = await Promise.all(
          lab.raw.diskPaths("rich").map(async (path) => {
            const chunks: Uint8Array[] = [];
            for await (const chunk of lab.raw.simulator.readDisk(path)) chunks.push(chunk);
            return Buffer.concat(chunks).toString("base64").slice(0, 400);
          }),
        );
        const seen = { ...likeness(lab, "rich"), disks };
        const names = (await filesOf(lab)).map((file) => file.replace(/^.*\./, "")).sort();
        await lab.delete(vm);
        return {
          seen,
          left: await filesOf(lab),
          names: names.filter((name) => !["log", "vmsd"].includes(name)),
        };
      }),
    );
    expect(made[1]).toEqual(made[0]);
    expect(made[0]?.left).toEqual([]);
  });

  test("is sent again when the connection breaks on the way, and leaves nothing of a damaged one", async () => {
    const lab = await open();
    lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "pulumi-uploading-0",
      atByte: 20_000,
      count: 1,
      action: "disconnect",
    });
    const vm = await lab.create({ powerOn: false });
    expect(lab.texts("warn").join()).toMatch(/SSH connection was lost.* Sending it again \(2 of 3\)/);
    expect(await lab.raw.rawDisk("vm")).toBe(tinyOva.rawSha256);
    await lab.delete(vm);

    const good = diskFile("disk.vmdk");
    const broken = Buffer.from(good.content).fill(1, 70_000, 70_100);
    const damaged: readonly [OvaOptions, RegExp][] = [
      [
        { files: [good], tamper: (entries) => void entries.get("disk.vmdk")?.fill(1, 70_000, 70_010) },
        /disk\.vmdk is damaged: its SHA256 is/,
      ],
      // Without a manifest only the host's own tool finds out.
      [
        { files: [{ ...good, content: broken }], manifest: null },
        /\(15\).*damaged, cut off.*qemu-img convert/,
      ],
    ];
    for (const [number, [options, said]] of damaged.entries()) {
      const error = await failure(lab.create({ ovaPath: await lab.ova(options, `${number}.ova`) }));
      expect(error.message).toMatch(said);
      expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
    }
    expect(writes(lab)).toEqual([]);
  });

  test("grows a disk to what the descriptor says, and makes one that is empty", async () => {
    const lab = await open();
    const ovaPath = await lab.ova({ files: [diskFile("disk.vmdk", { capacityBytes: 4 * 2 ** 20 })] });
    const vm = await lab.create({ ovaPath, powerOn: false });
    const disks = lab.raw.vm("vm").config.hardware.device?.filter(({ $type }) => $type === "VirtualDisk");
    expect(disks).toMatchObject([{ capacityInKB: 4096 }]);
    await lab.delete(vm);
    expect(await filesOf(lab)).toEqual([]);
  });
});
