/** VMs whose disks have parents, made by hand. */
import { createHash, randomBytes } from "node:crypto";
import type { Simulator } from "../../../../simulator/index.ts";
import { digestOf } from "../../../support/collect.ts";
import { createVm, disk, SCSI } from "../../host/lab.ts";
import type { RawClient } from "../../host/raw-client.ts";

export const CAPACITY_KB = 8192;

/** A disk of this capacity whose parent is another. */
export function childDisk(parent: string, fileName = "", capacityInKb = CAPACITY_KB): string {
  return disk(capacityInKb, fileName).replace(
    "<thinProvisioned>true</thinProvisioned>",
    `<parent><fileName>${parent}</fileName><diskMode>persistent</diskMode></parent>`,
  );
}

/** A VM whose guest has written to its one disk, powered off again. @returns its `VirtualMachine:id` */
export async function createBase(simulator: Simulator, client: RawClient, name = "base"): Promise<string> {
  const vm = await createVm(client, name, { tail: SCSI + disk(CAPACITY_KB) });
  await client.task("PowerOnVM_Task", vm);
  const moid = vm.split(":")[1] ?? "";
  await simulator.writeAsGuest(moid, { offsetBytes: 1_000_000, data: randomBytes(300_000) });
  await client.task("PowerOffVM_Task", vm);
  return vm;
}

export async function createLinked(
  client: RawClient,
  name: string,
  parent = "[datastore1] base/base.vmdk",
): Promise<string> {
  return await createVm(client, name, { tail: SCSI + childDisk(parent) });
}

/** SHA-256 of what the guest of a disk reads. */
export async function guestDigest(simulator: Simulator, path: string): Promise<string> {
  return (await digestOf(simulator.readDisk(path))).sha256;
}

export async function guestBytes(simulator: Simulator, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of simulator.readDisk(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
