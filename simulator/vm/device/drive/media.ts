/** The medium of a drive: a file, a device of the host, or a client's own device. */

import { HOST_DRIVES, HOST_IMAGES } from "../../../core/devices.ts";
import { hostFile } from "../../../datastore/file.ts";
import { VimFault } from "../../../soap/fault.ts";
import type { Vmx } from "../../vmx.ts";
import { slotName, usedSlots } from "../bus.ts";
import type { DeviceContext } from "../context.ts";
import { isDisk } from "../virtual-disk.ts";
import { floppyNumbers } from "./floppy.ts";

/** Drives of CDs and floppies, by the name of their slot. */
export function drives(vmx: Vmx): string[] {
  const discs = usedSlots(vmx).filter((slot) => !isDisk(vmx, slot));
  return [...discs.map(slotName), ...floppyNumbers(vmx).map((number) => `floppy${number}`)];
}

/** True if the host can connect a drive to the medium in the `.vmx`. */
export async function hasMedia(context: DeviceContext, slot: string): Promise<boolean> {
  const { vmx } = context;
  if (vmx.flag(`${slot}.clientDevice`)) return false;
  const name = vmx.get(`${slot}.fileName`) ?? "";
  const isFile = /image/.test(vmx.get(`${slot}.deviceType`) ?? "") || vmx.get(`${slot}.fileType`) === "file";
  if (!isFile) return vmx.flag(`${slot}.autodetect`) || HOST_DRIVES.includes(name);
  if (name === "") return false;
  if (hostFile(name)) return HOST_IMAGES.includes(name);
  try {
    const { datastore, path } = context.resolve(context.datastorePath(name));
    return (await datastore.find(path))?.kind === "file";
  } catch {
    return false;
  }
}

/**
 * Connects a drive of a running VM to its present medium.
 *
 * @throws VimFault GenericVmConfigFault if the medium is not there
 */
export async function connectMedia(context: DeviceContext, slot: string): Promise<void> {
  if (context.connected?.get(slot) !== true || (await hasMedia(context, slot))) return;
  const reason = `Connection control operation failed for disk '${slot}'.`;
  throw new VimFault("GenericVmConfigFault", reason, { reason });
}
