import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import { spelled } from "../file-use/file-names.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/**
 * The setting of a machine that describes its image with the OVF environment. While the key is there, files with these
 * names in the machine's own folder were made for it, and are deleted with it.
 */
const ENVIRONMENT_KEY = "pulumi-esxi-direct.ovf-environment";

/**
 * Two names, so that a new image is whole before the old one leaves the drive. The names say nothing about the content:
 * with a digest in them, people could guess passwords.
 */
export const ISO_NAMES = ["pulumi-esxi-direct-ovf-env-a.iso", "pulumi-esxi-direct-ovf-env-b.iso"] as const;

/** The image that was written last. */
export interface EnvironmentIso {
  /** One of {@link ISO_NAMES}. */
  readonly file: string;
  /** SHA-256 of the document in it, in lower-case hex. The machine has the document itself in `guestinfo.ovfEnv`. */
  readonly sha256: string;
  /** Size in bytes and time of change, as the host lists them. */
  readonly size: number;
  readonly modified: string;
}

const NONE = "{}";

/** Says that such files are the machine's own, before the first is written and after the last is gone. */
export const CLAIM = { [ENVIRONMENT_KEY]: NONE };

/** The setting that describes that image. */
export const remembering = (iso: EnvironmentIso) => ({ [ENVIRONMENT_KEY]: JSON.stringify(iso) });

type Settings = Pick<ObservedVm, "extraConfig">;

/** The image that the machine's setting describes. Undefined if none was written. */
export function environmentIsoOf({ extraConfig }: Settings): EnvironmentIso | undefined {
  try {
    const iso: unknown = JSON.parse(extraConfig.get(ENVIRONMENT_KEY) ?? NONE);
    return isEnvironmentIso(iso) ? iso : undefined;
  } catch {
    return undefined;
  }
}

function isEnvironmentIso(iso: unknown): iso is EnvironmentIso {
  if (typeof iso !== "object" || iso === null) return false;
  const { file, sha256, size, modified } = iso as Record<string, unknown>;
  return (
    ISO_NAMES.some((name) => name === file) &&
    typeof sha256 === "string" &&
    typeof size === "number" &&
    typeof modified === "string"
  );
}

/** Whether files of these names in the machine's folder are its own. */
export const claimsEnvironmentIso = ({ extraConfig }: Settings): boolean => extraConfig.has(ENVIRONMENT_KEY);

/** Datastore path of one of {@link ISO_NAMES} in the folder of a machine. */
export const isoPath = (vmxPath: string, name: string): string => isoIn(parseDatastorePath(vmxPath), name);

const isoIn = (vmxPath: DatastorePath, name: string): string =>
  formatDatastorePath(inFolder(folderOf(vmxPath), name));

/** Datastore paths of all images that were made for a machine, whether or not they are there now. */
export function environmentFiles(vm: Pick<ObservedVm, "extraConfig" | "vmxPath">): readonly string[] {
  return claimsEnvironmentIso(vm) ? ISO_NAMES.map((name) => isoPath(vm.vmxPath, name)) : [];
}

/** Whether that file is the OVF environment of the machine with that `.vmx`. */
export const isEnvironmentOf = (vmxPath: DatastorePath, file: string): boolean =>
  ISO_NAMES.some((name) => spelled(isoIn(vmxPath, name)) === spelled(file));
