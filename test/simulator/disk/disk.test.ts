import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Datastore } from "../../../simulator/datastore/datastore.ts";
import { DatastoreFullError } from "../../../simulator/datastore/datastore-full-error.ts";
import { diskCapacity, formatDescriptor, parseDescriptor } from "../../../simulator/disk/descriptor.ts";
import {
  createEmptyDisk,
  type DiskProvisioning,
  deleteDisk,
  extendDisk,
  readDescriptor,
} from "../../../simulator/disk/disk.ts";
import { DiskFormatError } from "../../../simulator/disk/disk-format-error.ts";

const MIB = 2 ** 20;
let dir: string;
let datastore: Datastore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "disk-"));
  datastore = await Datastore.open(dir, { name: "datastore1", uuid: "u", capacityBytes: 10 * MIB });
});

afterEach(() => rm(dir, { recursive: true }));

function create(descriptorPath: string, provisioning: DiskProvisioning, capacityBytes: number) {
  return createEmptyDisk({ datastore, descriptorPath, provisioning, adapterType: "lsilogic" }, capacityBytes);
}

describe("a disk", () => {
  it("is made of zeros, takes its space, grows and goes", async () => {
    const made = await create("a.vmdk", "thick", 2 * MIB);
    expect(await readDescriptor(datastore, "a.vmdk")).toEqual(made);
    expect(made.uuid).toMatch(/^6000C29[0-9a-f](-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect((await readFile(join(dir, "a-flat.vmdk"))).equals(Buffer.alloc(2 * MIB))).toBe(true);
    expect(datastore.allocatedBytes("a-flat.vmdk")).toBe(2 * MIB);
    await extendDisk(datastore, "a.vmdk", 3 * MIB);
    expect(datastore.allocatedBytes("a-flat.vmdk")).toBe(3 * MIB);
    expect(diskCapacity(await readDescriptor(datastore, "a.vmdk"))).toBe(3 * MIB);
    expect((await readFile(join(dir, "a-flat.vmdk"))).length).toBe(3 * MIB);
    await deleteDisk(datastore, "a.vmdk");
    expect(await readdir(dir)).toEqual([]);
    expect(datastore.usedBytes()).toBe(0);
  });

  it("takes nothing while it is thin and empty, however large", async () => {
    await create("a.vmdk", "thin", 1000 * MIB);
    await extendDisk(datastore, "a.vmdk", 2000 * MIB);
    expect(datastore.allocatedBytes("a-flat.vmdk")).toBe(0);
    expect((await Datastore.open(dir, { name: "d", uuid: "u", capacityBytes: 1 })).usedBytes()).toBe(
      datastore.usedBytes(),
    );
  });

  it("is not made where there is no room, and not over another", async () => {
    await expect(create("a.vmdk", "eagerZeroedThick", 11 * MIB)).rejects.toThrow(DatastoreFullError);
    expect(await readdir(dir)).toEqual([]);
    await create("a.vmdk", "thin", MIB);
    await expect(create("a.vmdk", "thin", MIB)).rejects.toMatchObject({ fault: "FileAlreadyExists" });
    await expect(create("none/a.vmdk", "thin", MIB)).rejects.toMatchObject({ fault: "FileNotFound" });
  });

  it("does not shrink, and does not grow beyond the datastore", async () => {
    await create("a.vmdk", "thick", 2 * MIB);
    await expect(extendDisk(datastore, "a.vmdk", 2 * MIB)).rejects.toThrow(RangeError);
    await expect(extendDisk(datastore, "a.vmdk", 20 * MIB)).rejects.toThrow(DatastoreFullError);
    expect(diskCapacity(await readDescriptor(datastore, "a.vmdk"))).toBe(2 * MIB);
  });

  it("is not its flat file", async () => {
    await create("a.vmdk", "thin", MIB);
    await expect(readDescriptor(datastore, "a-flat.vmdk")).rejects.toThrow(DiskFormatError);
    await expect(readDescriptor(datastore, "b.vmdk")).rejects.toMatchObject({ fault: "FileNotFound" });
  });
});

describe("a disk descriptor", () => {
  it("keeps what a delta disk says about its parent", () => {
    const text = [
      "# Disk DescriptorFile",
      "version=1",
      "CID=11112222",
      "parentCID=fffffffe",
      'createType="seSparse"',
      'parentFileNameHint="/vmfs/volumes/u/base/base.vmdk"',
      'RW 4096 SESPARSE "vm-000001-sesparse.vmdk"',
      'ddb.longContentID = "0"',
    ].join("\r\n");
    const descriptor = parseDescriptor(text);
    expect(descriptor).toMatchObject({
      cid: "11112222",
      parentCid: "fffffffe",
      parentFile: "/vmfs/volumes/u/base/base.vmdk",
      extents: [{ capacityBytes: 2 * MIB, type: "SESPARSE", file: "vm-000001-sesparse.vmdk" }],
    });
    expect(parseDescriptor(formatDescriptor(descriptor))).toEqual(descriptor);
  });

  it.each([
    "",
    "KDMV",
    '# Disk DescriptorFile\ncreateType="vmfs"\n',
    '# Disk DescriptorFile\nRW 1 VMFS "a"\n',
  ])("%j is none", (text) => {
    expect(() => parseDescriptor(text)).toThrow(DiskFormatError);
  });
});
