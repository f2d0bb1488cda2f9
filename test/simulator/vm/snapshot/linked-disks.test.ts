import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { configSpec, POOL, SCSI, startLab } from "../../host/lab.ts";
import { allTexts, VM_FOLDER } from "../../host/raw-client.ts";
import {
  CAPACITY_KB,
  childDisk,
  createBase,
  createLinked,
  guestBytes,
  guestDigest,
  sha256,
} from "./linked-vm.ts";

const BASE = "[datastore1] base/base.vmdk";
const MODIFIED = /content ID of the parent virtual disk does not match/;

describe("a disk with a parent", () => {
  it("reads as the parent, and keeps its own changes to itself", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const linked = await createLinked(client, "linked");
    const before = await guestBytes(simulator, BASE);
    expect(await guestDigest(simulator, "[datastore1] linked/linked.vmdk")).toBe(sha256(before));
    expect((await client.task("PowerOnVM_Task", linked)).state).toBe("success");
    const data = randomBytes(5000);
    await simulator.writeAsGuest(linked.split(":")[1] ?? "", { offsetBytes: 999_000, data });
    expect(await guestDigest(simulator, BASE)).toBe(sha256(before));
    data.copy(before, 999_000);
    expect(await guestDigest(simulator, "[datastore1] linked/linked.vmdk")).toBe(sha256(before));
  });

  it("takes next to no space, and is shown with its parent", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const used = async (): Promise<number> => {
      const datastore = /<obj type="Datastore">([^<]+)</.exec(
        await client.read(`Datastore:${await datastoreId()}`, "summary.freeSpace"),
      )?.[1];
      return Number(await client.value(`Datastore:${datastore}`, "summary.freeSpace"));
    };
    const datastoreId = async (): Promise<string> =>
      /<ManagedObjectReference type="Datastore">([^<]+)</.exec(
        await client.read("Folder:ha-folder-datastore", "childEntity"),
      )?.[1] ?? "";
    const before = await used();
    const linked = await createLinked(client, "linked");
    expect(before - (await used())).toBeLessThan(200_000);
    expect(await simulator.files("datastore1")).toEqual(
      expect.arrayContaining(["linked/linked.vmdk", "linked/linked-sesparse.vmdk"]),
    );
    const config = await client.read(linked, "config.hardware.device");
    expect(allTexts(config, "fileName")).toEqual(["[datastore1] linked/linked.vmdk", BASE]);
    expect(allTexts(config, "capacityInKB")).toEqual([String(CAPACITY_KB)]);
  });

  it("is refused where the parent is missing, in use, elsewhere or smaller", async () => {
    const { simulator, client } = await startLab();
    const base = await createBase(simulator, client);
    const refused = async (tail: string, vmPathName = "[datastore1]"): Promise<string> => {
      const spec = configSpec("linked", { tail: SCSI + tail, vmPathName });
      return (await client.task("CreateVM_Task", VM_FOLDER, spec + POOL)).fault;
    };
    expect(await refused(childDisk("[datastore1] no/no.vmdk"))).toBe("FileNotFound");
    expect(await refused(childDisk(BASE), "[datastore2]")).toBe("InvalidDeviceBacking");
    expect(await refused(childDisk(BASE, "", 2 * CAPACITY_KB))).toBe("InvalidDeviceSpec");
    await client.task("PowerOnVM_Task", base);
    expect(await refused(childDisk(BASE))).toBe("FileLocked");
    expect(simulator.vms().map(({ name }) => name)).toEqual(["base"]);
    expect((await simulator.files("datastore1")).filter((file) => file.startsWith("linked"))).toEqual([]);
  });

  it("cannot grow", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const linked = await createLinked(client, "linked");
    const grow =
      '<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualDisk"><key>2000</key>' +
      '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[datastore1] linked/linked.vmdk</fileName><diskMode>persistent</diskMode></backing>' +
      `<controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>${2 * CAPACITY_KB}</capacityInKB></device></deviceChange></spec>`;
    const end = await client.task("ReconfigVM_Task", linked, grow);
    expect(end).toMatchObject({
      state: "error",
      message: expect.stringMatching(/delta disk cannot be extended/),
    });
  });
});

describe("a parent of a linked disk", () => {
  it("is deleted with the child by Destroy_Task: the trap", async () => {
    const { simulator, client } = await startLab();
    const base = await createBase(simulator, client);
    const linked = await createLinked(client, "linked");
    expect((await client.task("Destroy_Task", linked)).state).toBe("success");
    expect((await simulator.files("datastore1")).filter((file) => /\.vmdk$/.test(file))).toEqual([]);
    expect((await client.task("PowerOnVM_Task", base)).fault).toBe("FileNotFound");
  });

  it("survives when the child's disk is detached first", async () => {
    const { simulator, client } = await startLab();
    const base = await createBase(simulator, client);
    const linked = await createLinked(client, "linked");
    const detach =
      '<spec><deviceChange><operation>remove</operation><device xsi:type="VirtualDisk"><key>2000</key><capacityInKB>0</capacityInKB></device></deviceChange></spec>';
    expect((await client.task("ReconfigVM_Task", linked, detach)).state).toBe("success");
    expect((await client.task("Destroy_Task", linked)).state).toBe("success");
    expect((await client.task("PowerOnVM_Task", base)).state).toBe("success");
    expect(await simulator.files("datastore1")).toContain("linked/linked.vmdk");
  });

  it("breaks its children when it is powered on, grown or deleted", async () => {
    const { simulator, client } = await startLab();
    for (const name of ["started", "grown", "deleted"]) {
      await createBase(simulator, client, name);
      await createLinked(client, `of-${name}`, `[datastore1] ${name}/${name}.vmdk`);
    }
    const id = (name: string): string =>
      `VirtualMachine:${simulator.vms().find((vm) => vm.name === name)?.moid}`;
    await client.task("PowerOnVM_Task", id("started"));
    await client.task("PowerOffVM_Task", id("started"));
    const disks = "VirtualDiskManager:ha-vdiskmanager";
    const name = (of: string): string => `<name>[datastore1] ${of}/${of}.vmdk</name>`;
    await client.task(
      "ExtendVirtualDisk_Task",
      disks,
      `${name("grown")}<newCapacityKb>${2 * CAPACITY_KB}</newCapacityKb>`,
    );
    await client.task("DeleteVirtualDisk_Task", disks, name("deleted"));
    for (const of of ["started", "grown"]) {
      const end = await client.task("PowerOnVM_Task", id(`of-${of}`));
      expect(end, of).toMatchObject({ state: "error", message: expect.stringMatching(MODIFIED) });
      await expect(guestDigest(simulator, `[datastore1] of-${of}/of-${of}.vmdk`)).rejects.toThrow(MODIFIED);
    }
    const end = await client.task("PowerOnVM_Task", id("of-deleted"));
    expect(end).toMatchObject({ state: "error", message: expect.stringMatching(/cannot find the file/) });
  });

  it("is read by any number of running children, and written by nobody meanwhile", async () => {
    const { simulator, client } = await startLab();
    const base = await createBase(simulator, client);
    const children = [await createLinked(client, "one"), await createLinked(client, "two")];
    for (const child of children) expect((await client.task("PowerOnVM_Task", child)).state).toBe("success");
    expect((await client.task("PowerOnVM_Task", base)).fault).toBe("FileLocked");
    const disks = "VirtualDiskManager:ha-vdiskmanager";
    expect((await client.task("DeleteVirtualDisk_Task", disks, `<name>${BASE}</name>`)).fault).toBe(
      "FileLocked",
    );
    const files = "FileManager:ha-nfc-file-manager";
    expect(
      (await client.task("DeleteDatastoreFile_Task", files, "<name>[datastore1] base</name>")).fault,
    ).toBe("FileLocked");
    const copy = `<sourceName>${BASE}</sourceName><destName>[datastore1] copy.vmdk</destName>`;
    expect((await client.task("CopyVirtualDisk_Task", disks, copy)).state).toBe("success");
    const running = copy.replaceAll("base", "one").replace("copy", "copy2");
    expect((await client.task("CopyVirtualDisk_Task", disks, running)).fault).toBe("FileLocked");
  });

  it("is left by Destroy_Task of one child while another runs on it", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const [one, two] = [await createLinked(client, "one"), await createLinked(client, "two")];
    await client.task("PowerOnVM_Task", two);
    await client.task("Destroy_Task", one);
    expect(await simulator.files("datastore1")).toContain("base/base.vmdk");
    expect((await client.task("ResetVM_Task", two)).state).toBe("success");
  });
});
