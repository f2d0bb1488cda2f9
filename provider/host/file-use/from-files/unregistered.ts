import { NfcError } from "../../../nfc/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import { isFault } from "../../../vim/faults.ts";
import { SERVES } from "../../../vim/tuning.ts";
import { disksOf, imagesOf, type VmxFileDevice } from "../../../vmx/devices.ts";
import { WITHOUT_NAME } from "../../../vmx/encoding.ts";
import { parseVmx } from "../../../vmx/vmx.ts";
import { VmxError } from "../../../vmx/vmx-error.ts";
import { isLinking } from "../../clone/linking-name.ts";
import { isAway } from "../../datastore/datastore-away.ts";
import { searchUncounted } from "../../datastore/datastore-listing.ts";
import {
  folderOf,
  formatDatastorePath,
  inFolder,
  isDatastorePath,
  parseDatastorePath,
} from "../../datastore/datastore-path.ts";
import { readHead } from "../../datastore/file-access.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { surely } from "../../grace.ts";
import { HostError } from "../../host-error.ts";
import { reachedDatastores, readDatastores } from "../../inventory/datastores.ts";
import { readAgain } from "../../marks/mark-file.ts";
import { Answers, perHost } from "../../per-host.ts";
import { onUnnamed, spelled } from "../file-names.ts";
import type { BaseOfUnreadable } from "../vm-uses.ts";
import { fileNamed, type Volumes } from "./file-named.ts";
import { basesOf } from "./unreadable-disks.ts";

/** A machine that is in no inventory of this host: somebody took it out, or another host has it that shares the datastore. */
export interface UnregisteredVm {
  /** Its .vmx file. */
  readonly vmxPath: string;
  /** Disks and images outside its own folder that it has, and disks there on which its disks build. */
  readonly needs: readonly (BaseOfUnreadable & { readonly as: "device" | "base" })[];
}

/** A .vmx file, with what tells whether it has changed. */
interface Found {
  readonly path: string;
  readonly stamp: string;
}

/** A media library may take too long to be searched. */
const PATIENCE_MS = 30_000;
/**
 * Faults of a host that lets nobody, or not this user, search, or not all folders. After others it may be searched
 * later.
 */
const NEVER = ["SecurityError", "NotSupported", "NotImplemented", "CannotAccessFile"];
/** No .vmx file is longer. */
const MOST_BYTES = 1_048_576;

const searches = perHost(() => new Answers<readonly Found[]>(SERVES.overviewMs));
const contents = perHost(() => new Answers<UnregisteredVm | undefined>());
/** Datastores that could not be searched. They are not asked again in this run. */
const closed = perHost(() => new Set<string>());
/** The .vmx files of machines that were registered at an earlier look. A search may be older than they are. */
const seen = perHost(() => new Set<string>());
/** Those of machines that this process has removed. */
const removed = perHost(() => new Set<string>());

/**
 * The machines on its datastores that this host does not have, and that need something outside their own folders. A
 * datastore that the host does not let this user search has none.
 * @param registered The .vmx files of the machines that the host has, in the spelling of `spelled`.
 * @param anew Whether to look again, whatever an earlier look has found.
 */
export async function unregisteredVms(
  host: EsxiHost,
  registered: ReadonlySet<string>,
  anew = false,
): Promise<readonly UnregisteredVm[]> {
  if (anew) for (const answers of [searches(host), contents(host)]) answers.forget();
  const isRegistered = (path: string) =>
    registered.has(path) || registered.has(onUnnamed(parseDatastorePath(path).path));
  const datastores = await reachedDatastores(host);
  const found = await Promise.all(
    datastores.map((name) => searches(host).get(name, () => search(host, name))),
  );
  const left = [...seen(host)].map((path) => ({ path, stamp: "" }));
  for (const path of registered) if (isDatastorePath(path)) seen(host).add(path);
  const strangers = [...found.flat(), ...left].filter(
    ({ path }) => !isRegistered(path) && !removed(host).has(path) && !isLinking(path),
  );
  const vms = await Promise.all(
    strangers.map(({ path, stamp }) => contents(host).get(`${path} ${stamp}`, () => readVm(host, path))),
  );
  return vms.filter((vm) => vm !== undefined);
}

/** To be called when this process has removed the machine with that .vmx file: nobody has it any more. */
export function rememberRemoved(host: EsxiHost, vmxPath: string): void {
  removed(host).add(spelled(vmxPath));
}

async function search(host: EsxiHost, datastore: string): Promise<readonly Found[]> {
  if (closed(host).has(datastore)) return [];
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const details = create("FileQueryFlags", {
    fileType: false,
    fileSize: true,
    modification: true,
    fileOwner: false,
  });
  const searchSpec = create("HostDatastoreBrowserSearchSpec", { details, matchPattern: ["*.vmx"] });
  const root = { datastore, path: "" };
  /** Undefined if the host does not let this user search it. */
  const look = async () => {
    try {
      return await searchUncounted(host, root, "SearchDatastoreSubFolders_Task", searchSpec, signal);
    } catch (error) {
      if (signal.aborted || NEVER.some((type) => isFault(error, type))) return undefined;
      // What is on a datastore that the host does not reach cannot be changed now.
      if (await isAway(host, datastore)) return [];
      throw error;
    }
  };
  // A fault that passes must end no deletion, and keep nothing of ours where a run clears away.
  const found = await surely(signal, look).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw unsearched(host, datastore, error);
  });
  if (found === undefined) closed(host).add(datastore);
  return (found ?? []).flatMap(({ folderPath = "", file = [] }) =>
    file.map(({ path, fileSize, modification }) => ({
      path: formatDatastorePath(inFolder(parseDatastorePath(folderPath), path)),
      stamp: `${fileSize} ${modification}`,
    })),
  );
}

const unsearched = (host: EsxiHost, datastore: string, cause: unknown) =>
  new HostError(
    `${host.name}: the datastore "${datastore}" could not be searched for machines that are not in the inventory, ` +
      `so it is not known what they need: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was changed. ` +
      "Run the same once more.",
    { cause },
  );

/** Undefined if the file is gone, cannot be understood, or is none that this user may read. */
async function readVm(host: EsxiHost, vmxPath: string): Promise<UnregisteredVm | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const vmx = parseDatastorePath(vmxPath);
  const read = () => readHead(host, vmx, MOST_BYTES, signal);
  const bytes = await readAgain(host, vmx, read, signal).catch((error: unknown) => {
    if (error instanceof NfcError && error.status === 403) return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const folder = folderOf(vmx);
  // On a volume without a name it may be anywhere.
  const isElsewhere = ({ datastore, path }: BaseOfUnreadable) =>
    datastore !== folder.datastore || folderOf({ datastore, path }).path !== folder.path;
  try {
    // In an encoding that is not known, most paths can still be read, and what they name is needed.
    const parsed = parseVmx(bytes, WITHOUT_NAME);
    let known: ReturnType<Volumes> | undefined;
    const volumes = () => (known ??= readDatastores(host));
    const files = (named: readonly VmxFileDevice[]) =>
      Promise.all(named.map(({ fileName }) => fileNamed(fileName, folder, volumes)));
    const [disks, images] = [await files(disksOf(parsed)), await files(imagesOf(parsed))];
    const bases = await Promise.all(
      disks.map(({ datastore = folder.datastore, path }) =>
        basesOf(host, { datastore, path }, volumes, signal),
      ),
    );
    const needs = [
      ...[...disks, ...images].map((file) => ({ ...file, as: "device" as const })),
      ...bases.flat().map((base) => ({ ...base, as: "base" as const })),
    ];
    return { vmxPath, needs: needs.filter(isElsewhere) };
  } catch (error) {
    if (error instanceof VmxError) return undefined;
    throw error;
  }
}
