import { createHash } from "node:crypto";
import { isoImage } from "../../iso/image.ts";
import { bytesInMemory } from "../../ovf/source/bytes-in-memory.ts";
import { deleteFile } from "../datastore/datastore-files.ts";
import { type FolderEntry, findEntry, knownEntry, listFolder } from "../datastore/datastore-listing.ts";
import { folderOf, parseDatastorePath } from "../datastore/datastore-path.ts";
import { uploadToDatastore } from "../datastore/file-access.ts";
import { type SendOptions, sendAgain } from "../datastore/place-file.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { HostError } from "../host-error.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import type { VmWishes } from "../vm/settings/settings.ts";
import { observeWishes } from "../vm/settings/wishes.ts";
import type { VmControl } from "../vm/vm-control.ts";
import {
  CLAIM,
  claimsEnvironmentIso,
  type EnvironmentIso,
  environmentIsoOf,
  ISO_NAMES,
  isoPath,
  remembering,
} from "./iso-files.ts";

/** Guests know the volume by this label, and the one file by its name. Both are from DSP0243, transport "ISO". */
const LABEL = "OVF ENV";
const FILE = "ovf-env.xml";
const REMOVE = "remove its old OVF environment";

/** The desired OVF environment on a CD, or that the machine is to have none. */
export interface EnvironmentCd {
  /** The document. Undefined for none. */
  readonly document: string | undefined;
  /** Whether its drive is added and removed with it, because the program lists all other drives. */
  readonly isExtra: boolean;
}

interface PlaceOptions extends SendOptions {
  readonly control: VmControl;
}

/** What to do once the image is there. */
export interface PlacedIso {
  /** The changes that put it into a drive, and that record it in the machine's settings. */
  readonly wishes: VmWishes;
  /** Images to delete with {@link removeOldIsos} once these changes are made. */
  readonly old: readonly string[];
}

/**
 * Puts the image with the document into the machine's own folder, unless the image that is there holds it. The old
 * image stays in its drive until the changes are made.
 *
 * @throws HostError before anything is changed, if another machine needs an image that is to be deleted.
 */
export async function placeIso(
  host: EsxiHost,
  vm: ObservedVm,
  { document, isExtra }: EnvironmentCd,
  options: PlaceOptions,
): Promise<PlacedIso> {
  const isClaimed = claimsEnvironmentIso(vm);
  if (document === undefined && !isClaimed) return { wishes: {}, old: [] };
  const there = isClaimed ? await isosOf(host, vm, options.signal) : [];
  const files = there.map(({ name }) => isoPath(vm.vmxPath, name));
  if (document === undefined) {
    await refuseWhileNeeded(host, { files, owner: vm, doing: REMOVE });
    return { wishes: { environmentDrive: { file: undefined, isExtra }, extraConfig: CLAIM }, old: files };
  }
  const sha256 = createHash("sha256").update(document).digest("hex");
  const before = environmentIsoOf(vm);
  const isRight = before?.sha256 === sha256 && there.some((entry) => isAsWritten(entry, before));
  if (!isRight || files.length > 1) await refuseWhileNeeded(host, { files, owner: vm, doing: REMOVE });
  const iso = isRight ? before : await writeIso(host, vm, { document, sha256 }, options);
  const file = isoPath(vm.vmxPath, iso.file);
  const wishes = { environmentDrive: { file, isExtra }, extraConfig: remembering(iso) };
  return { wishes, old: files.filter((each) => each !== file) };
}

/** Deletes images that no drive of the machine has any more. {@link placeIso} has checked that nobody needs them. */
export async function removeOldIsos(
  host: EsxiHost,
  old: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const file of old) await deleteFile(host, file, signal);
}

async function writeIso(
  host: EsxiHost,
  vm: ObservedVm,
  { document, sha256 }: { readonly document: string; readonly sha256: string },
  options: PlaceOptions,
): Promise<EnvironmentIso> {
  const { control, signal, onStatus } = options;
  // From here on, a run that deletes the machine deletes the image as well.
  if (!claimsEnvironmentIso(vm)) {
    await control.reconfigure(vm, { extraConfig: CLAIM }, signal);
  }
  const file = environmentIsoOf(vm)?.file === ISO_NAMES[0] ? ISO_NAMES[1] : ISO_NAMES[0];
  const target = parseDatastorePath(isoPath(vm.vmxPath, file));
  onStatus("writing the OVF environment");
  const source = bytesInMemory(FILE, isoImage(LABEL, { [FILE]: document }));
  const send = async () => {
    await findEntry(host, target, signal);
    await uploadToDatastore(host, source, target, FILE, undefined, options);
  };
  await host.transfers.run(() => sendAgain(options, send), signal);
  const entry = await findEntry(host, target, signal);
  if (entry) return { file, sha256, size: entry.size, modified: entry.modified };
  throw new HostError(
    `${host.name} took ${isoPath(vm.vmxPath, file)}, but does not list it now. Run \`pulumi up\` again.`,
  );
}

/** The images that are in the machine's folder now. */
async function isosOf(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<readonly FolderEntry[]> {
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  return ((await listFolder(host, folder, signal)) ?? []).filter(({ name }) =>
    ISO_NAMES.some((each) => each === name),
  );
}

/** Whether a drive of the machine has the image that was written last, unchanged, at power-on. */
export async function hasIso(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<boolean> {
  const iso = environmentIsoOf(vm);
  if (iso === undefined) return false;
  const { environmentDrive } = observeWishes(vm, { environmentDrive: { file: undefined, isExtra: false } });
  const file = isoPath(vm.vmxPath, iso.file);
  if (environmentDrive?.file !== file) return false;
  const entry = await knownEntry(host, parseDatastorePath(file), signal);
  return entry !== undefined && isAsWritten(entry, iso);
}

const isAsWritten = (entry: FolderEntry, { file, size, modified }: EnvironmentIso): boolean =>
  entry.name === file && entry.size === size && entry.modified === modified;
