import { filesIn } from "../datastore/datastore-listing.ts";
import { folderOf, isBesideVm, parseDatastorePath } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { environmentFiles } from "../ovf-environment/iso-files.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { spelled } from "./file-names.ts";
import { fileUses } from "./file-uses.ts";
import { imageOf, packageImages } from "./package-images.ts";

/** Images for drives in the folder of a machine that is to be deleted. A host leaves them all. */
interface ImagesOnDelete {
  /** Images that were made for it and that nobody else needs, whether or not they are there. */
  readonly going: readonly string[];
  /** Why each other one stays, as a sentence. */
  readonly staying: readonly string[];
}

/**
 * What becomes of the images for drives in a machine's folder when it is deleted. The image with its OVF environment
 * always goes. An image from its OVA goes if no other machine needs it. All others stay.
 */
export async function imagesOnDelete(
  host: EsxiHost,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<ImagesOnDelete> {
  const environment = environmentFiles(vm).map(spelled);
  const made = packageImages(vm).map(spelled);
  const inDrives = vm.devices.flatMap(imageOf).filter((file) => isBesideVm(file, vm.vmxPath));
  const images = [...new Set([...made, ...inDrives.map(spelled)])].filter(
    (file) => !environment.includes(file),
  );
  if (images.length === 0) return { going: environment, staying: [] };
  const uses = await fileUses(host);
  const going: string[] = [];
  const staying: string[] = [];
  for (const file of images) {
    const others = uses.of(file).filter(({ moid }) => moid !== vm.moid);
    const users = [...new Set(others.map(({ name }) => `"${name}"`))].join(", ");
    if (made.includes(file) && users === "") going.push(file);
    else if (await isThere(host, file, signal)) staying.push(whyStaying(vm, file, users));
  }
  return { going: [...environment, ...going], staying };
}

async function isThere(host: EsxiHost, file: string, signal: AbortSignal): Promise<boolean> {
  const place = parseDatastorePath(file);
  return (await filesIn(host, folderOf(place), nameOf(place), signal)).length > 0;
}

const whyStaying = ({ name }: ObservedVm, file: string, users: string): string =>
  `"${name}" is deleted, but ${file} stays, because ` +
  `${users === "" ? `nothing says that it was made for "${name}"` : `${users} may need it`}. ` +
  "Delete that file yourself when nobody needs it any more.";
