/** The place where a VM was last. At power-on it shows whether the VM was moved or copied. */
import { createHash } from "node:crypto";
import { type DatastoreFile, volumePath } from "../../datastore/file.ts";
import { ethernetNumbers, generateMacs } from "../device/ethernet.ts";
import type { Vmx } from "../vmx.ts";
import { formatUuid, generateUuid, vmxUuid } from "./uuid.ts";

/** The value of `uuid.location` for a `.vmx` in this place on this host. */
export function locationUuid(hostUuid: string, vmxFile: DatastoreFile): string {
  const digest = createHash("sha256")
    .update(`${hostUuid}${volumePath(vmxFile)}`)
    .digest("hex");
  return vmxUuid(formatUuid(`564d${digest.slice(0, 28)}`) ?? "");
}

/** True if the `.vmx` was written in another place, and does not say itself how to treat that. */
export function isAltered(vmx: Vmx, location: string): boolean {
  const known = formatUuid(vmx.get("uuid.location") ?? "");
  return known !== undefined && known !== formatUuid(location);
}

/** Gives a copy its own identity: BIOS UUID and generated MAC addresses. It keeps vCenter's UUID. */
export function renewIdentity(vmx: Vmx): void {
  const uuid = generateUuid("564d");
  vmx.set("uuid.bios", vmxUuid(uuid));
  for (const number of ethernetNumbers(vmx)) {
    vmx.set(`ethernet${number}.generatedAddress`, undefined);
    vmx.set(`ethernet${number}.generatedAddressOffset`, undefined);
  }
  generateMacs(vmx, uuid);
}
