/** The parts of a VM that device code needs. */
import type { ManagedObjectReference, VirtualMachinePowerState } from "../../../schema/index.ts";
import { datastoreRef } from "../../core/ids.ts";
import type { DatastoreFile, Volumes } from "../../datastore/file.ts";
import type { Vmx } from "../vmx.ts";

export type DiskLock = "exclusive" | "shared";

/** The content of the descriptor of an attached disk. */
export interface DiskFacts {
  readonly capacityBytes: number;
  readonly thin: boolean;
  readonly uuid: string;
  readonly eagerZeroed: boolean;
  /** CID of the descriptor. */
  readonly contentId: string;
  readonly isDelta: boolean;
  /** How a raw device is mapped, if the disk is one. */
  readonly rawMapping: "virtualMode" | "physicalMode" | undefined;
  /** For a format that hosts attach but do not run: whether it is split into several files. */
  readonly hosted: { readonly split: boolean } | undefined;
  /** Datastore path of the parent of a delta disk, if it is there. */
  readonly parent: string | undefined;
}

/** The datastore of a file that the `.vmx` names. Undefined if the host does not have it. */
export function datastoreOf(
  context: Pick<DeviceContext, "resolve">,
  path: string,
): ManagedObjectReference | undefined {
  try {
    return datastoreRef(context.resolve(path).datastore.uuid);
  } catch {
    return undefined;
  }
}

export interface DeviceContext {
  readonly vmx: Vmx;
  /** The VM's folder. */
  readonly folder: DatastoreFile;
  /** File name of the `.vmx` without its ending. Files of the VM are named after it. */
  readonly baseName: string;
  /**
   * Datastore path of a file that the `.vmx` names: a file in its folder, or a path below `/vmfs/volumes`. Of a volume
   * that the host does not have: `[] /vmfs/volumes/UUID/file`.
   */
  datastorePath(fileName: string): string;
  /** The opposite: the name of a file in the `.vmx`. */
  vmxName(file: DatastoreFile): string;
  /** @throws VimFault InvalidDatastorePath */
  resolve(datastorePath: string): DatastoreFile;
  diskFacts(datastorePath: string): DiskFacts | undefined;
  readonly volumes: Volumes;
  /** How running VMs use a disk: one writes to it, or some read it as the parent of their own. */
  lockOf(file: DatastoreFile): DiskLock | undefined;
  readonly networks: readonly string[];
  readonly powerState: VirtualMachinePowerState;
  readonly hasSnapshots: boolean;
  /** For a running VM: which slots of devices that can be unplugged are connected. Undefined for a VM that is off. */
  readonly connected: Map<string, boolean> | undefined;
}
