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

/** By which guests know the volume, and the one file on it. DSP0243, "ISO" transport, has both. */
const LABEL = "OVF ENV";
const FILE = "ovf-env.xml";
const REMOVE = "remove its old OVF environment";

/** The OVF environment on a CD: what a machine is to have, or that it is to have none. */
export interface EnvironmentCd {
  /** The document; undefined for none. */
  readonly document: string | undefined;
  /** Whether its drive comes and goes with it, because the program lists all others. */
  readonly isExtra: boolean;
}

interface PlaceOptions extends SendOptions {
  readonly control: VmControl;
}

/** What is to follow once the image is there. */
export interface PlacedIso {
  /** What makes a drive have it, and the machine remember it. */
  readonly wishes: VmWishes;
  /** Images that are to go once these are carried out, for {@link removeOldIsos}. */
  readonly old: readonly string[];
}

/**
 * Puts the image with the document into the machine's own folder, unless the one that is there holds it. The old image stays
 * in its drive until the wishes are carried out.
 *
 * @throws HostError before anything is changed if another machine needs an image that is to go.
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

/** Removes images that no drive of the machine has any more; {@link placeIso} has asked who needs them. */
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
  // From here on whoever deletes the machine deletes the image as well.
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
    `${host.name} does not have ${isoPath(vm.vmxPath, file)} although it has just taken it. Run \`pulumi up\` again.`,
  );
}

/** The images that are in the machine's folder now. */
async function isosOf(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<readonly FolderEntry[]> {
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  return ((await listFolder(host, folder, signal)) ?? []).filter(({ name }) =>
    ISO_NAMES.some((each) => each === name),
  );
}

/** Whether the machine has the image that was written last in a drive at power-on, as it was written. */
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
