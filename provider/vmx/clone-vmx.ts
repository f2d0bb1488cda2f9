import { adaptersOf, disksOf, imagesOf } from "./devices.ts";
import { isGuestKey, isIdentityKey } from "./identity-keys.ts";
import { newInstanceUuid } from "./new-uuid.ts";
import { writeInOwnFolder } from "./own-paths.ts";
import { addMissingBridges } from "./pci-bridges.ts";
import type { Vmx } from "./vmx.ts";
import { VmxError } from "./vmx-error.ts";

export interface VmxClone {
  /** The name that people see. */
  readonly displayName: string;
  /** File name of the NVRAM in the copy's folder. */
  readonly nvram: string;
  /** File of each disk by its device (`scsi0:0`). A disk that is not named here is left out. */
  readonly disks: ReadonlyMap<string, string>;
  /** Folder of the source in the host's own file system, for the images that the copy goes on using there. */
  readonly sourceFolder: string;
  /** Further keys. Undefined removes a key. */
  readonly settings?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The .vmx file of a copy. It is like the source's, but with its own identity, so the host asks no question when the
 * copy is powered on.
 *
 * @throws VmxError for a source that cannot be copied: encrypted, with a virtual TPM, or with a raw device.
 */
export function cloneVmx(source: Vmx, clone: VmxClone): Vmx {
  refuseUncopyable(source);
  const copy = source.copy();
  for (const { device } of disksOf(source)) {
    const fileName = clone.disks.get(device);
    if (fileName !== undefined) copy.set(`${device}.fileName`, fileName);
    else for (const key of keysOf(copy, device)) copy.delete(key);
  }
  const images = imagesOf(source);
  for (const { device, fileName } of images) {
    if (!fileName.startsWith("/")) copy.set(`${device}.fileName`, `${clone.sourceFolder}/${fileName}`);
  }
  const imageKeys = copy.keys().filter((key) => images.some(({ device }) => isFileOf(device, key)));
  writeInOwnFolder(copy, clone.sourceFolder, new Set(imageKeys));
  for (const number of adaptersOf(source)) copy.set(`ethernet${number}.addressType`, "generated");
  for (const key of copy.keys()) if (isIdentityKey(key) || isGuestKey(key)) copy.delete(key);
  copy.set("displayName", clone.displayName);
  copy.set("nvram", clone.nvram);
  // Not every host makes one when the file is registered.
  copy.set("vc.uuid", newInstanceUuid());
  for (const [key, value] of Object.entries(clone.settings ?? {})) {
    if (value === undefined) copy.delete(key);
    else copy.set(key, value);
  }
  addMissingBridges(copy);
  return copy;
}

const isFileOf = (device: string, key: string) => key.toLowerCase() === `${device.toLowerCase()}.filename`;

function refuseUncopyable(vmx: Vmx): void {
  const reason = whyUncopyable(vmx);
  if (reason === undefined) return;
  throw new VmxError(`"${vmx.get("displayName") ?? "The source"}" cannot be cloned: ${reason}.`);
}

function whyUncopyable(vmx: Vmx): string | undefined {
  if (vmx.keys().some((key) => /^(encryption\.(keysafe|data|bundle)|encryptedvm\.guid)$/i.test(key))) {
    return "it is encrypted, and a copy would need its key";
  }
  if (vmx.isTrue("vtpm.present")) return "it has a virtual TPM, whose secrets must not exist twice";
  const raw = disksOf(vmx).find(({ device }) => /raw|passthru/i.test(vmx.get(`${device}.deviceType`) ?? ""));
  if (raw) return `its disk ${raw.device} is a raw device`;
  return undefined;
}

const keysOf = (vmx: Vmx, device: string) =>
  vmx.keys().filter((key) => key.toLowerCase().startsWith(`${device.toLowerCase()}.`));
