import type { OptionValue, VirtualDevice, VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import {
  folderOf,
  formatDatastorePath,
  inFolder,
  isDatastorePath,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/**
 * The setting of a machine that lists the images for its drives which came in its OVA, by their names. Files with these
 * names in the machine's own folder were made for it. The call that makes the machine writes it, so it is there before
 * the first image is.
 */
const IMAGES_KEY = "pulumi-esxi-direct.images";
const ENDING = ".iso";

/** The specification of a machine from an OVA, with the setting that lists the images in its drives. */
export function claimingImages(spec: VirtualMachineConfigSpec): VirtualMachineConfigSpec {
  const names = (spec.deviceChange ?? [])
    .flatMap(({ device }) => imageOf(device))
    .filter(isDatastorePath)
    .map((file) => nameOf(parseDatastorePath(file)));
  if (names.length === 0) return spec;
  const claim: OptionValue = create("OptionValue", { key: IMAGES_KEY, value: names.join("\n") });
  return { ...spec, extraConfig: [...(spec.extraConfig ?? []), claim] };
}

/** Datastore paths of the images that came with a machine, whether or not they are there now. */
export function packageImages({
  extraConfig,
  vmxPath,
}: Pick<ObservedVm, "extraConfig" | "vmxPath">): string[] {
  const names = (extraConfig.get(IMAGES_KEY) ?? "").split("\n");
  // Everybody who can change the machine's settings can write anything there.
  const own = names.filter((name) => name.endsWith(ENDING) && !name.includes("/"));
  const folder = folderOf(parseDatastorePath(vmxPath));
  return folder.path === "" ? [] : own.map((name) => formatDatastorePath(inFolder(folder, name)));
}

/** The image in a CD drive. */
export function imageOf({ backing }: VirtualDevice): string[] {
  return isA(backing, "VirtualCdromIsoBackingInfo") && backing.fileName.toLowerCase().endsWith(ENDING)
    ? [backing.fileName]
    : [];
}
