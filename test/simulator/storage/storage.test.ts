import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import type { Simulator } from "../../../simulator/index.ts";
import { createVm, disk, POOL, SCSI, startLab } from "../host/lab.ts";
import { allTexts, type RawClient, VM_FOLDER } from "../host/raw-client.ts";
import { createBase, createLinked, guestBytes, guestDigest, sha256 } from "../vm/snapshot/linked-vm.ts";

const DISKS = "VirtualDiskManager:ha-vdiskmanager";
const FILES = "FileManager:ha-nfc-file-manager";

const copyNames = (from: string, to: string): string =>
  `<sourceName>[datastore1] ${from}</sourceName><destName>[datastore1] ${to}</destName>`;
const spec = (diskType: string, adapterType = "lsiLogic"): string =>
  `<destSpec xsi:type="VirtualDiskSpec"><diskType>${diskType}</diskType><adapterType>${adapterType}</adapterType></destSpec>`;

async function descriptor(simulator: Simulator, path: string): Promise<string> {
  return await readFile(simulator.diskFile(`[datastore1] ${path}`).replace(/-flat\.vmdk$/, ".vmdk"), "utf8");
}

describe("CopyVirtualDisk_Task", () => {
  it("keeps to the spec, and inflates without one", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const source = sha256(await guestBytes(simulator, "[datastore1] base/base.vmdk"));
    const copies: [string, string, RegExp][] = [
      ["thin.vmdk", spec("thin"), /thinProvisioned = "1"[\s\S]*/],
      ["thick.vmdk", "", /adapterType = "lsilogic"(?![\s\S]*thinProvisioned)/],
      ["eager.vmdk", spec("eagerZeroedThick", "ide"), /adapterType = "ide"(?![\s\S]*thinProvisioned)/],
    ];
    for (const [to, destSpec, described] of copies) {
      const end = await client.task(
        "CopyVirtualDisk_Task",
        DISKS,
        copyNames("base/base.vmdk", to) + destSpec,
      );
      expect(end.state, end.message).toBe("success");
      expect(await descriptor(simulator, to)).toMatch(described);
      expect(await guestDigest(simulator, `[datastore1] ${to}`)).toBe(source);
    }
  });

  it("copies what a linked disk reads as, into a disk of its own", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    await createLinked(client, "linked");
    const names = copyNames("linked/linked.vmdk", "copy.vmdk");
    expect((await client.task("CopyVirtualDisk_Task", DISKS, names + spec("thin"))).state).toBe("success");
    expect(await guestDigest(simulator, "[datastore1] copy.vmdk")).toBe(
      await guestDigest(simulator, "[datastore1] base/base.vmdk"),
    );
    expect(await descriptor(simulator, "copy.vmdk")).not.toContain("parentFileNameHint");
  });

  it("refuses what is there already, whether forced or not, and leaves nothing of a copy that fails", async () => {
    const { simulator, client } = await startLab({
      datastores: [{ name: "datastore1", capacityBytes: 8 * 1024 * 1024 }],
    });
    await createBase(simulator, client);
    const faultOf = async (parameters: string): Promise<string> =>
      (await client.task("CopyVirtualDisk_Task", DISKS, parameters)).fault;
    const onto = copyNames("base/base.vmdk", "base/base.vmdk");
    expect(await faultOf(`${onto}<force>true</force>`)).toBe("FileAlreadyExists");
    expect(await faultOf(copyNames("base/none.vmdk", "x.vmdk"))).toBe("FileNotFound");
    expect(await faultOf(copyNames("base/base-flat.vmdk", "x.vmdk"))).toBe("InvalidDiskFormat");
    expect(await faultOf(copyNames("base/base.vmdk", "no/x.vmdk"))).toBe("FileNotFound");
    expect(await faultOf(copyNames("base/base.vmdk", "x.vmdk") + spec("preallocated"))).toBe("NoDiskSpace");
    const bad = await client.call(
      "CopyVirtualDisk_Task",
      DISKS,
      copyNames("a.vmdk", "b.vmdk") + spec("curved"),
    );
    expect(bad.fault).toBe("InvalidArgument");
    expect((await simulator.files("datastore1")).filter((file) => !file.startsWith("base/"))).toEqual([]);
  });
});

describe("other work on disks", () => {
  it("creates, grows, renames and deletes them", async () => {
    const { simulator, client } = await startLab();
    const made =
      '<name>[datastore1] a.vmdk</name><spec xsi:type="FileBackedVirtualDiskSpec"><diskType>thin</diskType><adapterType>lsiLogic</adapterType><capacityKb>4096</capacityKb></spec>';
    expect((await client.task("CreateVirtualDisk_Task", DISKS, made)).state).toBe("success");
    const name = "<name>[datastore1] a.vmdk</name>";
    const grow = `${name}<newCapacityKb>8192</newCapacityKb>`;
    expect((await client.task("ExtendVirtualDisk_Task", DISKS, grow)).state).toBe("success");
    expect((await client.task("ExtendVirtualDisk_Task", DISKS, grow)).fault).toBe("InvalidArgument");
    expect((await client.task("MoveVirtualDisk_Task", DISKS, copyNames("a.vmdk", "b.vmdk"))).state).toBe(
      "success",
    );
    expect(await simulator.files("datastore1")).toEqual(["b-flat.vmdk", "b.vmdk"]);
    expect(await guestDigest(simulator, "[datastore1] b.vmdk")).toBe(sha256(Buffer.alloc(8 * 1024 * 1024)));
    expect((await client.task("DeleteVirtualDisk_Task", DISKS, name)).fault).toBe("FileNotFound");
    expect((await client.task("DeleteVirtualDisk_Task", DISKS, name.replace("a.", "b."))).state).toBe(
      "success",
    );
    expect(await simulator.files("datastore1")).toEqual([]);
  });
});

describe("FileManager", () => {
  it("copies of a disk the descriptor alone", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const names =
      "<sourceName>[datastore1] base/base.vmdk</sourceName><destinationName>[datastore1] copy.vmdk</destinationName>";
    expect((await client.task("CopyDatastoreFile_Task", FILES, names)).state).toBe("success");
    expect((await client.task("CopyDatastoreFile_Task", FILES, names)).fault).toBe("FileAlreadyExists");
    expect((await simulator.files("datastore1")).filter((file) => file.startsWith("copy"))).toEqual([
      "copy.vmdk",
    ]);
    await expect(guestDigest(simulator, "[datastore1] copy.vmdk")).rejects.toThrow(
      /base-flat\.vmdk is missing/,
    );
  });

  it("moves and deletes files and folders, unless a running VM holds them", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    await client.ok(
      "MakeDirectory",
      FILES,
      "<name>[datastore1] a/b</name><createParentDirectories>true</createParentDirectories>",
    );
    const move = (from: string, to: string): string =>
      `<sourceName>[datastore1] ${from}</sourceName><destinationName>[datastore1] ${to}</destinationName>`;
    expect((await client.task("MoveDatastoreFile_Task", FILES, move("a", "c"))).state).toBe("success");
    expect((await client.task("DeleteDatastoreFile_Task", FILES, "<name>[datastore1] c</name>")).state).toBe(
      "success",
    );
    await client.task("PowerOnVM_Task", vm);
    for (const path of ["base", "base/base.vmdk", "base/base-flat.vmdk", "base/base.vmx"]) {
      expect(
        (await client.task("DeleteDatastoreFile_Task", FILES, `<name>[datastore1] ${path}</name>`)).fault,
      ).toBe("FileLocked");
    }
  });

  it("lists what is in a folder and below", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    await createLinked(client, "linked");
    const browser = "HostDatastoreBrowser:ha-host-datastorebrowser";
    const search = async (method: "SearchDatastore_Task" | "SearchDatastoreSubFolders_Task", path: string) =>
      allTexts(
        (await client.task(method, browser, `<datastorePath>${path}</datastorePath>`)).text,
        "path",
      ).sort();
    expect(await search("SearchDatastore_Task", "[datastore1]")).toEqual(["base", "linked"]);
    const linked = await search("SearchDatastore_Task", "[datastore1] linked");
    expect(linked).toContain("linked.vmdk");
    expect(linked).not.toContain("linked-flat.vmdk");
    expect(await search("SearchDatastoreSubFolders_Task", "[datastore1]")).toEqual(
      expect.arrayContaining(["base.vmdk", "linked.vmdk", "linked.vmx"]),
    );
  });

  it("leaves out a folder that is deleted while it searches, and has nothing of one that is not there", async () => {
    const { simulator, client } = await startLab();
    await createBase(simulator, client);
    const gone = simulator.localFile("[datastore1] a-gone");
    await mkdir(gone);
    const list = Datastore.prototype.list;
    const listing = vi.spyOn(Datastore.prototype, "list").mockImplementation(async function (
      this: Datastore,
      path,
    ) {
      if (path === "a-gone") await rm(gone, { recursive: true });
      return list.call(this, path);
    });
    const search = (method: "SearchDatastore_Task" | "SearchDatastoreSubFolders_Task", path: string) =>
      client.task(
        method,
        "HostDatastoreBrowser:ha-host-datastorebrowser",
        `<datastorePath>${path}</datastorePath>`,
      );
    const { text } = await search("SearchDatastoreSubFolders_Task", "[datastore1]");
    expect(allTexts(text, "folderPath").sort()).toEqual(["[datastore1]", "[datastore1] base/"]);
    await mkdir(gone);
    expect((await search("SearchDatastore_Task", "[datastore1] a-gone")).fault).toBe("FileNotFound");
    listing.mockRestore();
  });
});

/** Changes the `.vmx` of a VM that is off, and has the host read it. */
async function edit(simulator: Simulator, client: RawClient, vm: string, lines: string): Promise<void> {
  const file = join(simulator.diskFile("[datastore1] alpha/alpha.vmdk"), "../alpha.vmx");
  await writeFile(file, `${await readFile(file, "utf8")}${lines}`);
  await client.ok("Reload", vm);
}

describe("VMs that are not to be cloned", () => {
  it("show their encryption, their TPM, and a raw device", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "alpha", { tail: SCSI + disk(2048) });
    expect(await client.value(vm, "config.keyId")).toBeUndefined();
    const lines =
      'encryption.keySafe = "vmware:key/list/(pair/(fqid/<VMWARE-NULL>))"\nvtpm.present = "TRUE"\n';
    await edit(simulator, client, vm, lines);
    expect(await client.read(vm, "config.keyId")).toContain("<keyId>unknown</keyId>");
    expect(await client.read(vm, "config.hardware.device")).toContain('xsi:type="VirtualTPM"');
    const file = simulator.diskFile("[datastore1] alpha/alpha.vmdk").replace(/-flat\.vmdk$/, ".vmdk");
    const text = await readFile(file, "utf8");
    await writeFile(
      file,
      text.replace('"vmfs"', '"vmfsPassthroughRawDeviceMap"').replace(" VMFS ", " VMFSRDM "),
    );
    await client.ok("Reload", vm);
    const devices = await client.read(vm, "config.hardware.device");
    expect(devices).toContain('xsi:type="VirtualDiskRawDiskMappingVer1BackingInfo"');
    expect(devices).toContain("<compatibilityMode>physicalMode</compatibilityMode>");
    const again = await client.task(
      "RegisterVM_Task",
      VM_FOLDER,
      `<path>[datastore1] alpha/alpha.vmx</path><asTemplate>false</asTemplate>${POOL}`,
    );
    expect(again.fault).toBe("AlreadyExists");
  });
});
