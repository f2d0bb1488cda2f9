import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { FileUses } from "../../../../provider/host/file-use/file-uses.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { BLANK_VM } from "../../../../provider/host/vm/settings/blank-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDisk, VirtualDiskFlatVer2BackingInfo } from "../../../../schema/index.ts";
import { connectTo } from "../../../support/esxi-host.ts";

/** A host that is never called; close it. */
export function silentHost(): EsxiHost {
  const thumbprint = "AA".repeat(32);
  return connectTo({ url: "https://127.0.0.1:1", username: "root", password: "pw", thumbprint });
}

/** A disk of those files, from the one that is written to down to the last that it builds on. */
export function diskWith(files: readonly string[], key = 2000, capacityInKB = 1024): VirtualDisk {
  return create("VirtualDisk", { key, capacityInKB, backing: backingOf(files) });
}

function backingOf([fileName = "", ...below]: readonly string[]): VirtualDiskFlatVer2BackingInfo {
  return create("VirtualDiskFlatVer2BackingInfo", {
    fileName,
    diskMode: "persistent",
    ...(below.length > 0 && { parent: backingOf(below) }),
  });
}

/** The machine "vm" in `[ds] vm`, with those disks and advanced settings. */
export const machineWith = (
  devices: readonly VirtualDevice[],
  extraConfig: Readonly<Record<string, string>> = {},
): ObservedVm => ({
  ...BLANK_VM,
  moid: "1",
  name: "vm",
  vmxPath: "[ds] vm/vm.vmx",
  devices,
  extraConfig: new Map(Object.entries(extraConfig)),
});

/** What one look found of the disks of the machine's snapshots. */
export const usesWith = (snapshotDisks: readonly (readonly string[])[]): FileUses => ({
  of: () => [],
  below: () => [],
  vmxPaths: new Set(),
  snapshotDisks: (moid) => (moid === "1" ? snapshotDisks : []),
});
